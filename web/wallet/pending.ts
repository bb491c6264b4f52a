/**
 * Credentials on their way. As soon as an issuer gave its leave, the vault has what it takes to ask for them: a code counts
 * once, and neither a page that is unloaded nor an answer that is lost may cost the card, at an issuer that gives the same set to
 * the same token and keys again, as ours does.
 */

import type { AccessTokenResponse } from "@openid4vc/oauth2";
import type { IssuerMetadataResult, Openid4vciClient } from "@openid4vc/openid4vci";
import {
  type Answer,
  createKeys,
  identifiersIn,
  NotGiven,
  randomId,
  requestCredentials,
  requestDeferred,
  verifyCopies,
} from "./credential_requests";
import type { Authorization, AuthorizedClient, PendingCredential } from "./held_credential";
import { deleteHolderKey } from "./holder_keys";
import type { OfferedCredential } from "./issuance";
import { BadCredential } from "./received";
import { type Content, changeContent, type Vault } from "./vault";

/** An issuer's leave, as its token response has it; `client` where it came by an authorization code. */
export interface Access {
  token: string;
  refreshToken: string | null;
  grantId: string | null;
  client: AuthorizedClient | null;
  /** What it calls the credentials, by configuration. */
  identifiers: Record<string, string>;
}

export function accessOf(answer: AccessTokenResponse, client: AuthorizedClient | null = null): Access {
  const refreshToken = answer.refresh_token ?? null;
  return {
    token: answer.access_token,
    refreshToken,
    grantId: refreshToken === null ? null : randomId(),
    client,
    identifiers: identifiersIn(answer),
  };
}

/** What is to be asked for by that leave, with the keys that it is asked for with. */
export async function createPending(
  vaultId: string,
  asked: { link: string; metadata: IssuerMetadataResult; credentials: readonly OfferedCredential[] },
  { token: accessToken, grantId, identifiers }: Access,
): Promise<PendingCredential[]> {
  const { credential_issuer: credentialIssuer } = asked.metadata.credentialIssuer;
  const pending: PendingCredential[] = [];
  for (const { configurationId, format, type } of asked.credentials) {
    const source = { credentialIssuer, configurationId, grantId };
    const keys = await createKeys(vaultId, asked.metadata);
    const terms = { transactionId: null, accessToken, askFrom: 0, state: "waiting" } as const;
    const identifier = identifiers[configurationId];
    const named = identifier === undefined ? {} : { credentialIdentifier: identifier };
    pending.push({ id: randomId(), offer: asked.link, source, format, vct: type.vct, keys, ...terms, ...named });
  }
  return pending;
}

export function withPending(content: Content, more: readonly PendingCredential[], access: Access): Content {
  const pending = [...(content.pending ?? []), ...more];
  const { grantId, refreshToken, client } = access;
  const credentialIssuer = more[0]?.source.credentialIssuer;
  if (grantId === null || refreshToken === null || credentialIssuer === undefined) return { ...content, pending };
  const grant = { credentialIssuer, refreshToken, askedAt: 0, ...(client === null ? {} : { client }) };
  return { ...content, pending, grants: { ...content.grants, [grantId]: grant } };
}

/** Asks for all that came by the offer of this link and was not asked for yet; whether something was refused. */
export async function askForAll(
  client: Openid4vciClient,
  metadata: IssuerMetadataResult,
  vault: Vault,
  link: string,
): Promise<{ vault: Vault; refused: boolean }> {
  let now = vault;
  let refused = false;
  for (const pending of now.content.pending?.filter((each) => isToFetch(each, link)) ?? []) {
    try {
      now = await askOnce(client, metadata, now, pending, Math.floor(Date.now() / 1000));
    } catch (error) {
      // The first screen shows it on its way, and goes on with it.
      if (!isOver(error)) continue;
      now = await forgetPending(now, pending);
      refused = true;
    }
  }
  return { vault: now, refused };
}

function isToFetch({ offer, state, transactionId }: PendingCredential, link: string): boolean {
  return offer === link && state === "waiting" && transactionId === null;
}

/** What waits for its holder to be back from an issuer's page, or was not redeemed yet, as far as it is not over. */
export function openAuthorizations({ authorizations = [] }: Content, now: number): Authorization[] {
  return authorizations.filter(({ expiresAt }) => now < expiresAt);
}

/** Whether something is on its way by the offer of this link. */
export function isOnItsWay({ pending = [] }: Content, link: string): boolean {
  return pending.some(({ offer, state }) => offer === link && state === "waiting");
}

/**
 * The vault after asking for it once: with the credential, or with when to ask again. Throws `NotGiven`, `BadCredential`,
 * `NotYetInForce`, `UntrustedIssuer`, and whatever a network does.
 */
export async function askOnce(
  client: Openid4vciClient,
  metadata: IssuerMetadataResult,
  vault: Vault,
  pending: PendingCredential,
  now: number,
): Promise<Vault> {
  const answer = await ask(client, metadata, pending);
  if ("transactionId" in answer) {
    const { transactionId, interval } = answer;
    const postponed = { ...pending, transactionId, askFrom: now + interval };
    return changeContent(vault, (content) => replacePending(content, postponed));
  }
  const held = await verifyCopies(answer.credentials, pending, null);
  return changeContent(vault, (content) => {
    // Where its holder has forgotten it in the meantime, its keys are gone.
    if (!isPending(content, pending)) return content;
    return withoutPending({ ...content, credentials: [...content.credentials, ...held] }, pending);
  });
}

/** A transaction counts once too: where its answer was lost, the issuer is asked for the same keys from the beginning. */
async function ask(
  client: Openid4vciClient,
  metadata: IssuerMetadataResult,
  pending: PendingCredential,
): Promise<Answer> {
  const { transactionId, accessToken } = pending;
  if (transactionId !== null) {
    try {
      return await requestDeferred(metadata, transactionId, accessToken);
    } catch (error) {
      if (!(error instanceof NotGiven && error.error === "invalid_transaction_id")) throw error;
    }
  }
  return requestCredentials(client, metadata, pending, accessToken);
}

/**
 * Whether there is no use in asking again after that. A clock is set right, and an issuer that the provider's mirror does not
 * know may be one that it has not heard of yet: until then nothing is kept of it.
 */
export function isOver(error: unknown): boolean {
  return (error instanceof NotGiven && error.isFinal) || error instanceof BadCredential;
}

/** The vault without a credential that was refused, or that its holder no longer waits for. */
export async function forgetPending(vault: Vault, pending: PendingCredential): Promise<Vault> {
  let forgotten = false;
  const changed = await changeContent(vault, (content) => {
    forgotten = isPending(content, pending);
    return withoutPending(content, pending);
  });
  // Where it came in the meantime, its keys are those of a card.
  if (forgotten) await Promise.all(pending.keys.map(({ id }) => deleteHolderKey(id)));
  return changed;
}

export function replacePending(content: Content, changed: PendingCredential): Content {
  return { ...content, pending: content.pending?.map((each) => (each.id === changed.id ? changed : each)) ?? [] };
}

/** What came by one offer is asked for by one window at a time, which first looks at what the others have left to do. */
export function oneWindowAtATime<T>(vault: Vault, offer: string, work: () => Promise<T>): Promise<T> {
  return navigator.locks.request(`offer ${vault.id} ${offer}`, work);
}

function isPending(content: Content, { id }: PendingCredential): boolean {
  return content.pending?.some((each) => each.id === id) ?? false;
}

/** Without an issuer's leave too that nothing is left for. */
function withoutPending(content: Content, { id, source }: PendingCredential): Content {
  const pending = content.pending?.filter((each) => each.id !== id) ?? [];
  const { grantId } = source;
  const isUsed = [...content.credentials, ...pending].some((each) => each.source?.grantId === grantId);
  if (grantId === null || isUsed) return { ...content, pending };
  const { [grantId]: _, ...grants } = content.grants ?? {};
  return { ...content, pending, grants };
}
