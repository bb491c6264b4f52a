/**
 * The locks of a vault: each seals the same content key in its own way, so that one can be added, changed or taken away
 * without the others and without what is in the vault.
 *
 *     PIN ────────────────── PBKDF2 ──┐
 *     passkey's PRF output ── HKDF ───┴──▶ HMAC with the phone's own key ──▶ AES-GCM key ──▶ the content key
 *
 * A PIN of six digits alone is guessed in minutes by whoever copies the tables; the phone's key, which the browser gives out
 * to no script, is what stands before that.
 */

import { importSealingKey, type Sealed, seal, unseal } from "./sealing";

const ITERATIONS = 600_000;
const CONTENT_KEY = "content key";

export interface PinLock {
  salt: Uint8Array<ArrayBuffer>;
  contentKey: Sealed;
  wrongPins: number;
  lockedUntil: number;
}

export interface PasskeyLock {
  credentialId: Uint8Array<ArrayBuffer>;
  /** What the passkey's pseudo-random function is asked of. */
  prfInput: Uint8Array<ArrayBuffer>;
  contentKey: Sealed;
}

/** What a passkey gave: its name, and the secret output for the input. */
export type PasskeyAnswer = Pick<PasskeyLock, "credentialId" | "prfInput"> & { output: ArrayBuffer };

/** 32 random bytes; only in memory, and only while a lock is made. */
export type ContentKeyBytes = BufferSource;

export function createDeviceKey(): Promise<CryptoKey> {
  return crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
}

export async function createPinLock(deviceKey: CryptoKey, pin: string, contentKey: ContentKeyBytes): Promise<PinLock> {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const key = await importSealingKey(await pinSecret(deviceKey, pin, salt));
  return { salt, contentKey: await seal(key, contentKey, CONTENT_KEY), wrongPins: 0, lockedUntil: 0 };
}

/** Throws where the PIN is another. */
export async function openPinLock(deviceKey: CryptoKey, lock: PinLock, pin: string): Promise<ContentKeyBytes> {
  return unseal(await importSealingKey(await pinSecret(deviceKey, pin, lock.salt)), lock.contentKey, CONTENT_KEY);
}

export async function createPasskeyLock(
  deviceKey: CryptoKey,
  { credentialId, prfInput, output }: PasskeyAnswer,
  contentKey: ContentKeyBytes,
): Promise<PasskeyLock> {
  const key = await passkeyKey(deviceKey, output);
  return { credentialId, prfInput, contentKey: await seal(key, contentKey, CONTENT_KEY) };
}

/** Throws where the output is another. */
export async function openPasskeyLock(
  deviceKey: CryptoKey,
  lock: PasskeyLock,
  output: ArrayBuffer,
): Promise<ContentKeyBytes> {
  return unseal(await passkeyKey(deviceKey, output), lock.contentKey, CONTENT_KEY);
}

/** Seals what may be read on this phone by anybody, such as a profile's name. */
export async function phoneKey(deviceKey: CryptoKey): Promise<CryptoKey> {
  return importSealingKey(await bindToPhone(deviceKey, new TextEncoder().encode("phone")));
}

/** 32 bytes. Version 1 sealed the content under them. */
export async function pinSecret(
  deviceKey: CryptoKey,
  pin: string,
  salt: Uint8Array<ArrayBuffer>,
): Promise<ArrayBuffer> {
  const typed = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveBits"]);
  const terms = { name: "PBKDF2", hash: "SHA-256", salt, iterations: ITERATIONS };
  return bindToPhone(deviceKey, await crypto.subtle.deriveBits(terms, typed, 256));
}

async function passkeyKey(deviceKey: CryptoKey, output: ArrayBuffer): Promise<CryptoKey> {
  const secret = await crypto.subtle.importKey("raw", output, "HKDF", false, ["deriveBits"]);
  const info = new TextEncoder().encode("sabai vault passkey");
  const terms = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info };
  return importSealingKey(await bindToPhone(deviceKey, await crypto.subtle.deriveBits(terms, secret, 256)));
}

function bindToPhone(deviceKey: CryptoKey, secret: BufferSource): Promise<ArrayBuffer> {
  return crypto.subtle.sign("HMAC", deviceKey, secret);
}
