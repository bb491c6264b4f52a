/**
 * A profile in a file, for another phone: its cards with their keys, and what was shown of them, under a passphrase of its own.
 *
 * The file is JSON: `version`, and in base64url `salt`, `iv` and `sealed`, AES-GCM under a key by PBKDF2 with SHA-256. Whoever has
 * the file can guess at the passphrase as long as they like, so it must be longer than a PIN.
 */

import { decodeBase64url, encodeBase64url } from "../shared/base64url";
import { type BackedUp, backedUpOf, encodeBackedUp, parseBackedUp } from "./backed_up";
import type { HeldCredential } from "./held_credential";
import { importHolderKey } from "./holder_keys";
import { checkRestored, withoutLeftOut } from "./restored";
import { type Content, createVault, type Vault } from "./vault";

export const MIN_PASSPHRASE = 12;
const ITERATIONS = 1_000_000;
const VERSION = 1;

/** The file is no backup, or the passphrase is not its. */
export class BadBackup extends Error {}

interface Backup {
  version: number;
  salt: string;
  iv: string;
  sealed: string;
}

export async function createBackup(vault: Vault, passphrase: string): Promise<Blob> {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const content = encodeBackedUp(backedUpOf(vault.content));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await deriveKey(passphrase, salt), content);
  const backup: Backup = {
    version: VERSION,
    salt: encodeBase64url(salt),
    iv: encodeBase64url(iv),
    sealed: encodeBase64url(new Uint8Array(sealed)),
  };
  return new Blob([JSON.stringify(backup)], { type: "application/json" });
}

/** A new profile on this phone with what the file holds. Throws `BadBackup`. */
export async function restoreBackup(file: Blob, passphrase: string, name: string, pin: string): Promise<Vault> {
  return restoreBackedUp(await open(file, passphrase), name, pin);
}

/** A new profile on this phone with what was backed up and is good, keys and all, and with `others` beside it. */
export async function restoreBackedUp(
  { credentials, history }: BackedUp,
  name: string,
  pin: string,
  others: Partial<Content> = {},
): Promise<Vault> {
  const { kept, leftOut } = await checkRestored(credentials, Math.floor(Date.now() / 1000));
  return createVault(name, pin, async (id) => {
    const restored: HeldCredential[] = [];
    for (const each of kept) restored.push({ ...each, keyId: await importHolderKey(id, each.privateJwk) });
    return withoutLeftOut({ ...others, credentials: restored, history }, leftOut);
  });
}

async function open(file: Blob, passphrase: string): Promise<BackedUp> {
  try {
    const backup = JSON.parse(await file.text()) as Backup;
    if (backup.version !== VERSION) throw new BadBackup();
    const key = await deriveKey(passphrase, decodeBase64url(backup.salt));
    const iv = decodeBase64url(backup.iv);
    const content = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, decodeBase64url(backup.sealed));
    return parseBackedUp(content);
  } catch {
    throw new BadBackup();
  }
}

async function deriveKey(passphrase: string, salt: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  const typed = new TextEncoder().encode(passphrase.normalize("NFC"));
  const base = await crypto.subtle.importKey("raw", typed, "PBKDF2", false, ["deriveKey"]);
  const terms = { name: "PBKDF2", hash: "SHA-256", salt, iterations: ITERATIONS };
  return crypto.subtle.deriveKey(terms, base, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}
