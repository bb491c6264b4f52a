/** What an open wallet asks of issuers once it has a network; what comes of it is shown if the wallet is open still. */

import { vault } from "./state";
import { checkStatuses, isCheckDue } from "./status_check";
import type { Vault } from "./vault";

/** Asks what is due, without a word where it can't be had: it is asked again the next time. */
export async function catchUp(opened: Vault): Promise<void> {
  if (!navigator.onLine) return;
  try {
    if (isCheckDue(opened.content, seconds())) await checkNow(opened);
  } catch {
    // Without a network the cards say how old their status is.
  }
}

/** Asks the issuers of all cards for their statuses. Returns how many credentials could not be checked. */
export async function checkNow(opened: Vault): Promise<number> {
  const checked = await checkStatuses(opened, seconds());
  showIfOpen(checked.vault);
  return checked.failed;
}

function showIfOpen(changed: Vault): void {
  if (vault.value?.id === changed.id) vault.value = changed;
}

const seconds = () => Math.floor(Date.now() / 1000);
