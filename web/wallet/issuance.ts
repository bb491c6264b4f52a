/**
 * Taking credentials from an issuer (OpenID4VCI 1.0, pre-authorized code), in steps with consent in between:
 *
 *     readOffer ──▶ (consent) ──▶ describeOffer ──▶ (consent, code) ──▶ acceptOffer
 *
 * `readOffer` asks nobody anything: a link that a stranger sent must not make the phone call anywhere.
 */

import type { CredentialOfferObject, IssuerMetadataResult, Openid4vciClient } from "@openid4vc/openid4vci";
import { type CredentialType, credentialTypes } from "../shared/credential_types";
import { isLoopback } from "../shared/loopback";
import { createClient, createKeys, randomId } from "./credential_requests";
import type { HeldCredential, PendingCredential } from "./held_credential";
import { askOnce, forgetPending, isOnItsWay, isOver, oneWindowAtATime } from "./pending";
import { type Content, changeContent, reload, type Vault } from "./vault";

const PRE_AUTHORIZED = "urn:ietf:params:oauth:grant-type:pre-authorized_code";
/** What a token endpoint answers to a code that it does not take (RFC 6749, section 5.2); other errors are no word on it. */
const REFUSED = [400, 401];

export type OfferProblem =
  | "not_an_offer"
  | "not_reached"
  | "nothing_to_hold"
  | "code_refused"
  | "code_used_up"
  | "refused";

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
  link: string;
  host: string;
  offer: CredentialOfferObject;
  metadata: IssuerMetadataResult;
  credentials: OfferedCredential[];
  code: { numeric: boolean; length: number | null } | null;
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
    link: read.link,
    host: new URL(offer.credential_issuer).host,
    offer,
    metadata,
    credentials,
    code: code ? { numeric: code.input_mode !== "text", length: code.length ?? null } : null,
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
    let refused = false;
    for (const pending of now.content.pending?.filter((each) => isToFetch(each, described)) ?? []) {
      try {
        now = await askOnce(client, described.metadata, now, pending, seconds());
      } catch (error) {
        // The first screen shows it on its way, and goes on with it.
        if (!isOver(error)) continue;
        now = await forgetPending(now, pending);
        refused = true;
      }
    }
    return { vault: now, refused };
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
  const { credential_issuer: credentialIssuer } = described.offer;
  const pending: PendingCredential[] = [];
  for (const { configurationId, format, type } of described.credentials) {
    const source = { credentialIssuer, configurationId, grantId: access.grantId };
    const keys = await createKeys(vault.id, described.metadata);
    const terms = { transactionId: null, accessToken: access.token, askFrom: 0, state: "waiting" } as const;
    pending.push({ id: randomId(), offer: described.link, source, format, vct: type.vct, keys, ...terms });
  }
  return changeContent(vault, (content) => ({
    ...withGrant(content, credentialIssuer, access),
    pending: [...(content.pending ?? []), ...pending],
  }));
}

function isToFetch({ offer, state, transactionId }: PendingCredential, { link }: DescribedOffer): boolean {
  return offer === link && state === "waiting" && transactionId === null;
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
  } catch (error) {
    const { Oauth2ClientErrorResponseError } = await import("@openid4vc/oauth2");
    const isRefused = error instanceof Oauth2ClientErrorResponseError && REFUSED.includes(error.response.status);
    if (isRefused) throw new OfferError(described.codeMayBeUsed ? "code_used_up" : "code_refused");
    described.codeMayBeUsed = true;
    throw new OfferError("not_reached");
  }
}

function withGrant(content: Content, credentialIssuer: string, { grantId, refreshToken }: Access): Content {
  if (grantId === null || refreshToken === null) return content;
  return { ...content, grants: { ...content.grants, [grantId]: { credentialIssuer, refreshToken, askedAt: 0 } } };
}

const seconds = () => Math.floor(Date.now() / 1000);

function offered(id: string, metadata: IssuerMetadataResult, types: readonly CredentialType[]): OfferedCredential[] {
  const configuration = metadata.credentialIssuer.credential_configurations_supported[id] as
    | { format: string; vct?: string }
    | undefined;
  const type = types.find(({ vct }) => vct === configuration?.vct);
  const format = configuration?.format;
  if (type === undefined || (format !== "dc+sd-jwt" && format !== "qr_pass")) return [];
  return [{ configurationId: id, format, type }];
}
