/** What an open wallet asks of issuers once it has a network; what comes of it is shown if the wallet is open still. */

import { askForPending, isComingBackDue, isPendingDue, topUp } from "./coming_back";
import { adopt, vault } from "./state";
import { checkStatuses, isCheckDue } from "./status_check";
import type { Content, Vault } from "./vault";

/** Asks what is due, without a word where it can't be had: it is asked again the next time. */
export async function catchUp(opened: Vault): Promise<void> {
  const steps: [(content: Content, now: number) => boolean, (current: Vault, now: number) => Promise<Vault>][] = [
    [isPendingDue, askForPending],
    [isComingBackDue, topUp],
    [isCheckDue, async (current, now) => (await checkStatuses(current, now)).vault],
  ];
  for (const [isDue, ask] of steps) {
    const current = vault.value;
    if (!navigator.onLine || current === null || current.id !== opened.id) return;
    // Without a network, cards say how old their status is, and what is pending stays so.
    if (isDue(current.content, seconds())) await ask(current, seconds()).then(adopt, () => undefined);
  }
}

/** Asks the issuers of all cards for their statuses. Returns how many credentials could not be checked. */
export async function checkNow(opened: Vault): Promise<number> {
  const checked = await checkStatuses(opened, seconds());
  await adopt(checked.vault);
  return checked.failed;
}

const seconds = () => Math.floor(Date.now() / 1000);
