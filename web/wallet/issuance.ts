/**
 * Taking credentials from an issuer (OpenID4VCI 1.0, pre-authorized code), in steps with consent in between:
 *
 *     readOffer ──▶ (consent) ──▶ describeOffer ──▶ (consent, code) ──▶ acceptOffer
 *
 * `readOffer` asks nobody anything: a link that a stranger sent must not make the phone call anywhere.
 */

import type { CredentialOfferObject, IssuerMetadataResult, Openid4vciClient } from "@openid4vc/openid4vci";
import { encodeBase64url } from "../shared/base64url";
import { isLoopback } from "../shared/loopback";
import { CALLBACKS } from "./callbacks";
import { type CredentialType, credentialTypes } from "./credential_types";
import type { HeldCredential } from "./held_credential";
import { createHolderKey, deleteHolderKey, type PublicJwk, signWith } from "./holder_keys";
import { BadCredential, verifyReceived } from "./received";
import { saveContent, type Vault } from "./vault";

const PRE_AUTHORIZED = "urn:ietf:params:oauth:grant-type:pre-authorized_code";

export type OfferProblem = "not_an_offer" | "not_reached" | "nothing_to_hold" | "code_refused" | "refused";

/** Why an offer can't be taken. */
export class OfferError extends Error {
  constructor(readonly problem: OfferProblem) {
    super(problem);
  }
}

/** A link as it was scanned, and the host that going on would ask. */
export interface ReadOffer {
  link: string;
  host: string;
}

export interface OfferedCredential {
  configurationId: string;
  format: HeldCredential["format"];
  type: CredentialType;
}

/** What the holder is asked to agree to. `code` is what is known of the code to type, null where none is needed. */
export interface DescribedOffer {
  host: string;
  offer: CredentialOfferObject;
  metadata: IssuerMetadataResult;
  credentials: OfferedCredential[];
  code: { numeric: boolean; length: number | null } | null;
}

/** A scanned or typed text, if it is an offer. Throws `OfferError`. */
export function readOffer(text: string): ReadOffer {
  try {
    const link = new URL(text.trim());
    const parameters =
      link.protocol === "openid-credential-offer:" || link.searchParams.size === 1
        ? link.searchParams
        : new URLSearchParams({ credential_offer_uri: link.href });
    const reference = parameters.get("credential_offer_uri");
    const issuer =
      reference ?? (JSON.parse(parameters.get("credential_offer") ?? "") as CredentialOfferObject).credential_issuer;
    const address = new URL(issuer);
    if (address.protocol !== "https:" && !isLoopback(address)) throw new OfferError("not_an_offer");
    return { link: `openid-credential-offer://?${parameters}`, host: address.host };
  } catch {
    throw new OfferError("not_an_offer");
  }
}

/** Asks the issuer what the offer is for. Throws `OfferError`. */
export async function describeOffer(read: ReadOffer): Promise<DescribedOffer> {
  const client = await createClient();
  let offer: CredentialOfferObject;
  let metadata: IssuerMetadataResult;
  try {
    offer = await client.resolveCredentialOffer(read.link);
    metadata = await client.resolveIssuerMetadata(offer.credential_issuer);
  } catch {
    throw new OfferError("not_reached");
  }
  const types = await credentialTypes();
  const credentials = offer.credential_configuration_ids.flatMap((id) => offered(id, metadata, types));
  const grant = offer.grants?.[PRE_AUTHORIZED];
  if (credentials.length === 0 || grant === undefined) throw new OfferError("nothing_to_hold");
  const { tx_code: code } = grant;
  return {
    host: new URL(offer.credential_issuer).host,
    offer,
    metadata,
    credentials,
    code: code ? { numeric: code.input_mode !== "text", length: code.length ?? null } : null,
  };
}

/**
 * Fetches each credential with a key of its own, verifies it, and keeps it at once if it is good. Returns the vault as it
 * then is, and what was refused. Throws `OfferError` where the issuer gives no access.
 */
export async function acceptOffer(
  vault: Vault,
  described: DescribedOffer,
  code: string | null,
): Promise<{ vault: Vault; stored: number; refused: OfferedCredential[] }> {
  const client = await createClient();
  const accessToken = await fetchToken(client, described, code);
  const refused: OfferedCredential[] = [];
  let now = vault;
  for (const offered of described.credentials) {
    try {
      const held = await fetchCredential(client, described, offered, accessToken, vault.id);
      now = await saveContent(now, { ...now.content, credentials: [...now.content.credentials, held] });
    } catch {
      refused.push(offered);
    }
  }
  return { vault: now, stored: described.credentials.length - refused.length, refused };
}

async function fetchToken(client: Openid4vciClient, described: DescribedOffer, code: string | null): Promise<string> {
  try {
    const { accessTokenResponse } = await client.retrievePreAuthorizedCodeAccessTokenFromOffer({
      credentialOffer: described.offer,
      issuerMetadata: described.metadata,
      ...(described.code !== null && code !== null ? { txCode: code } : {}),
    });
    return accessTokenResponse.access_token;
  } catch {
    throw new OfferError("code_refused");
  }
}

async function fetchCredential(
  client: Openid4vciClient,
  described: DescribedOffer,
  offered: OfferedCredential,
  accessToken: string,
  profile: string,
): Promise<HeldCredential> {
  const { id: keyId, publicJwk, privateJwk } = await createHolderKey(profile);
  try {
    const { c_nonce: nonce } = await client.requestNonce({ issuerMetadata: described.metadata });
    const proof = await createProof(described.offer.credential_issuer, nonce, keyId, publicJwk);
    const { credentialResponse } = await client.retrieveCredentials({
      issuerMetadata: described.metadata,
      credentialConfigurationId: offered.configurationId,
      accessToken,
      proofs: { jwt: [proof] },
    });
    const credential = (credentialResponse.credentials?.[0] as { credential?: unknown } | undefined)?.credential;
    if (typeof credential !== "string") throw new BadCredential();
    const asked = {
      format: offered.format,
      vct: offered.type.vct,
      holderKey: publicJwk,
      now: Math.floor(Date.now() / 1000),
    };
    return { ...(await verifyReceived(credential, asked)), id: keyId, keyId, privateJwk, credential };
  } catch (error) {
    await deleteHolderKey(keyId);
    throw error;
  }
}

async function createProof(audience: string, nonce: string, keyId: string, jwk: PublicJwk): Promise<string> {
  const part = (value: unknown) => encodeBase64url(new TextEncoder().encode(JSON.stringify(value)));
  const header = part({ alg: "ES256", typ: "openid4vci-proof+jwt", jwk });
  const signed = `${header}.${part({ aud: audience, iat: Math.floor(Date.now() / 1000), nonce })}`;
  return `${signed}.${encodeBase64url(await signWith(keyId, new TextEncoder().encode(signed)))}`;
}

function offered(id: string, metadata: IssuerMetadataResult, types: readonly CredentialType[]): OfferedCredential[] {
  const configuration = metadata.credentialIssuer.credential_configurations_supported[id] as
    | { format: string; vct?: string }
    | undefined;
  const type = types.find(({ vct }) => vct === configuration?.vct);
  const format = configuration?.format;
  if (type === undefined || (format !== "dc+sd-jwt" && format !== "qr_pass")) return [];
  return [{ configurationId: id, format, type }];
}

async function createClient(): Promise<Openid4vciClient> {
  const { Openid4vciClient, setGlobalConfig } = await import("@openid4vc/openid4vci");
  // Where the wallet itself is served from this machine, so may an issuer be.
  setGlobalConfig({ allowInsecureUrls: isLoopback(new URL(location.href)) });
  return new Openid4vciClient({ callbacks: CALLBACKS });
}
