/** The proof that a wallet holds a key, as an issuer asks for it (OpenID4VCI 1.0, appendix F.1: `jwt`). */

import { encodeBase64url } from "../shared/base64url";
import type { PublicJwk } from "./holder_keys";

/** `audience` is the issuer's identifier, `nonce` its `c_nonce`; `now` is in seconds since 1970, and `sign` gives 64 bytes. */
export async function createProof(
  jwk: PublicJwk,
  terms: { audience: string; nonce: string; now: number },
  sign: (message: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>,
): Promise<string> {
  const header = part({ alg: "ES256", typ: "openid4vci-proof+jwt", jwk });
  const signed = `${header}.${part({ aud: terms.audience, iat: terms.now, nonce: terms.nonce })}`;
  return `${signed}.${encodeBase64url(await sign(encode(signed)))}`;
}

const encode = (text: string) => new TextEncoder().encode(text);
const part = (value: unknown) => encodeBase64url(encode(JSON.stringify(value)));
