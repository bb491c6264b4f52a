/**
 * A wallet's backup at its provider: ciphertext, sealed under a recovery code's key (`recovery_code.ts`). The provider keeps
 * the newest version only, and takes no older one after it; it learns neither whose it is nor what is in it.
 */

import { decodeBase64url, encodeBase64url } from "../shared/base64url";
import { readBounded } from "../shared/bounded_stream";
import { type BackedUp, backedUpOf, encodeBackedUp, mergeBackedUp, parseBackedUp } from "./backed_up";
import { restoreBackedUp } from "./backup";
import type { HeldCredential } from "./held_credential";
import { type BackupKeys, deriveBackupKeys } from "./recovery_code";
import { importSealingKey, seal, unseal } from "./sealing";
import { changeContent, reload, type Vault } from "./vault";

const IV_BYTES = 12;
const MAX_UNPACKED_BYTES = 8 * 1024 * 1024;

/**
 * A backup that is kept up to date. `digest` is of the credentials that the vault had when it was sent last, so that nothing is
 * sent twice. What was shown goes along when they change: a write for each time would tell the provider when that was.
 * `shared`: another phone has written to it too, and what that one has is in the backup alone.
 */
export interface OnlineBackup extends BackupKeys {
  version: number;
  digest: string;
  shared?: boolean;
}

/** What a recovery code brought. */
export interface FetchedBackup {
  backedUp: BackedUp;
  onlineBackup: OnlineBackup;
}

interface Downloaded {
  version: number;
  backedUp: BackedUp;
}

/** There is nothing at the code's address, or what is there is not sealed with its key. */
export class NoSuchBackup extends Error {}

/** The provider does not answer, or not now; the same may be tried again. */
export class BackupNotReached extends Error {}

/** The vault has a backup by now, under the code that another window made. */
export class BackupIsOn extends Error {}

/**
 * Keeps a first backup under a new code, and the vault's own word that it is to be kept up to date. Throws `BackupIsOn`,
 * `BackupNotReached`.
 */
export function turnOnBackup(vault: Vault, code: string): Promise<Vault> {
  return oneAtATime(vault, async (current) => {
    if (current.content.onlineBackup !== undefined) throw new BackupIsOn();
    const keys = await deriveBackupKeys(code);
    const onlineBackup = await upload({ ...keys, version: 0, digest: "" }, backedUpOf(current.content));
    return changeContent(current, (content) => ({ ...content, onlineBackup }));
  });
}

/** Deletes the backup, and makes its code worthless. Throws `BackupNotReached`. */
export function turnOffBackup(vault: Vault): Promise<Vault> {
  return oneAtATime(vault, async (current) => {
    const { onlineBackup } = current.content;
    if (onlineBackup !== undefined) {
      const { status } = await ask(onlineBackup, "DELETE");
      if (status !== 204 && status !== 404) throw new BackupNotReached();
    }
    return changeContent(current, ({ onlineBackup: _, ...content }) => content);
  });
}

/** The vault, and at the provider what it holds now. Throws `BackupNotReached`. */
export function bringBackupUpToDate(vault: Vault): Promise<Vault> {
  return oneAtATime(vault, async (current) => {
    const { onlineBackup: kept, credentials } = current.content;
    if (kept === undefined || kept.digest === (await digestOf(credentials))) return current;
    const onlineBackup = await upload(kept, backedUpOf(current.content));
    return changeContent(current, (content) => ({ ...content, onlineBackup }));
  });
}

/** What a code's backup holds. `code` was parsed. Throws `NoSuchBackup`, `BackupNotReached`. */
export async function fetchBackup(code: string): Promise<FetchedBackup> {
  const keys = await deriveBackupKeys(code);
  const { version, backedUp } = await download(keys);
  return { backedUp, onlineBackup: { ...keys, version, digest: await digestOf(backedUp.credentials) } };
}

/** A new profile with what was fetched, which goes on with the same backup. */
export function restoreOnlineBackup(fetched: FetchedBackup, name: string, pin: string): Promise<Vault> {
  return restoreBackedUp(fetched.backedUp, name, pin, { onlineBackup: fetched.onlineBackup });
}

/** Once another phone with the same code was quicker, what it has is kept too, from then on: the backup is both phones'. */
async function upload(online: OnlineBackup, mine: BackedUp): Promise<OnlineBackup> {
  const first = online.shared ? null : await put(online, online.version + 1, mine);
  if (first !== null) return first;
  const theirs = await download(online).catch(noneOf);
  const all = mergeBackedUp(mine, theirs.backedUp, Date.now() / 1000);
  const second = await put({ ...online, shared: true }, Math.max(theirs.version, online.version) + 1, all);
  if (second === null) throw new BackupNotReached();
  return { ...second, digest: await digestOf(mine.credentials) };
}

/** Where the other phone has turned it off, the backup begins anew. */
function noneOf(error: unknown): Downloaded {
  if (error instanceof NoSuchBackup) return { version: 0, backedUp: { credentials: [], history: [] } };
  throw error;
}

/** Null where there is this version or a newer one. */
async function put(online: OnlineBackup, version: number, backedUp: BackedUp): Promise<OnlineBackup | null> {
  const packed = await through(new CompressionStream("gzip"), encodeBackedUp(backedUp));
  const { iv, ciphertext } = await seal(await sealingKey(online), packed, purpose(version));
  const sealed = encodeBase64url(new Uint8Array([...iv, ...new Uint8Array(ciphertext)]));
  const { status } = await ask(online, "PUT", { version, ciphertext: sealed });
  if (status === 409) return null;
  if (status !== 204) throw new BackupNotReached();
  return { ...online, version, digest: await digestOf(backedUp.credentials) };
}

async function download(keys: BackupKeys): Promise<Downloaded> {
  const answer = await ask(keys, "GET");
  if (answer.status === 404) throw new NoSuchBackup();
  if (!answer.ok) throw new BackupNotReached();
  try {
    const { version, ciphertext } = (await answer.json()) as { version: number; ciphertext: string };
    const bytes = decodeBase64url(ciphertext);
    const sealed = { iv: bytes.slice(0, IV_BYTES), ciphertext: bytes.slice(IV_BYTES).buffer };
    const packed = await unseal(await sealingKey(keys), sealed, purpose(version));
    const content = await through(new DecompressionStream("gzip"), new Uint8Array(packed));
    return { version, backedUp: parseBackedUp(content) };
  } catch {
    throw new NoSuchBackup();
  }
}

async function ask(keys: BackupKeys, method: "GET" | "PUT" | "DELETE", body?: object): Promise<Response> {
  const headers: Record<string, string> = { Authorization: `Bearer ${keys.secret}` };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  return fetch(`./backups/${keys.address}`, {
    method,
    headers,
    cache: "no-store",
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch(() => {
    throw new BackupNotReached();
  });
}

async function through(
  transform: CompressionStream | DecompressionStream,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  return readBounded(new Blob([bytes]).stream().pipeThrough(transform), MAX_UNPACKED_BYTES);
}

async function digestOf(credentials: readonly HeldCredential[]): Promise<string> {
  return encodeBase64url(new Uint8Array(await crypto.subtle.digest("SHA-256", encode(JSON.stringify(credentials)))));
}

/** In the order that they are asked for: what is on its way must not come after the backup was deleted. */
function oneAtATime(vault: Vault, work: (current: Vault) => Promise<Vault>): Promise<Vault> {
  return navigator.locks.request(`backup ${vault.id}`, async () => work(await reload(vault)));
}

/** The version is sealed too: an old ciphertext does not pass for a new one. */
const purpose = (version: number) => `online backup ${version}`;
const sealingKey = ({ key }: BackupKeys) => importSealingKey(decodeBase64url(key));
const encode = (text: string) => new TextEncoder().encode(text);
