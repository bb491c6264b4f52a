/**
 * Cards from a backup, checked as those are that an issuer sends: whoever wrote the backup may have put anything into it. What
 * its issuer did not sign, or may not issue, is left out, and the holder told. What nobody can be asked about now is kept as not
 * verified, and asked about once there is a network.
 */

import { cardsOf } from "./cards";
import type { HeldCredential } from "./held_credential";
import type { PublicJwk } from "./holder_keys";
import { askingOnce, type resolveIssuer, UntrustedIssuer } from "./issuer_trust";
import { BadCredential, NotYetInForce, verifyReceived } from "./received";
import type { Content } from "./vault";

/** What of a backup is kept, as its issuers signed it, and what is not. */
export interface Checked {
  kept: HeldCredential[];
  leftOut: HeldCredential[];
}

export async function checkRestored(credentials: readonly HeldCredential[], now: number): Promise<Checked> {
  const checked: Checked = { kept: [], leftOut: [] };
  const resolve = askingOnce();
  for (const held of credentials) {
    const found = await check(held, now, resolve);
    if (found === null) checked.leftOut.push(held);
    else checked.kept.push(found);
  }
  return checked;
}

/** The content, whose holder is to be told of what was left out. A backup at the provider has it still, until it expires. */
export function withoutLeftOut(content: Content, leftOut: readonly HeldCredential[]): Content {
  if (leftOut.length === 0) return content;
  const told = { ...content, leftOut: (content.leftOut ?? 0) + cardsOf(leftOut).length };
  return content.onlineBackup === undefined
    ? told
    : { ...told, onlineBackup: { ...content.onlineBackup, shared: true } };
}

/** Null where it is to be left out. One that has expired is judged by its last second. */
async function check(held: HeldCredential, now: number, resolve: typeof resolveIssuer): Promise<HeldCredential | null> {
  const { format, vct, privateJwk, unverified: _, ...others } = held;
  const terms = { format, vct, holderKeys: [publicOf(privateJwk)], now: Math.min(now, held.expiresAt - 1), resolve };
  try {
    const { holderKey: _key, ...verified } = await verifyReceived(held.credential, terms);
    return { ...others, ...verified, privateJwk };
  } catch (error) {
    // Where only the backup says that it has expired, and when, it would never be in force.
    const isMisdated = error instanceof NotYetInForce && terms.now < now;
    if (isMisdated || error instanceof BadCredential || error instanceof UntrustedIssuer) return null;
    return { ...held, unverified: true };
  }
}

function publicOf({ x = "", y = "" }: JsonWebKey): PublicJwk {
  return { kty: "EC", crv: "P-256", x, y };
}
