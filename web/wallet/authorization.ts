/**
 * The authorization code flow (OpenID4VCI 1.0, sections 5 and 6), where the holder says at a page of the issuer's who they are:
 *
 *     leaveForPage ──▶ the page ──▶ takeResponse ──▶ redeem ──▶ what is on its way (`pending.ts`)
 *
 * The page takes the app's place in the browser, so that all it goes on with is sealed in the vault. It is good once and for an
 * hour, and only its own wallet, opened again, can do anything with what comes back.
 */

import type { AuthorizationResponse } from "./authorization_response";
import { CALLBACKS } from "./callbacks";
import { createClient, randomId } from "./credential_requests";
import type { Authorization } from "./held_credential";
import { type DescribedOffer, OfferError, offeredBy, pageServerOf } from "./issuance";
import {
  type Access,
  accessOf,
  askForAll,
  createPending,
  oneWindowAtATime,
  openAuthorizations,
  withPending,
} from "./pending";
import { type Content, changeContent, reload, type Vault } from "./vault";

const LIFETIME_SECONDS = 3600;
/** What a server answers that does not take what it is sent (RFC 6749, section 5.2; RFC 9126, section 2.3). */
const REFUSED = [400, 401];

/**
 * The address of the page, once the vault has what goes on afterwards; of an offer that was begun before, only the newest
 * counts. Throws `OfferError`.
 */
export async function leaveForPage(vault: Vault, described: DescribedOffer, now: number): Promise<string> {
  const server = pageServerOf(described.offer, {
    metadata: described.metadata,
    isVouched: described.issuerName !== null,
  });
  if (server === null) throw new OfferError("nothing_to_hold");
  const redirectUri = new URL("./", location.href).href;
  const client = { clientId: redirectUri.replace(/\/$/, ""), server: server.issuer };
  const state = randomId();
  const { Oauth2Client, Oauth2ClientErrorResponseError } = await import("@openid4vc/oauth2");
  const request = new Oauth2Client({ callbacks: CALLBACKS }).createAuthorizationRequestUrl({
    authorizationServerMetadata: server,
    clientId: client.clientId,
    redirectUri,
    state,
    ...askedFor(described, server.issuer),
  });
  const { authorizationRequestUrl, pkce } = await request.catch((error) => {
    const isRefused = error instanceof Oauth2ClientErrorResponseError && REFUSED.includes(error.response.status);
    throw isRefused ? new OfferError("page_refused", described.link) : new OfferError("not_reached");
  });
  if (pkce?.codeChallengeMethod !== "S256") throw new OfferError("nothing_to_hold");
  const authorization: Authorization = {
    ...client,
    state,
    codeVerifier: pkce.codeVerifier,
    redirectUri,
    offer: described.link,
    credentialIssuer: described.offer.credential_issuer,
    configurationIds: described.credentials.map(({ configurationId }) => configurationId),
    code: null,
    expiresAt: now + LIFETIME_SECONDS,
  };
  await changeContent(vault, (content) => ({
    ...content,
    authorizations: [
      ...openAuthorizations(content, now).filter(({ offer }) => offer !== described.link),
      authorization,
    ],
  }));
  return authorizationRequestUrl;
}

/** By scopes if every configuration has one, else by `authorization_details` (sections 5.1.1, 5.1.2). */
function askedFor({ offer, metadata, credentials }: DescribedOffer, server: string) {
  const { credential_issuer: issuer, credential_configurations_supported: configurations } = metadata.credentialIssuer;
  const ids = credentials.map(({ configurationId }) => configurationId);
  const scopes = ids.map((id) => (configurations[id] as { scope?: string } | undefined)?.scope);
  // A server of several issuers has to be told for which of them.
  const location = server === issuer ? {} : { locations: [issuer] };
  const details = ids.map((id) => ({ type: "openid_credential", credential_configuration_id: id, ...location }));
  const byScope = scopes.every((scope) => scope !== undefined);
  const issuerState = offer.grants?.authorization_code?.issuer_state;
  return {
    ...(byScope ? { scope: [...new Set(scopes)].join(" ") } : {}),
    ...(byScope && server !== issuer ? { resource: issuer } : {}),
    additionalRequestPayload: {
      ...(byScope ? {} : { authorization_details: details }),
      ...(issuerState === undefined ? {} : { issuer_state: issuerState }),
    },
  };
}

/**
 * The vault with what came back, as far as it belongs to something that this wallet waits for and comes from the server that
 * was asked (RFC 9207); what says no ends that. Throws `OfferError`.
 */
export async function takeResponse(vault: Vault, response: AuthorizationResponse, now: number): Promise<Vault> {
  const found = openAuthorizations((await reload(vault)).content, now).find((each) => belongs(response, each));
  if (found === undefined) throw new OfferError("page_not_waited_for");
  if ("error" in response) {
    await forgetAuthorization(vault, found);
    throw new OfferError(response.error === "access_denied" ? "page_denied" : "page_refused", found.offer);
  }
  return changeContent(vault, (content) => ({
    ...content,
    authorizations: openAuthorizations(content, now).map((each) =>
      belongs(response, each) ? { ...each, code: response.code } : each,
    ),
  }));
}

/** The same answer may come again, where the window was closed before the code was redeemed; another one may not. */
function belongs(response: AuthorizationResponse, { state, server, code }: Authorization): boolean {
  const isNew = code === null || ("code" in response && response.code === code);
  return response.state === state && response.iss === server && isNew;
}

/**
 * Redeems each code that came back and asks for what it is for; returns the vault as it then is, and whether something was
 * refused. Throws `OfferError`, `not_reached` where it can be tried again as it is.
 */
export async function redeemCodes(vault: Vault, now: number): Promise<{ vault: Vault; refused: boolean }> {
  const [next] = openAuthorizations(vault.content, now).filter(({ code }) => code !== null);
  if (next === undefined) return { vault, refused: false };
  const done = await oneWindowAtATime(vault, next.offer, async () => {
    const current = await reload(vault);
    const still = openAuthorizations(current.content, now).find(({ state }) => state === next.state);
    return still === undefined ? { vault: current, refused: false } : redeem(current, still);
  });
  const rest = await redeemCodes(done.vault, now);
  return { vault: rest.vault, refused: done.refused || rest.refused };
}

async function redeem(vault: Vault, authorization: Authorization): Promise<{ vault: Vault; refused: boolean }> {
  const client = await createClient();
  const metadata = await client.resolveIssuerMetadata(authorization.credentialIssuer).catch(() => {
    throw new OfferError("not_reached");
  });
  const { access, scope } = await fetchAccess(vault, authorization, metadata);
  const asked = await offeredBy(metadata, authorization.configurationIds);
  const credentials = asked.filter(({ configurationId }) => isGranted(configurationId, metadata, access, scope));
  const pending = await createPending(vault.id, { link: authorization.offer, metadata, credentials }, access);
  const begun = await changeContent(vault, (content) => withPending(without(content, authorization), pending, access));
  const taken = await askForAll(client, metadata, begun, authorization.offer);
  return { vault: taken.vault, refused: taken.refused || credentials.length === 0 };
}

type Metadata = DescribedOffer["metadata"];

async function fetchAccess(
  vault: Vault,
  authorization: Authorization,
  metadata: Metadata,
): Promise<{ access: Access; scope: string | null }> {
  const { server: issuer, clientId, code, codeVerifier, redirectUri, offer } = authorization;
  const server = metadata.authorizationServers.find((each) => each.issuer === issuer);
  const { Oauth2Client, Oauth2ClientErrorResponseError } = await import("@openid4vc/oauth2");
  try {
    if (server === undefined) throw new Error("the server is no longer the issuer's");
    const { accessTokenResponse } = await new Oauth2Client({
      callbacks: CALLBACKS,
    }).retrieveAuthorizationCodeAccessToken({
      authorizationServerMetadata: server,
      authorizationCode: code ?? "",
      pkceCodeVerifier: codeVerifier,
      redirectUri,
      additionalRequestPayload: { client_id: clientId },
    });
    const access = accessOf(accessTokenResponse, { clientId, server: issuer });
    return { access, scope: accessTokenResponse.scope ?? null };
  } catch (error) {
    const isRefused = error instanceof Oauth2ClientErrorResponseError && REFUSED.includes(error.response.status);
    if (!isRefused) throw new OfferError("not_reached");
    await forgetAuthorization(vault, authorization);
    throw new OfferError("page_code_over", offer);
  }
}

/** Whether the leave is for that one too: at the page, less may be given than was asked for. */
function isGranted(id: string, { credentialIssuer }: Metadata, { identifiers }: Access, scope: string | null): boolean {
  if (Object.keys(identifiers).length > 0) return id in identifiers;
  const own = (credentialIssuer.credential_configurations_supported[id] as { scope?: string } | undefined)?.scope;
  return scope === null || own === undefined || scope.split(" ").includes(own);
}

/** The vault that waits for it no more. */
export function forgetAuthorization(vault: Vault, authorization: Authorization): Promise<Vault> {
  return changeContent(vault, (content) => without(content, authorization));
}

function without(content: Content, { state }: Authorization): Content {
  return { ...content, authorizations: (content.authorizations ?? []).filter((each) => each.state !== state) };
}
