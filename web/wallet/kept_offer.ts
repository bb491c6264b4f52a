/**
 * The offer that is being taken, kept for this window's next load: a small phone may unload the app while its owner looks for
 * the code in another. The code itself is kept nowhere.
 */

import { type ReadOffer, readOffer } from "./issuance";

const KEPT = "offer";

interface Kept {
  link: string;
  vaultId: string | null;
}

/** `vaultId` is the wallet that is open, whose the offer is from then on; null where none is yet. */
export function keepOffer({ link }: ReadOffer, vaultId: string | null): void {
  const kept: Kept = { link, vaultId };
  sessionStorage.setItem(KEPT, JSON.stringify(kept));
}

/** What was kept for that wallet. */
export function keptOffer(vaultId: string | null): ReadOffer | null {
  const found = kept();
  return found === null || found.vaultId !== vaultId ? null : readOffer(found.link);
}

/** The wallet whose offer was kept in this window; null where none was, or of nobody's yet. */
export function keptOfferOwner(): string | null {
  return kept()?.vaultId ?? null;
}

function kept(): Kept | null {
  return JSON.parse(sessionStorage.getItem(KEPT) ?? "null") as Kept | null;
}

export function forgetKeptOffer(): void {
  sessionStorage.removeItem(KEPT);
}
