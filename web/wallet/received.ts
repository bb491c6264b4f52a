/** What a wallet checks before it keeps a credential: its issuer, signature, type, key and time. */

import { decodeBase64url } from "../shared/base64url";
import { type CredentialType, credentialTypes } from "../shared/credential_types";
import { parsePortrait } from "../shared/portrait_claim";
import type { HeldCredential } from "./held_credential";
import { type PublicJwk, verifyEs256 } from "./holder_keys";
import { resolveIssuer } from "./issuer_trust";
import { parsePass } from "./qr_pass";

/** The credential is not what was asked for, or not to be trusted. */
export class BadCredential extends Error {}

/** By this phone's clock the credential was issued in the future: good as soon as the clock is right, or has caught up. */
export class NotYetInForce extends Error {}

export type Verified = Pick<
  HeldCredential,
  "format" | "vct" | "issuer" | "issuerName" | "claims" | "issuedAt" | "expiresAt"
>;

interface Claimed {
  verificationMethod: string;
  message: Uint8Array<ArrayBuffer>;
  signature: Uint8Array<ArrayBuffer>;
  type: CredentialType;
  boundTo: (key: PublicJwk) => boolean;
  claims: Record<string, string | number>;
  issuedAt: number;
  expiresAt: number;
}

/**
 * The credential, if it is of that format and type, bound to one of the keys, signed by an issuer that may issue it, and in
 * force at `now` (seconds since 1970). Throws `BadCredential`, `NotYetInForce`, `UntrustedIssuer`.
 */
export async function verifyReceived(
  credential: string,
  asked: {
    format: HeldCredential["format"];
    vct: string;
    holderKeys: readonly PublicJwk[];
    now: number;
    resolve?: typeof resolveIssuer;
  },
): Promise<Verified & { holderKey: PublicJwk }> {
  const claimed = await parse(credential, asked.format);
  const holderKey = asked.holderKeys.find((key) => claimed.boundTo(key));
  if (claimed.type.vct !== asked.vct || holderKey === undefined) throw new BadCredential();
  const issuer = await (asked.resolve ?? resolveIssuer)(claimed.verificationMethod, asked.vct);
  try {
    await verifyEs256(issuer.public_key_jwk, claimed.signature, claimed.message);
  } catch {
    throw new BadCredential();
  }
  // Where a time is missing, no comparison holds.
  if (!(claimed.issuedAt < claimed.expiresAt && asked.now < claimed.expiresAt)) throw new BadCredential();
  if (claimed.issuedAt > asked.now + 30) throw new NotYetInForce();
  const { claims, issuedAt, expiresAt } = claimed;
  return {
    holderKey,
    format: asked.format,
    vct: asked.vct,
    issuer: issuer.did,
    issuerName: issuer.name,
    claims,
    issuedAt,
    expiresAt,
  };
}

async function parse(credential: string, format: HeldCredential["format"]): Promise<Claimed> {
  const types = await credentialTypes();
  // Not below: where it can't be loaded, that says nothing of the credential.
  const sdJwt = format === "qr_pass" ? null : await import("./sd_jwt");
  try {
    if (sdJwt === null) {
      const pass = parsePass(decodeBase64url(credential), types);
      return { ...pass, boundTo: (key) => sameBytes(decodeBase64url(key.x), pass.holderX) };
    }
    const parsed = await sdJwt.parseSdJwt(credential);
    const type = types.find(({ vct }) => vct === parsed.vct);
    if (type === undefined) throw new Error("a type that is not known");
    const boundTo = (key: PublicJwk) => key.x === parsed.holderKey.x && key.y === parsed.holderKey.y;
    return { ...parsed, type, boundTo, claims: claimsOf(type, parsed.claims) };
  } catch {
    throw new BadCredential();
  }
}

/** What the type has of the values. Throws where a picture is none that a phone may be shown. */
export function claimsOf(
  type: Pick<CredentialType, "claims">,
  values: Record<string, unknown>,
): Record<string, string | number> {
  const claims: Record<string, string | number> = {};
  for (const { name, kind } of type.claims) {
    const value = values[name];
    if (kind === "image" && value !== undefined) parsePortrait(String(value));
    if (typeof value === "string" || typeof value === "number") claims[name] = value;
  }
  return claims;
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}
