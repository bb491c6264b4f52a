/** What an open wallet asks of issuers once it has a network; what comes of it is shown if the wallet is open still. */

import { askForPending, isComingBackDue, isPendingDue, topUp } from "./coming_back";
import { hasUnverified, verifyRestored } from "./restored_check";
import { adopt, vault } from "./state";
import { checkStatuses, isCheckDue } from "./status_check";
import type { Content, Vault } from "./vault";

interface Step {
  isDue: (content: Content, now: number) => boolean;
  ask: (current: Vault, now: number) => Promise<Vault>;
  /** How long an issuer is left alone after it was asked, whatever came of it. */
  restSeconds: number;
}

const STEPS: Step[] = [
  { isDue: hasUnverified, ask: verifyRestored, restSeconds: 30 },
  { isDue: isPendingDue, ask: askForPending, restSeconds: 30 },
  { isDue: isComingBackDue, ask: topUp, restSeconds: 30 },
  { isDue: isCheckDue, ask: async (current, now) => (await checkStatuses(current, now)).vault, restSeconds: 300 },
];
const askedAt = new Map<string, number>();

/** Asks what is due, without a word where it can't be had: it is asked again some time later. */
export async function catchUp(opened: Vault): Promise<void> {
  for (const [index, { isDue, ask, restSeconds }] of STEPS.entries()) {
    const current = vault.value;
    if (!navigator.onLine || current === null || current.id !== opened.id) return;
    const key = `${index} ${current.id}`;
    const now = seconds();
    if (Math.abs(now - (askedAt.get(key) ?? 0)) < restSeconds || !isDue(current.content, now)) continue;
    askedAt.set(key, now);
    // Without a network, cards say how old their status is, and what is pending stays so.
    await ask(current, now).then(adopt, () => undefined);
  }
}

/** Asks about the issuers of cards from a backup, and the issuers of all cards for their statuses. Returns how many credentials could not be checked. */
export async function checkNow(opened: Vault): Promise<number> {
  const asked = hasUnverified(opened.content) ? await verifyRestored(opened, seconds()) : opened;
  const checked = await checkStatuses(asked, seconds());
  await adopt(checked.vault);
  return checked.failed + (hasUnverified(checked.vault.content) ? 1 : 0);
}

const seconds = () => Math.floor(Date.now() / 1000);
