/** Keeps the provider's backup of the open wallet up to date, after each change and once there is a network again. */

import { effect, signal } from "@preact/signals";
import { bringBackupUpToDate } from "./online_backup";
import { adopt, vault } from "./state";

/** Whether the last change has not reached the provider yet. */
export const backupWaits = signal(false);

export function followWithBackup(): void {
  effect(() => {
    if (vault.value?.content.onlineBackup !== undefined) void follow();
  });
  addEventListener("online", () => void follow());
}

async function follow(): Promise<void> {
  const opened = vault.peek();
  if (opened?.content.onlineBackup === undefined) return;
  try {
    const current = await bringBackupUpToDate(opened);
    backupWaits.value = false;
    if (current.content.onlineBackup?.version !== opened.content.onlineBackup.version) await adopt(current);
  } catch {
    backupWaits.value = true;
  }
}
