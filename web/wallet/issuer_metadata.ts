/**
 * What an issuer offers (OpenID4VCI 1.0 section 12.2), and who stands behind its address: its metadata is asked for signed
 * (section 12.2.3), and a signer counts that the registry lets issue anything. One address may issue for several organisations;
 * each credential is checked against its own when it comes.
 */

import type { CallbackContext, JwtPayload } from "@openid4vc/oauth2";
import type { IssuerMetadataResult } from "@openid4vc/openid4vci";
import { CALLBACKS } from "./callbacks";
import { createClient } from "./credential_requests";
import { verifyEs256Jwt } from "./holder_keys";
import { type KnownIssuer, resolveIssuer } from "./issuer_trust";

const CLOCK_TOLERANCE_SECONDS = 60;
const SIGNED_FIRST = "application/jwt, application/json;q=0.5";

export interface ResolvedMetadata {
  metadata: IssuerMetadataResult;
  /** Who signed it; null where that is no issuer of the registry: then it is only what its address says. */
  signer: KnownIssuer | null;
}

/** Throws where the issuer can't be asked. */
export async function resolveMetadata(issuer: string): Promise<ResolvedMetadata> {
  let signer: KnownIssuer | null = null;
  const verifyJwt: CallbackContext["verifyJwt"] = async (by, { compact, payload }) => {
    if (by.method !== "did" || !isInForce(payload, by.didUrl)) return { verified: false };
    const known = await resolveIssuer(by.didUrl);
    await verifyEs256Jwt(known.public_key_jwk, compact);
    signer = known;
    return { verified: true, signerJwk: known.public_key_jwk as { kty: string } };
  };
  const client = await createClient({ fetch: fetchSigned, verifyJwt });
  try {
    return { metadata: await client.resolveIssuerMetadata(issuer), signer };
  } catch {
    const plain = await createClient();
    return { metadata: await plain.resolveIssuerMetadata(issuer), signer: null };
  }
}

const fetchSigned: typeof CALLBACKS.fetch = (input, init) =>
  CALLBACKS.fetch(input, { ...init, headers: { Accept: SIGNED_FIRST } });

function isInForce({ iss, iat, exp }: JwtPayload, verificationMethod: string): boolean {
  const now = Date.now() / 1000;
  const isByItsOwnKey = iss === undefined || iss === verificationMethod.split("#")[0];
  return isByItsOwnKey && Number(iat) <= now + CLOCK_TOLERANCE_SECONDS && (exp === undefined || now < exp);
}
