/**
 * What a backup holds of a wallet, the same in a file and at the provider: JSON with its `credentials` and its `history`. Backups
 * of earlier versions have no `history`, and the readers of then pass over it.
 */

import type { HeldCredential } from "./held_credential";
import { mergeShares, type Share, sharesIn } from "./shares";
import type { Content } from "./vault";

export interface BackedUp {
  credentials: readonly HeldCredential[];
  history: readonly Share[];
}

export function backedUpOf({ credentials, history }: Content): BackedUp {
  return { credentials, history: history ?? [] };
}

export function encodeBackedUp({ credentials, history }: BackedUp): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify({ credentials, history }));
}

/** Throws where the bytes are no backup's. */
export function parseBackedUp(bytes: BufferSource): BackedUp {
  const { credentials, history } = JSON.parse(new TextDecoder().decode(bytes)) as Partial<BackedUp>;
  if (!Array.isArray(credentials) || !credentials.every(isHeld)) throw new TypeError("no credentials");
  return { credentials, history: mergeShares([], sharesIn(history)) };
}

/** What either phone has: a copy that one of them has shown is used, and what only the other has ends when it expires. */
export function mergeBackedUp(mine: BackedUp, theirs: BackedUp, now: number): BackedUp {
  const others = new Map(theirs.credentials.map((each) => [each.id, each]));
  const used = mine.credentials.map((each) => {
    const usedAt = each.usedAt ?? others.get(each.id)?.usedAt;
    return usedAt === undefined ? each : { ...each, usedAt };
  });
  const ids = new Set(mine.credentials.map(({ id }) => id));
  return {
    credentials: [...used, ...theirs.credentials.filter(({ id, expiresAt }) => !ids.has(id) && now < expiresAt)],
    history: mergeShares(mine.history, theirs.history),
  };
}

/** Whether a value has a credential's form; what it says is verified by whoever restores it. */
function isHeld(value: Partial<HeldCredential> | null): boolean {
  const { id, format, vct, credential, issuer, issuerName, claims, privateJwk, issuedAt, expiresAt } = value ?? {};
  return (
    [id, format, vct, credential, issuer, issuerName].every((text) => typeof text === "string") &&
    [claims, privateJwk].every((members) => typeof members === "object" && members !== null) &&
    [issuedAt, expiresAt].every(Number.isSafeInteger)
  );
}
