/** What a wallet's credentials are to their holder: cards. The formats and copies of one credential are one card. */

import type { HeldCredential } from "./held_credential";
import { statusReference } from "./status_list";
import type { Content } from "./vault";

const STALE_SECONDS = 24 * 3600;

const WANTED_FIRST = ["InsuranceCoverage", "HealthId", "MigrantWorkerCard"];

/** What tells apart two credentials of one type and issuer that are not of the same thing. */
const ABOUT = ["health_id", "dependant_health_id", "appointment_ref", "visit_number"] as const;

/** A card; `held` is the fullest of its credentials, the newest first. `id` stays when copies come and go. */
export interface Card {
  id: string;
  held: HeldCredential;
  all: HeldCredential[];
}

/** How a card stands, and why; times are in seconds since 1970. `good` and `old` were found valid at `checkedAt`. */
export type Standing =
  | { kind: "revoked" | "suspended" | "good" | "old"; checkedAt: number }
  | { kind: "not_yet"; from: string }
  | { kind: "expired" | "unchecked" | "no_list" };

/** The cards, the newest first. */
export function cardsOf(credentials: readonly HeldCredential[]): Card[] {
  const groups = new Map<string, HeldCredential[]>();
  for (const each of [...credentials].sort((one, other) => other.issuedAt - one.issuedAt)) {
    const key = [each.vct, each.issuer, ...ABOUT.map((name) => each.claims[name] ?? "")].join("\n");
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return [...groups].map(([id, all]) => {
    const held = all.find(({ format }) => format === "dc+sd-jwt") ?? (all[0] as HeldCredential);
    return { id, held, all };
  });
}

/** The card of that id, or that a credential of that id is part of. */
export function cardWith(credentials: readonly HeldCredential[], id: string): Card | undefined {
  return cardsOf(credentials).find((card) => card.id === id || card.all.some((each) => each.id === id));
}

/** What is known of a card at `now`: never "valid" alone where nobody asked its issuer lately. */
export function standingOf(card: Card, statuses: Content["statuses"], now: number): Standing {
  const counted = newestOfEachFormat(card.all.filter(({ expiresAt }) => now < expiresAt));
  const known = counted.flatMap(({ id }) => statuses?.[id] ?? []);
  const withdrawn =
    known.find(({ status }) => status === "revoked") ?? known.find(({ status }) => status === "suspended");
  if (withdrawn !== undefined && withdrawn.status !== "valid")
    return { kind: withdrawn.status, checkedAt: withdrawn.checkedAt };
  if (counted.length === 0) return { kind: "expired" };
  if (counted.some(({ unverified }) => unverified)) return { kind: "unchecked" };
  const { covered_from: from } = card.held.claims;
  if (typeof from === "string" && from > dayInThailand(now)) return { kind: "not_yet", from };
  const listed = counted.filter((held) => statusReference(held) !== null);
  if (listed.length === 0) return { kind: "no_list" };
  if (known.length < listed.length) return { kind: "unchecked" };
  const checkedAt = Math.min(...known.map((each) => each.checkedAt));
  return { kind: now - checkedAt < STALE_SECONDS ? "good" : "old", checkedAt };
}

/** What was issued before says nothing of the card any more: it may have been revoked when the new one came. */
function newestOfEachFormat(newestFirst: readonly HeldCredential[]): HeldCredential[] {
  return newestFirst.filter((each, at) => newestFirst.findIndex(({ format }) => format === each.format) === at);
}

/** The newest QR pass of a card that is still valid at `now`. */
export function passOf(card: Card, now: number): HeldCredential | undefined {
  return card.all.find(({ format, expiresAt }) => format === "qr_pass" && now < expiresAt);
}

/** The cards in the order in which a hospital wants them: who pays, then who somebody is; last what does not count now. */
export function inOrder(cards: readonly Card[], statuses: Content["statuses"], now: number): Card[] {
  const rank = (card: Card) => {
    const counts = !["revoked", "suspended", "expired", "not_yet"].includes(standingOf(card, statuses, now).kind);
    const place = WANTED_FIRST.findIndex((name) => card.held.vct.includes(`:${name}:`));
    return (counts ? 0 : 100) + (place === -1 ? WANTED_FIRST.length : place);
  };
  return [...cards].sort((one, other) => rank(one) - rank(other));
}

/** The day in Thailand, YYYY-MM-DD. */
export function dayInThailand(seconds: number): string {
  return new Date((seconds + 7 * 3600) * 1000).toISOString().slice(0, 10);
}
