/** An SD-JWT VC as it is issued (RFC 9901): what it says, and by which key it says so. */

import { decodeSdJwt, getClaims } from "@sd-jwt/decode";
import { decodeBase64url } from "../shared/base64url";

/** An SD-JWT VC as its text claims to be. */
export interface UnverifiedSdJwt {
  verificationMethod: string;
  message: Uint8Array<ArrayBuffer>;
  signature: Uint8Array<ArrayBuffer>;
  vct: string;
  holderKey: JsonWebKey;
  claims: Record<string, unknown>;
  issuedAt: number;
  expiresAt: number;
}

const hasher = async (data: string | ArrayBuffer): Promise<Uint8Array> =>
  new Uint8Array(
    await crypto.subtle.digest("SHA-256", typeof data === "string" ? new TextEncoder().encode(data) : data),
  );

/** Throws where the text is no SD-JWT VC. */
export async function parseSdJwt(text: string): Promise<UnverifiedSdJwt> {
  const { jwt, disclosures } = await decodeSdJwt(text, hasher);
  const { header, payload } = jwt;
  if (header.alg !== "ES256" || header.typ !== "dc+sd-jwt" || typeof header.kid !== "string")
    throw new Error("not one of ours");
  const signed = text.slice(0, text.indexOf("~"));
  const end = signed.lastIndexOf(".");
  return {
    verificationMethod: header.kid,
    message: new TextEncoder().encode(signed.slice(0, end)),
    signature: decodeBase64url(signed.slice(end + 1)),
    vct: payload.vct as string,
    holderKey: (payload.cnf as { jwk: JsonWebKey }).jwk,
    claims: await getClaims<Record<string, unknown>>(payload, disclosures, hasher),
    issuedAt: payload.iat as number,
    expiresAt: payload.exp as number,
  };
}
