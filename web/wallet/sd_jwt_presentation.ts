/** Showing an SD-JWT VC (RFC 9901): the claims that are asked for, and the holder's signature over exactly these. */

import { decodeBase64url, encodeBase64url } from "../shared/base64url";

/**
 * The credential with only those disclosures, and a key-binding JWT for this verifier and this request. Our types are flat:
 * each disclosure is one claim. `sign` gives 64 bytes; `now` is in seconds since 1970.
 */
export async function presentSdJwt(
  credential: string,
  shown: { disclose: ReadonlySet<string>; audience: string; nonce: string; now: number },
  sign: (message: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>,
): Promise<string> {
  const [jwt, ...disclosures] = credential.split("~").filter((part) => part !== "");
  const kept = disclosures.filter((disclosure) => shown.disclose.has(claimOf(disclosure)));
  const presented = `${[jwt, ...kept].join("~")}~`;
  const header = part({ alg: "ES256", typ: "kb+jwt" });
  const sdHash = encodeBase64url(new Uint8Array(await crypto.subtle.digest("SHA-256", encode(presented))));
  const signed = `${header}.${part({ iat: shown.now, aud: shown.audience, nonce: shown.nonce, sd_hash: sdHash })}`;
  return `${presented}${signed}.${encodeBase64url(await sign(encode(signed)))}`;
}

/** The claims that the credential says whether the holder wants it or not are those without a disclosure. */
export function disclosableClaims(credential: string): Set<string> {
  return new Set(credential.split("~").slice(1, -1).map(claimOf));
}

function claimOf(disclosure: string): string {
  const [, name] = JSON.parse(new TextDecoder().decode(decodeBase64url(disclosure))) as [string, string, unknown];
  return name;
}

const encode = (text: string) => new TextEncoder().encode(text);
const part = (value: unknown) => encodeBase64url(encode(JSON.stringify(value)));
