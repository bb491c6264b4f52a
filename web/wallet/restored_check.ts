/** Asking about cards from a backup that could not be verified when it was restored. */

import type { HeldCredential } from "./held_credential";
import { deleteHolderKey } from "./holder_keys";
import { checkRestored, withoutLeftOut } from "./restored";
import { type Content, changeContent, type Vault } from "./vault";

export function hasUnverified({ credentials }: Content): boolean {
  return credentials.some(({ unverified }) => unverified === true);
}

/** The vault after asking about what is not verified yet. */
export async function verifyRestored(vault: Vault, now: number): Promise<Vault> {
  const { credentials } = vault.content;
  const { kept, leftOut } = await checkRestored(
    credentials.filter(({ unverified }) => unverified === true),
    now,
  );
  // By their keys, which this phone has named: what else a backup says, ids too, may be there twice.
  const verified = new Map(kept.flatMap((each) => (each.unverified ? [] : [[each.keyId, each] as const])));
  const bad = new Set(leftOut.map(({ keyId }) => keyId));
  if (verified.size === 0 && bad.size === 0) return vault;
  const changed = await changeContent(vault, (content) => {
    const staying = content.credentials.filter(({ keyId }) => !bad.has(keyId));
    const credentials = staying.map((each) => ({ ...(verified.get(each.keyId) ?? each), ...usedOf(each) }));
    return withoutLeftOut(
      { ...content, credentials },
      content.credentials.filter(({ keyId }) => bad.has(keyId)),
    );
  });
  // A key that stays behind does no harm.
  await Promise.all([...bad].map(deleteHolderKey)).catch(() => undefined);
  return changed;
}

/** The vault whose holder has read what was left out. */
export function forgetLeftOut(vault: Vault): Promise<Vault> {
  return changeContent(vault, ({ leftOut: _, ...content }) => content);
}

function usedOf({ usedAt }: HeldCredential): Pick<HeldCredential, "usedAt"> {
  return usedAt === undefined ? {} : { usedAt };
}
