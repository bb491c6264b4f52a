/**
 * Who stands behind an issuer's address: whose key signed its metadata (OpenID4VCI 1.0, section 12.2.3), where the registry lets
 * that issue any type of ours. Asked before a holder goes to a page where they say who they are.
 */

import { decodeBase64url } from "../shared/base64url";
import { credentialTypes } from "../shared/credential_types";
import { CALLBACKS } from "./callbacks";
import { verifyEs256 } from "./holder_keys";
import { resolveIssuer } from "./issuer_trust";

const TYPE = "openidvci-issuer-metadata+jwt";
const CLOCK_TOLERANCE_SECONDS = 60;

/** Its name in the registry; null where nobody whom the registry knows has signed for that address, or it can't be asked. */
export async function ownerOf(credentialIssuer: string, now: number): Promise<string | null> {
  try {
    const signed = await fetchSigned(credentialIssuer);
    const { header, payload, message, signature } = parse(signed);
    const { kid, typ, alg } = header;
    const isFor = payload.sub === credentialIssuer && payload.credential_issuer === credentialIssuer;
    if (typ !== TYPE || alg !== "ES256" || typeof kid !== "string" || !isFor) return null;
    if (payload.iss !== undefined && payload.iss !== kid.split("#")[0]) return null;
    const isInForce = Number(payload.iat) <= now + CLOCK_TOLERANCE_SECONDS && now < Number(payload.exp);
    if (!isInForce) return null;
    const types = await credentialTypes();
    const issuer = await Promise.any(types.map(({ vct }) => resolveIssuer(kid, vct)));
    await verifyEs256(issuer.public_key_jwk, signature, message);
    return issuer.name;
  } catch {
    return null;
  }
}

/** The well-known part goes between host and path (section 12.2.2). */
async function fetchSigned(credentialIssuer: string): Promise<string> {
  const { origin, pathname } = new URL(credentialIssuer);
  const path = pathname === "/" ? "" : pathname;
  const answer = await CALLBACKS.fetch(`${origin}/.well-known/openid-credential-issuer${path}`, {
    headers: { Accept: "application/jwt" },
  });
  if (!answer.ok) throw new Error("not signed");
  return answer.text();
}

function parse(jwt: string) {
  const [head = "", body = "", signature = "", ...more] = jwt.trim().split(".");
  if (more.length > 0) throw new Error("not a JWT");
  const read = (part: string) => JSON.parse(new TextDecoder().decode(decodeBase64url(part))) as Record<string, unknown>;
  return {
    header: read(head),
    payload: read(body),
    message: new TextEncoder().encode(`${head}.${body}`),
    signature: decodeBase64url(signature),
  };
}
