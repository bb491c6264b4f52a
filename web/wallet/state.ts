/** What the app shows, as signals: which screen, and the vault that is open. */

import { effect, signal } from "@preact/signals";
import { focusHeading } from "../shared/ui";
import type { AuthorizationResponse } from "./authorization_response";
import type { DescribedOffer, ReadOffer } from "./issuance";
import { forgetKeptOffer, keepOffer, keptOffer, keptOfferOwner } from "./kept_offer";
import type { KnownIssuer } from "./known_issuers";
import { isOnItsWay, openAuthorizations } from "./pending";
import type { ReadRequest } from "./presentation";
import { type Profile, profiles, reload, type Vault } from "./vault";

export type Screen =
  | { name: "language" }
  | { name: "first_run" }
  | { name: "profiles" }
  | { name: "new_profile" }
  | { name: "unlock"; profile: Profile }
  | { name: "cards" }
  | { name: "have_backup" }
  | { name: "settings" }
  | { name: "rename" }
  | { name: "change_pin" }
  | { name: "passkey" }
  | { name: "online_backup" }
  | { name: "recover" }
  | { name: "forget" }
  | { name: "restore" }
  | { name: "add" }
  | { name: "choose_cards"; issuer: KnownIssuer }
  | { name: "back_from_page" }
  | { name: "backup" }
  | { name: "answer" }
  | { name: "inbox" }
  | { name: "message"; id: string }
  | { name: "history" }
  | { name: "card"; id: string }
  | { name: "show"; id: string }
  | { name: "answer_challenge"; id: string }
  | { name: "print"; id: string };

export const screen = signal<Screen>({ name: "language" });
export const vault = signal<Vault | null>(null);

/** Who has a wallet on this phone, as it was when that was last shown. */
export const people = signal<readonly Profile[]>([]);

/** An offer that the app was opened with or that was scanned, until it is dealt with. */
export const waitingOffer = signal<ReadOffer | null>(null);

/** What the waiting offer is for, once its issuer was asked. */
export const describedOffer = signal<DescribedOffer | null>(null);

effect(() => {
  if (waitingOffer.value !== null) keepOffer(waitingOffer.value, vault.value?.id ?? null);
});

/** Taken or not, it is dealt with. */
export function dropOffer(): void {
  waitingOffer.value = null;
  describedOffer.value = null;
  forgetKeptOffer();
}

/**
 * What the app was opened with by an issuer's page, until a wallet has taken it or its holder let it go. The address has it as
 * long, for the next load; without what its own wallet keeps, nobody can do anything with it.
 */
export const waitingResponse = signal<AuthorizationResponse | null>(null);

export function dropResponse(): void {
  waitingResponse.value = null;
  history.replaceState(null, "", location.pathname);
}

/** Whether the app was opened for its messages, by a notice; until they are shown. */
export const waitingInbox = signal(false);

let adopting: Promise<void> = Promise.resolve();

/**
 * Shows a vault that was changed meanwhile, unless another or none is open now: as the disk has it, one change after the
 * other, since changes may be told of in another order than they were made.
 */
export function adopt(changed: Vault): Promise<void> {
  adopting = adopting.then(async () => {
    if (vault.value?.id !== changed.id) return;
    const newest = await reload(changed).catch(() => changed);
    if (vault.value?.id === newest.id) vault.value = newest;
  });
  return adopting;
}

/** A desk's request that the app was opened with, or that was scanned where an offer was expected. */
export const waitingRequest = signal<ReadRequest | null>(null);

export async function seePeople(): Promise<void> {
  people.value = await profiles();
}

/** Where the phone begins while no wallet is open: with whose is to be opened; with none yet, at the first offer. */
export async function goToStart(): Promise<void> {
  await seePeople();
  waitingOffer.value ??= keptOffer(null);
  const owner = people.value.find(({ id }) => waitingResponse.value !== null && id === keptOfferOwner());
  if (owner !== undefined) go({ name: "unlock", profile: owner });
  else if (people.value.length > 0) go({ name: "profiles" });
  else if (waitingResponse.value !== null) go({ name: "back_from_page" });
  else go({ name: waitingOffer.value === null ? "first_run" : "add" });
}

/** Leaves the offer, whatever was done of it. */
export async function leaveOffer(): Promise<void> {
  // Known before the offer goes: its screen without one scans for another, and asks for the camera.
  if (vault.value === null) await seePeople();
  dropOffer();
  if (vault.value !== null) go({ name: "cards" });
  else go({ name: people.value.length > 0 ? "profiles" : "first_run" });
}

/** Where an open wallet begins: with what the app was opened for, and else with what it has not finished. */
export function begin(): void {
  waitingOffer.value ??= keptOffer(vault.value?.id ?? null);
  // Whose code was taken already goes on by itself, and the first screen shows it.
  if (vault.value !== null && isOnItsWay(vault.value.content, waitingOffer.value?.link ?? "")) dropOffer();
  const link = waitingOffer.value?.link ?? null;
  const unredeemed = vault.value === null ? [] : unredeemedOffers(vault.value);
  if (waitingResponse.value !== null) go({ name: "back_from_page" });
  else if (link !== null && !unredeemed.includes(link)) go({ name: "add" });
  else if (waitingRequest.value !== null) go({ name: "answer" });
  else if (waitingInbox.value) go({ name: "inbox" });
  else go({ name: unredeemed.length > 0 ? "back_from_page" : "cards" });
  waitingInbox.value = false;
}

/** The offers that an issuer's page has answered, and whose codes have brought nothing yet. */
function unredeemedOffers({ content }: Vault): string[] {
  const answered = openAuthorizations(content, Date.now() / 1000).filter(({ code }) => code !== null);
  return answered.map(({ offer }) => offer);
}

/** Whether something failed that no screen waited for; until another screen is shown. */
export const failed = signal(false);

export function go(to: Screen): void {
  screen.value = to;
  failed.value = false;
  scrollTo(0, 0);
  focusHeading();
}

/** Forgets what was opened, which only a lock's key brings back, and what it was to deal with: another may open theirs next. */
export function lock(): void {
  vault.value = null;
  dropOffer();
  waitingRequest.value = null;
  go({ name: "profiles" });
}
