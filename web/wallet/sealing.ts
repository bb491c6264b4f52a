/** Sealing with AES-GCM: what is kept can be read, and changed unnoticed, only by who has the key. */

export interface Sealed {
  iv: Uint8Array<ArrayBuffer>;
  ciphertext: ArrayBuffer;
}

/** `purpose` says what the bytes are, so that nothing sealed for one place opens in another. */
export async function seal(key: CryptoKey, plaintext: BufferSource, purpose: string): Promise<Sealed> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return { iv, ciphertext: await crypto.subtle.encrypt(terms(iv, purpose), key, plaintext) };
}

/** Throws where the key, the purpose or a bit of it is another. */
export async function unseal(key: CryptoKey, { iv, ciphertext }: Sealed, purpose: string): Promise<ArrayBuffer> {
  return crypto.subtle.decrypt(terms(iv, purpose), key, ciphertext);
}

export async function sealJson(key: CryptoKey, value: unknown, purpose: string): Promise<Sealed> {
  return seal(key, new TextEncoder().encode(JSON.stringify(value)), purpose);
}

/** As `unseal`; the caller knows what it sealed. */
export async function unsealJson<T>(key: CryptoKey, sealed: Sealed, purpose: string): Promise<T> {
  return JSON.parse(new TextDecoder().decode(await unseal(key, sealed, purpose))) as T;
}

/** A key of 32 bytes that seals, and that no script can read again. */
export function importSealingKey(bytes: BufferSource): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
}

function terms(iv: Uint8Array<ArrayBuffer>, purpose: string): AesGcmParams {
  return { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(purpose) };
}
