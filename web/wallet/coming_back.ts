/** Coming back to issuers: for what is on its way, and for more copies of what runs low, by the grants they gave. */

import type { IssuerMetadataResult, Openid4vciClient } from "@openid4vc/openid4vci";
import { CALLBACKS } from "./callbacks";
import { copiesOf, runsLow } from "./copies";
import {
  createClient,
  createKeys,
  identifiersIn,
  NotGiven,
  requestCredentials,
  verifyCopies,
  type Wanted,
} from "./credential_requests";
import type { HeldCredential, PendingCredential } from "./held_credential";
import { deleteHolderKey, type HolderKey } from "./holder_keys";
import { askOnce, isOver, oneWindowAtATime, replacePending } from "./pending";
import { type Content, changeContent, reload, type Vault } from "./vault";

const ENDS_SOON_SECONDS = 30 * 86_400;
const ON_SCREEN_SECONDS = 3600;
const LOW_AGAIN_SECONDS = 600;
const ENDING_AGAIN_SECONDS = 86_400;

/** The vault after asking for each credential whose time has come; one that can't be had now waits, and holds up no other. */
export function askForPending(vault: Vault, now: number): Promise<Vault> {
  return oneAtATime(vault, async (current) => {
    let changed = current;
    for (const pending of duePending(current.content, now))
      changed = await oneWindowAtATime(vault, pending.offer ?? pending.id, async () => {
        const newest = await reload(changed);
        const still = duePending(newest.content, now).find(({ id }) => id === pending.id);
        return still === undefined ? newest : askFor(newest, still, now);
      }).catch(() => reload(changed));
    return changed;
  });
}

/** The vault with more copies of what runs low and newer ones of what ends soon, where the issuer gave leave for that. */
export function topUp(vault: Vault, now: number): Promise<Vault> {
  return oneAtATime(vault, async (current) => {
    let changed = current;
    for (const [grantId, credentials] of dueByGrant(current.content, now)) {
      changed = await topUpBy(changed, grantId, credentials, now).catch(() => noteAsked(changed, grantId, now));
    }
    return changed;
  });
}

/** Whether there is anything to come back for. */
export function isComingBackDue(content: Content, now: number): boolean {
  return dueByGrant(content, now).size > 0;
}

/** Whether the time has come to ask for what is on its way. */
export function isPendingDue(content: Content, now: number): boolean {
  return duePending(content, now).length > 0;
}

function duePending({ pending = [] }: Content, now: number): PendingCredential[] {
  return pending.filter(({ state, askFrom }) => state === "waiting" && askFrom <= now);
}

async function askFor(vault: Vault, pending: PendingCredential, now: number): Promise<Vault> {
  const client = await createClient();
  const metadata = await client.resolveIssuerMetadata(pending.source.credentialIssuer);
  let changed = vault;
  try {
    return await askOnce(client, metadata, vault, pending, now).catch(async (error) => {
      if (!(error instanceof NotGiven && error.status === 401)) throw error;
      const renewed = await refresh(changed, metadata, pending.source.grantId, now);
      const identifier = renewed.identifiers[pending.source.configurationId];
      const named = identifier === undefined ? {} : { credentialIdentifier: identifier };
      const again = { ...pending, accessToken: renewed.token, ...named };
      changed = await changeContent(renewed.vault, (content) => replacePending(content, again));
      return askOnce(client, metadata, changed, again, now);
    });
  } catch (error) {
    if (!isOver(error)) throw error;
    return changeContent(changed, (content) => replacePending(content, { ...pending, state: "refused" }));
  }
}

/** What is due, one of each set of copies, by the grant that it came by. */
function dueByGrant({ credentials, grants = {} }: Content, now: number): Map<string, HeldCredential[]> {
  const due = new Map<string, HeldCredential[]>();
  for (const held of credentials) {
    const grantId = held.source?.grantId;
    const grant = grantId == null ? undefined : grants[grantId];
    const copies = copiesOf(credentials, held);
    if (grantId == null || grant === undefined || copies[0] !== held) continue;
    const newestEnd = Math.max(...copies.map(({ expiresAt }) => expiresAt));
    const passed = now - grant.askedAt;
    const low = runsLow(copies, now) && passed >= LOW_AGAIN_SECONDS;
    const ending = newestEnd - now < ENDS_SOON_SECONDS && passed >= ENDING_AGAIN_SECONDS;
    if (low || ending) due.set(grantId, [...(due.get(grantId) ?? []), held]);
  }
  return due;
}

async function topUpBy(vault: Vault, grantId: string, credentials: HeldCredential[], now: number): Promise<Vault> {
  const client = await createClient();
  const issuer = vault.content.grants?.[grantId]?.credentialIssuer ?? "";
  const metadata = await client.resolveIssuerMetadata(issuer);
  const refreshed = await refresh(vault, metadata, grantId, now);
  let changed = refreshed.vault;
  for (const held of credentials) changed = await topUpOne(client, metadata, changed, held, refreshed);
  return changed;
}

/** An issuer that gives nothing any more is not asked again at once. */
function noteAsked(vault: Vault, grantId: string, now: number): Promise<Vault> {
  return changeContent(vault, (content) => {
    const grant = content.grants?.[grantId];
    if (grant === undefined) return content;
    return { ...content, grants: { ...content.grants, [grantId]: { ...grant, askedAt: now } } };
  });
}

async function topUpOne(
  client: Openid4vciClient,
  metadata: IssuerMetadataResult,
  vault: Vault,
  held: HeldCredential,
  { token, identifiers }: Pick<Refreshed, "token" | "identifiers">,
): Promise<Vault> {
  if (held.source === undefined) return vault;
  const keys = await createKeys(vault.id, metadata);
  const identifier = identifiers[held.source.configurationId];
  const named = identifier === undefined ? {} : { credentialIdentifier: identifier };
  const wanted: Wanted = { source: held.source, format: held.format, vct: held.vct, keys, ...named };
  let changed: Vault;
  try {
    const answer = await requestCredentials(client, metadata, wanted, token);
    if ("transactionId" in answer) throw new Error("put off");
    const copies = await verifyCopies(answer.credentials, wanted, held.set ?? null);
    // What a holder sees of a credential stays as it was when it was accepted.
    if (copies[0]?.issuer !== held.issuer) throw new Error("another issuer");
    changed = await changeContent(vault, (content) => ({
      ...content,
      credentials: [...content.credentials.filter((each) => stays(each, held, copies)), ...copies],
    }));
  } catch {
    await deleteKeys(keys);
    return vault;
  }
  const kept = new Set(changed.content.credentials.map(({ id }) => id));
  const gone = vault.content.credentials.filter(({ id }) => !kept.has(id));
  // A key that stays behind does no harm.
  await deleteKeys(gone.map(({ keyId }) => ({ id: keyId }))).catch(() => undefined);
  return changed;
}

/** Of the copies before, those that nobody has seen stay, unless the new ones say something else. */
function stays(each: HeldCredential, held: HeldCredential, copies: readonly HeldCredential[]): boolean {
  if (each.id !== held.id && (held.set === undefined || each.set !== held.set)) return true;
  const issuedAt = copies[0]?.issuedAt ?? 0;
  // One that was shown a moment ago may be on the screen still.
  if (each.usedAt !== undefined) return issuedAt - each.usedAt < ON_SCREEN_SECONDS;
  const same = JSON.stringify(each.claims) === JSON.stringify(copies[0]?.claims);
  return each.set !== undefined && each.expiresAt > issuedAt && same;
}

interface Refreshed {
  vault: Vault;
  token: string;
  identifiers: Record<string, string>;
}

/** A new access token; the refresh token that came with it is on the disk before anything else is done. Throws `NotGiven`. */
async function refresh(
  vault: Vault,
  metadata: IssuerMetadataResult,
  grantId: string | null,
  now: number,
): Promise<Refreshed> {
  const grant = grantId === null ? undefined : vault.content.grants?.[grantId];
  const asked = grant?.client;
  const servers = metadata.authorizationServers;
  const server = asked === undefined ? servers[0] : servers.find(({ issuer }) => issuer === asked.server);
  if (grantId === null || grant === undefined || server === undefined) throw new NotGiven(400, "invalid_grant");
  const { Oauth2Client, Oauth2ClientErrorResponseError } = await import("@openid4vc/oauth2");
  const answer = new Oauth2Client({ callbacks: CALLBACKS }).retrieveRefreshTokenAccessToken({
    authorizationServerMetadata: server,
    refreshToken: grant.refreshToken,
    ...(asked === undefined ? {} : { additionalRequestPayload: { client_id: asked.clientId } }),
  });
  const { accessTokenResponse } = await answer.catch((error) => {
    if (!(error instanceof Oauth2ClientErrorResponseError)) throw error;
    throw new NotGiven(error.response.status, error.errorResponse.error);
  });
  const refreshToken = accessTokenResponse.refresh_token ?? grant.refreshToken;
  const changed = await changeContent(vault, (content) => ({
    ...content,
    grants: { ...content.grants, [grantId]: { ...grant, refreshToken, askedAt: now } },
  }));
  return { vault: changed, token: accessTokenResponse.access_token, identifiers: identifiersIn(accessTokenResponse) };
}

async function deleteKeys(keys: readonly Pick<HolderKey, "id">[]): Promise<void> {
  await Promise.all(keys.map(({ id }) => deleteHolderKey(id)));
}

/** A refresh token used by two windows at once would end all that came by it. */
function oneAtATime(vault: Vault, work: (current: Vault) => Promise<Vault>): Promise<Vault> {
  return navigator.locks.request(`coming back ${vault.id}`, async () => work(await reload(vault)));
}
