/** The holder's keys: P-256, made on this phone, each for one credential, and readable by nobody. */

import { decodeBase64url, encodeBase64url } from "../shared/base64url";
import { load, remove, save } from "./database";

const P256 = { name: "ECDSA", namedCurve: "P-256" } as const;
const ES256 = { name: "ECDSA", hash: "SHA-256" } as const;

export interface PublicJwk {
  kty: "EC";
  crv: "P-256";
  x: string;
  y: string;
}

/** A key just made; see `createHolderKey`. */
export interface HolderKey {
  id: string;
  publicJwk: PublicJwk;
  privateJwk: JsonWebKey;
}

/**
 * A new key, saved before anybody hears of it. `privateJwk` is for a sealed place only, from where a backup takes it; what
 * signs is a copy that no script can read.
 */
export async function createHolderKey(profile: string): Promise<HolderKey> {
  const { privateKey } = await crypto.subtle.generateKey(P256, true, ["sign"]);
  const { x = "", y = "", d = "" } = await crypto.subtle.exportKey("jwk", privateKey);
  const publicJwk: PublicJwk = { kty: "EC", crv: "P-256", x, y };
  const privateJwk = { ...publicJwk, d };
  return { id: await importHolderKey(profile, privateJwk), publicJwk, privateJwk };
}

/** Keeps a key of a backup; its id here, which is new, so that no profile's keys go with another's. */
export async function importHolderKey(profile: string, privateJwk: JsonWebKey): Promise<string> {
  const id = encodeBase64url(crypto.getRandomValues(new Uint8Array(16)));
  const privateKey = await crypto.subtle.importKey("jwk", privateJwk, P256, false, ["sign"]);
  await save("keys", { id, profile, privateKey });
  return id;
}

/** The 64 bytes `r` and `s` of an ES256 signature. */
export async function signWith(keyId: string, message: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const row = await load("keys", keyId);
  if (row === undefined) throw new Error("no such key");
  return new Uint8Array(await crypto.subtle.sign(ES256, row.privateKey, message));
}

export function deleteHolderKey(id: string): Promise<void> {
  return remove("keys", id);
}

/** Throws where the signature is not this key's. */
export async function verifyEs256(jwk: JsonWebKey, signature: BufferSource, message: BufferSource): Promise<void> {
  const key = await crypto.subtle.importKey("jwk", jwk, P256, false, ["verify"]);
  if (!(await crypto.subtle.verify(ES256, key, signature, message))) throw new Error("not this key's signature");
}

/** Throws where the signature of a JWT (RFC 7515 compact serialisation) is not this key's; its header is for the caller. */
export async function verifyEs256Jwt(jwk: JsonWebKey, compact: string): Promise<void> {
  const end = compact.lastIndexOf(".");
  await verifyEs256(jwk, decodeBase64url(compact.slice(end + 1)), new TextEncoder().encode(compact.slice(0, end)));
}
