/**
 * Taking credentials from an issuer (OpenID4VCI 1.0), in steps with consent in between:
 *
 *     readOffer ──▶ (consent) ──▶ describeOffer ──▶ (consent, code) ──▶ acceptOffer
 *                                       └──▶ (consent) ──▶ the issuer's page (`authorization.ts`)
 *
 * `readOffer` asks nobody anything: a link that a stranger sent must not make the phone call anywhere.
 */

import type { CredentialOfferObject, IssuerMetadataResult, Openid4vciClient } from "@openid4vc/openid4vci";
import { type CredentialType, credentialTypes } from "../shared/credential_types";
import { mayBeAsked } from "../shared/loopback";
import { createClient } from "./credential_requests";
import type { HeldCredential } from "./held_credential";
import { type ResolvedMetadata, resolveMetadata } from "./issuer_metadata";
import { type Access, accessOf, askForAll, createPending, isOnItsWay, oneWindowAtATime, withPending } from "./pending";
import { changeContent, reload, type Vault } from "./vault";

export type PageServer = IssuerMetadataResult["authorizationServers"][number];

const PRE_AUTHORIZED = "urn:ietf:params:oauth:grant-type:pre-authorized_code";
/** What a token endpoint answers to a code that it does not take (RFC 6749, section 5.2); other errors are no word on it. */
const REFUSED = [400, 401];

export type OfferProblem =
  | "not_an_offer"
  | "not_reached"
  | "nothing_to_hold"
  | "code_refused"
  | "code_used_up"
  | "refused"
  /** The holder said no at the issuer's page, or the page did for another reason. */
  | "page_denied"
  | "page_refused"
  /** What came back from a page is none of what this wallet waits for, or its code is not taken. */
  | "page_not_waited_for"
  | "page_code_over";

/** Why an offer can't be taken; `offer` is its link where it has to be begun again. */
export class OfferError extends Error {
  constructor(
    readonly problem: OfferProblem,
    readonly offer: string | null = null,
  ) {
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

/**
 * What the holder is asked to agree to. `issuerName` is the registry's for who offers it, null where it knows nobody behind
 * that address. `code` is what is known of the code to type, null where none is needed. `pageHost` is where the holder has to
 * go and say who they are, null where the offer alone, or with its code, will do.
 */
export interface DescribedOffer {
  link: string;
  host: string;
  issuerName: string | null;
  offer: CredentialOfferObject;
  metadata: IssuerMetadataResult;
  credentials: OfferedCredential[];
  code: { numeric: boolean; length: number | null } | null;
  pageHost: string | null;
  /** What the code brought in this window, which is on the disk once it `hasBegun`; the code itself is good no more. */
  access: Access | null;
  hasBegun: boolean;
  /** Whether no answer came when the code was sent: the issuer may have taken it, and takes it only once. */
  codeMayBeUsed: boolean;
}

/** A scanned or typed text, if it is an offer. Throws `OfferError`. */
export function readOffer(text: string): ReadOffer {
  try {
    const link = new URL(text.trim());
    const isLink = link.protocol === "openid-credential-offer:" || link.searchParams.size === 1;
    const reference = isLink ? link.searchParams.get("credential_offer_uri") : link.href;
    const inline = link.searchParams.get("credential_offer") ?? "";
    const address = new URL(reference ?? (JSON.parse(inline) as CredentialOfferObject).credential_issuer);
    if (!mayBeAsked(address)) throw new OfferError("not_an_offer");
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
  let resolved: ResolvedMetadata;
  try {
    offer = await client.resolveCredentialOffer(read.link);
    // What is asked next is what the holder agreed to, or what the offer kept there names.
    if (read.link.includes("credential_offer=") && new URL(offer.credential_issuer).host !== read.host)
      throw new Error();
    resolved = await resolveMetadata(offer.credential_issuer);
  } catch {
    throw new OfferError("not_reached");
  }
  return describe(read.link, offer, resolved);
}

/** Throws `OfferError`. */
async function describe(
  link: string,
  offer: CredentialOfferObject,
  resolved: ResolvedMetadata,
): Promise<DescribedOffer> {
  const { metadata, signer } = resolved;
  const credentials = await offeredBy(metadata, offer.credential_configuration_ids);
  const grant = offer.grants?.[PRE_AUTHORIZED];
  const pageHost = grant === undefined ? pageHostOf(offer, resolved) : null;
  if (credentials.length === 0 || (grant === undefined && pageHost === null)) throw new OfferError("nothing_to_hold");
  const code = grant?.tx_code;
  return {
    link,
    host: new URL(offer.credential_issuer).host,
    issuerName: signer?.name ?? null,
    offer,
    metadata,
    credentials,
    code: code ? { numeric: code.input_mode !== "text", length: code.length ?? null } : null,
    pageHost,
    access: null,
    hasBegun: false,
    codeMayBeUsed: false,
  };
}

/**
 * Fetches each credential, in as many copies as the issuer gives up to five, verifies them, and keeps them at once if they are
 * good; what does not come, or has to be approved first, is on its way (`pending.ts`). Returns the vault as it then is, and
 * whether something was refused. Throws `OfferError` only before anything is on its way: `code_refused`, or `code_used_up` where that may
 * be since an answer before was lost, and `not_reached` where it can be tried again as it is.
 */
export function acceptOffer(
  vault: Vault,
  described: DescribedOffer,
  code: string | null,
): Promise<{ vault: Vault; refused: boolean }> {
  return oneWindowAtATime(vault, described.link, async () => {
    const client = await createClient();
    let now = await reload(vault);
    if (!described.hasBegun && !isOnItsWay(now.content, described.link))
      now = await begin(client, now, described, code);
    described.hasBegun = true;
    return askForAll(client, described.metadata, now, described.link);
  });
}

/** Uses the code up, and has on the disk what came for it before anything else is asked. */
async function begin(
  client: Openid4vciClient,
  vault: Vault,
  described: DescribedOffer,
  code: string | null,
): Promise<Vault> {
  described.access ??= await fetchAccess(client, described, code);
  const { access } = described;
  const pending = await createPending(vault.id, described, access);
  return changeContent(vault, (content) => withPending(content, pending, access));
}

async function fetchAccess(client: Openid4vciClient, described: DescribedOffer, code: string | null): Promise<Access> {
  try {
    const { accessTokenResponse } = await client.retrievePreAuthorizedCodeAccessTokenFromOffer({
      credentialOffer: described.offer,
      issuerMetadata: described.metadata,
      ...(described.code !== null && code !== null ? { txCode: code } : {}),
    });
    return accessOf(accessTokenResponse);
  } catch (error) {
    const { Oauth2ClientErrorResponseError } = await import("@openid4vc/oauth2");
    const isRefused = error instanceof Oauth2ClientErrorResponseError && REFUSED.includes(error.response.status);
    if (isRefused) throw new OfferError(described.codeMayBeUsed ? "code_used_up" : "code_refused");
    described.codeMayBeUsed = true;
    throw new OfferError("not_reached");
  }
}

/** Of these configurations, what this wallet can hold: each once, however often it is named. */
export async function offeredBy(metadata: IssuerMetadataResult, ids: readonly string[]): Promise<OfferedCredential[]> {
  const types = await credentialTypes();
  return [...new Set(ids)].flatMap((id) => offered(id, metadata, types));
}

/**
 * The authorization server that an offer leads to (section 4.1.1), null where this wallet does not go to its page: unless it
 * can show that it is itself which answers, and that a code is of no use to who sees it.
 */
export function pageServerOf(
  offer: CredentialOfferObject,
  { metadata, isVouched }: { metadata: IssuerMetadataResult; isVouched: boolean },
): PageServer | null {
  const grant = offer.grants?.authorization_code;
  if (grant === undefined) return null;
  const wanted = grant.authorization_server;
  const [server, ...others] = metadata.authorizationServers.filter(({ issuer }) => issuer === (wanted ?? issuer));
  if (server === undefined || others.length > 0) return null;
  // An issuer that nobody vouches for may name another's server, to be shown a token that is good there.
  if (!isVouched && server.issuer !== offer.credential_issuer) return null;
  const hasProofKeys = server.code_challenge_methods_supported?.includes("S256") ?? false;
  const namesItself = server.authorization_response_iss_parameter_supported === true;
  return hasProofKeys && namesItself && pageOf(server) !== null ? server : null;
}

function pageOf({ authorization_endpoint: endpoint }: PageServer): URL | null {
  const page = endpoint === undefined ? null : new URL(endpoint);
  return page !== null && mayBeAsked(page) ? page : null;
}

function pageHostOf(offer: CredentialOfferObject, { metadata, signer }: ResolvedMetadata): string | null {
  const server = pageServerOf(offer, { metadata, isVouched: signer !== null });
  return server === null ? null : (pageOf(server)?.host ?? null);
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
