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
import { createHolderKey, deleteHolderKey, type HolderKey, type PublicJwk, signWith } from "./holder_keys";
import { UntrustedIssuer } from "./issuer_trust";
import { BadCredential, verifyReceived } from "./received";
import { addCredentials, type Vault } from "./vault";

const PRE_AUTHORIZED = "urn:ietf:params:oauth:grant-type:pre-authorized_code";

export type OfferProblem = "not_an_offer" | "not_reached" | "nothing_to_hold" | "code_refused" | "refused" | "later";

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
  /** What was done of it already: where an answer was lost, the same token and keys bring the same credential again. */
  progress: { accessToken: string | null; keys: Map<string, HolderKey>; done: Set<string> };
}

/** A scanned or typed text, if it is an offer. Throws `OfferError`. */
export function readOffer(text: string): ReadOffer {
  try {
    const link = new URL(text.trim());
    const isLink = link.protocol === "openid-credential-offer:" || link.searchParams.size === 1;
    const reference = isLink ? link.searchParams.get("credential_offer_uri") : link.href;
    const inline = link.searchParams.get("credential_offer") ?? "";
    const address = new URL(reference ?? (JSON.parse(inline) as CredentialOfferObject).credential_issuer);
    if (address.protocol !== "https:" && !isLoopback(address)) throw new OfferError("not_an_offer");
    // Only what was read goes on: of a member that is there twice, another reader may take the other one.
    const passed = reference === null ? { credential_offer: inline } : { credential_offer_uri: address.href };
    return { link: `openid-credential-offer://?${new URLSearchParams(passed)}`, host: address.host };
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
    // What is asked next is what the holder agreed to, or what the offer kept there names.
    if (read.link.includes("credential_offer=") && new URL(offer.credential_issuer).host !== read.host)
      throw new Error();
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
    progress: { accessToken: null, keys: new Map(), done: new Set() },
  };
}

/**
 * Fetches each credential with a key of its own, verifies it, and keeps it at once if it is good. Returns the vault as it
 * then is, and what was refused. Throws `OfferError`: `code_refused`, `later` where the office has to approve first, and
 * `not_reached` where it can be tried again as it is.
 */
export async function acceptOffer(
  vault: Vault,
  described: DescribedOffer,
  code: string | null,
): Promise<{ vault: Vault; refused: OfferedCredential[] }> {
  const client = await createClient();
  const { progress } = described;
  progress.accessToken ??= await fetchToken(client, described, code);
  const refused: OfferedCredential[] = [];
  let now = vault;
  for (const offered of described.credentials) {
    if (progress.done.has(offered.configurationId)) continue;
    try {
      const held = await fetchCredential(client, described, offered, progress.accessToken, vault.id);
      now = await addCredentials(now, [held]);
    } catch (error) {
      if (!(error instanceof BadCredential || error instanceof UntrustedIssuer)) throw error;
      refused.push(offered);
    }
    progress.done.add(offered.configurationId);
  }
  return { vault: now, refused };
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
  const { keys } = described.progress;
  const key = keys.get(offered.configurationId) ?? (await createHolderKey(profile));
  keys.set(offered.configurationId, key);
  try {
    const credential = await requestCredential(client, described, offered, accessToken, key);
    const now = Math.floor(Date.now() / 1000);
    const asked = { format: offered.format, vct: offered.type.vct, holderKey: key.publicJwk, now };
    const verified = await verifyReceived(credential, asked);
    return { ...verified, id: key.id, keyId: key.id, privateJwk: key.privateJwk, credential };
  } catch (error) {
    if (error instanceof BadCredential || error instanceof UntrustedIssuer) {
      keys.delete(offered.configurationId);
      await deleteHolderKey(key.id);
      throw error;
    }
    throw error instanceof OfferError ? error : new OfferError("not_reached");
  }
}

async function requestCredential(
  client: Openid4vciClient,
  described: DescribedOffer,
  offered: OfferedCredential,
  accessToken: string,
  key: HolderKey,
): Promise<string> {
  const { c_nonce: nonce } = await client.requestNonce({ issuerMetadata: described.metadata });
  const proof = await createProof(described.offer.credential_issuer, nonce, key.id, key.publicJwk);
  const { credentialResponse } = await client.retrieveCredentials({
    issuerMetadata: described.metadata,
    credentialConfigurationId: offered.configurationId,
    accessToken,
    proofs: { jwt: [proof] },
  });
  if (credentialResponse.transaction_id !== undefined) throw new OfferError("later");
  const credential = (credentialResponse.credentials?.[0] as { credential?: unknown } | undefined)?.credential;
  if (typeof credential !== "string") throw new BadCredential();
  return credential;
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
