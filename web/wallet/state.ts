/** What the app shows, as signals: which screen, and the vault that is open. */

import { signal } from "@preact/signals";
import { focusHeading } from "../shared/ui";
import type { ReadOffer } from "./issuance";
import type { ReadRequest } from "./presentation";
import { type Profile, reload, type Vault } from "./vault";

export type Screen =
  | { name: "language" }
  | { name: "profiles" }
  | { name: "new_profile" }
  | { name: "unlock"; profile: Profile }
  | { name: "cards" }
  | { name: "settings" }
  | { name: "change_pin" }
  | { name: "passkey" }
  | { name: "online_backup" }
  | { name: "recover" }
  | { name: "forget" }
  | { name: "restore" }
  | { name: "add" }
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

/** An offer that the app was opened with, until it is dealt with. */
export const waitingOffer = signal<ReadOffer | null>(null);

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

/** Where an open wallet begins: with what the app was opened for. */
export function begin(): void {
  if (waitingOffer.value !== null) go({ name: "add" });
  else if (waitingRequest.value !== null) go({ name: "answer" });
  else go({ name: waitingInbox.value ? "inbox" : "cards" });
  waitingInbox.value = false;
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
  waitingOffer.value = null;
  waitingRequest.value = null;
  go({ name: "profiles" });
}
