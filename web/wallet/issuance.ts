/**
 * Taking credentials from an issuer (OpenID4VCI 1.0, pre-authorized code), in steps with consent in between:
 *
 *     readOffer ──▶ (consent) ──▶ describeOffer ──▶ (consent, code) ──▶ acceptOffer
 *
 * `readOffer` asks nobody anything: a link that a stranger sent must not make the phone call anywhere.
 */

import type { CredentialOfferObject, IssuerMetadataResult, Openid4vciClient } from "@openid4vc/openid4vci";
import { isLoopback } from "../shared/loopback";
import {
  createClient,
  createKeys,
  pendingOf,
  randomId,
  requestCredentials,
  verifyCopies,
  type Wanted,
} from "./credential_requests";
import { type CredentialType, credentialTypes } from "./credential_types";
import type { HeldCredential, PendingCredential } from "./held_credential";
import { deleteHolderKey, type HolderKey } from "./holder_keys";
import { UntrustedIssuer } from "./issuer_trust";
import { BadCredential } from "./received";
import { type Content, changeContent, type Vault } from "./vault";

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

interface Access {
  token: string;
  refreshToken: string | null;
  grantId: string | null;
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
  progress: { access: Access | null; keys: Map<string, HolderKey[]>; done: Set<string> };
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
    progress: { access: null, keys: new Map(), done: new Set() },
  };
}

/**
 * Fetches each credential, in as many copies as the issuer gives up to five, verifies them, and keeps them at once if they are
 * good; what the office has to approve first is kept as pending. Returns the vault as it then is, and what was refused. Throws
 * `OfferError`: `code_refused`, and `not_reached` where it can be tried again as it is.
 */
export async function acceptOffer(
  vault: Vault,
  described: DescribedOffer,
  code: string | null,
): Promise<{ vault: Vault; refused: OfferedCredential[] }> {
  const client = await createClient();
  const { progress } = described;
  progress.access ??= await fetchAccess(client, described, code);
  const refused: OfferedCredential[] = [];
  let now = vault;
  for (const offered of described.credentials) {
    if (progress.done.has(offered.configurationId)) continue;
    try {
      now = await fetchCredential(client, described, offered, progress.access, now);
    } catch (error) {
      if (!(error instanceof BadCredential || error instanceof UntrustedIssuer)) throw error;
      refused.push(offered);
    }
    progress.done.add(offered.configurationId);
  }
  return { vault: now, refused };
}

async function fetchAccess(client: Openid4vciClient, described: DescribedOffer, code: string | null): Promise<Access> {
  try {
    const { accessTokenResponse } = await client.retrievePreAuthorizedCodeAccessTokenFromOffer({
      credentialOffer: described.offer,
      issuerMetadata: described.metadata,
      ...(described.code !== null && code !== null ? { txCode: code } : {}),
    });
    const { access_token: token, refresh_token: refreshToken } = accessTokenResponse;
    return { token, refreshToken: refreshToken ?? null, grantId: refreshToken === undefined ? null : randomId() };
  } catch {
    throw new OfferError("code_refused");
  }
}

async function fetchCredential(
  client: Openid4vciClient,
  described: DescribedOffer,
  offered: OfferedCredential,
  access: Access,
  vault: Vault,
): Promise<Vault> {
  const { keys: made } = described.progress;
  const { configurationId } = offered;
  const keys = made.get(configurationId) ?? (await createKeys(vault.id, described.metadata));
  made.set(configurationId, keys);
  const source = { credentialIssuer: described.offer.credential_issuer, configurationId, grantId: access.grantId };
  const wanted: Wanted = { source, format: offered.format, vct: offered.type.vct, keys };
  try {
    const answer = await requestCredentials(client, described.metadata, wanted, access.token);
    const granted = (content: Content) => withGrant(content, source.credentialIssuer, access);
    if ("transactionId" in answer) {
      const pending = { ...wanted, ...pendingOf(answer), accessToken: access.token };
      return await changeContent(vault, (content) => addPending(granted(content), pending));
    }
    const held = await verifyCopies(answer.credentials, wanted, null);
    return await changeContent(vault, (content) => {
      const changed = granted(content);
      return { ...changed, credentials: [...changed.credentials, ...held] };
    });
  } catch (error) {
    if (error instanceof BadCredential || error instanceof UntrustedIssuer) {
      made.delete(configurationId);
      await Promise.all(keys.map(({ id }) => deleteHolderKey(id)));
      throw error;
    }
    throw error instanceof OfferError ? error : new OfferError("not_reached");
  }
}

function withGrant(content: Content, credentialIssuer: string, access: Access): Content {
  const { grantId, refreshToken } = access;
  // A grant that is there already has been used since: its token is the newer one.
  if (grantId === null || refreshToken === null || content.grants?.[grantId] !== undefined) return content;
  return { ...content, grants: { ...content.grants, [grantId]: { credentialIssuer, refreshToken, askedAt: 0 } } };
}

function addPending(content: Content, pending: PendingCredential): Content {
  return { ...content, pending: [...(content.pending ?? []), pending] };
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
