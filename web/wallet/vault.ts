/**
 * A profile's vault: what one person's wallet holds, sealed under a key that comes from the PIN and from this phone.
 *
 *     PIN ── PBKDF2 ──▶ HMAC with the phone's own key ──▶ AES-GCM key ──▶ the content
 *
 * A PIN of six digits alone is guessed in minutes by whoever copies the tables; the phone's key, which the browser
 * gives out to nobody, makes that impossible elsewhere, and here every wrong PIN costs time.
 */

import { encodeBase64url } from "../shared/base64url";
import { load, loadAll, type ProfileRow, remove, save } from "./database";
import type { HeldCredential } from "./held_credential";

export const PIN_DIGITS = 6;
const ITERATIONS = 600_000;
const FREE_ATTEMPTS = 3;
const FIRST_WAIT_MS = 30_000;

/** What a profile's vault holds. */
export interface Content {
  credentials: HeldCredential[];
}

/** An open vault; closed by forgetting it. */
export interface Vault {
  id: string;
  name: string;
  content: Content;
  key: CryptoKey;
}

export class WrongPin extends Error {}

/** Too many wrong PINs: nothing is tried before `until` (milliseconds since 1970). */
export class Waiting extends Error {
  constructor(readonly until: number) {
    super();
  }
}

export async function profiles(): Promise<{ id: string; name: string }[]> {
  return (await loadAll("profiles")).map(({ id, name }) => ({ id, name }));
}

export async function createVault(name: string, pin: string): Promise<Vault> {
  const id = encodeBase64url(crypto.getRandomValues(new Uint8Array(16)));
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const deviceKey = await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const key = await deriveKey(pin, salt, deviceKey);
  const content: Content = { credentials: [] };
  await save("profiles", { id, name, salt, deviceKey, sealed: await seal(key, content), wrongPins: 0, lockedUntil: 0 });
  return { id, name, content, key };
}

/** The vault of a profile. Throws `WrongPin`, and `Waiting` after too many of these. */
export function openVault(id: string, pin: string): Promise<Vault> {
  return alone(id, () => tryPin(id, pin));
}

async function tryPin(id: string, pin: string): Promise<Vault> {
  const row = await existing(id);
  if (Date.now() < row.lockedUntil) throw new Waiting(row.lockedUntil);
  // Counted before it is tried: closing the page in between must not make a guess free.
  const wrongPins = row.wrongPins + 1;
  const wait = wrongPins > FREE_ATTEMPTS ? FIRST_WAIT_MS * 2 ** (wrongPins - FREE_ATTEMPTS - 1) : 0;
  await save("profiles", { ...row, wrongPins, lockedUntil: wait === 0 ? 0 : Date.now() + wait });
  const key = await deriveKey(pin, row.salt, row.deviceKey);
  const content = await unseal(key, row.sealed).catch(() => {
    throw new WrongPin();
  });
  await save("profiles", { ...row, wrongPins: 0, lockedUntil: 0 });
  return { id, name: row.name, content, key };
}

/**
 * The vault with its content changed; `change` gets what the phone's disk has now, which another window may have added to,
 * and the disk has what it gives when this returns.
 */
export function changeContent(vault: Vault, change: (content: Content) => Content): Promise<Vault> {
  return alone(vault.id, async () => {
    const row = await existing(vault.id);
    const content = change(await unseal(vault.key, row.sealed));
    await save("profiles", { ...row, sealed: await seal(vault.key, content) });
    return { ...vault, content };
  });
}

/** The vault with more credentials. */
export function addCredentials(vault: Vault, added: readonly HeldCredential[]): Promise<Vault> {
  return changeContent(vault, (content) => ({ ...content, credentials: [...content.credentials, ...added] }));
}

/** The vault as the phone's disk has it now. */
export async function reload(vault: Vault): Promise<Vault> {
  return { ...vault, content: await unseal(vault.key, (await existing(vault.id)).sealed) };
}

/** Forgets a profile with all that it holds. */
export async function deleteVault(id: string): Promise<void> {
  for (const key of await loadAll("keys")) {
    if (key.profile === id) await remove("keys", key.id);
  }
  await remove("profiles", id);
}

async function existing(id: string): Promise<ProfileRow> {
  const row = await load("profiles", id);
  if (row === undefined) throw new Error("no such profile");
  return row;
}

async function deriveKey(pin: string, salt: Uint8Array<ArrayBuffer>, deviceKey: CryptoKey): Promise<CryptoKey> {
  const typed = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveBits"]);
  const slow = await crypto.subtle.deriveBits(
    { name: "PBKDF2", hash: "SHA-256", salt, iterations: ITERATIONS },
    typed,
    256,
  );
  const bound = await crypto.subtle.sign("HMAC", deviceKey, slow);
  return crypto.subtle.importKey("raw", bound, "AES-GCM", false, ["encrypt", "decrypt"]);
}

/** One at a time for each profile, whichever window it is: what is read and written again must not be changed between. */
function alone<T>(id: string, work: () => Promise<T>): Promise<T> {
  return navigator.locks.request(`vault ${id}`, work);
}

async function unseal(key: CryptoKey, sealed: ProfileRow["sealed"]): Promise<Content> {
  const opened = await crypto.subtle.decrypt({ name: "AES-GCM", iv: sealed.iv }, key, sealed.ciphertext);
  return JSON.parse(new TextDecoder().decode(opened)) as Content;
}

async function seal(key: CryptoKey, content: Content): Promise<ProfileRow["sealed"]> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const plaintext = new TextEncoder().encode(JSON.stringify(content));
  return { iv, ciphertext: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, plaintext) };
}
