/**
 * Status list tokens (Token Status List, docs/status.md): whether issued credentials still hold, a few bits for each, in a
 * list that the issuer signs. Whoever asks gets the whole list, so that the issuer does not learn whose entry is looked at.
 */

import { decodeBase64url } from "../shared/base64url";
import { readBounded } from "../shared/bounded_stream";
import { decodeCbor } from "../shared/cbor";
import type { CheckedStatus, HeldCredential } from "./held_credential";

const MAX_LIST_BYTES = 1024 * 1024;
const CLOCK_TOLERANCE_SECONDS = 30;
const MEANINGS: Record<number, CheckedStatus["status"]> = { 0: "valid", 1: "revoked", 2: "suspended" };
const PASS_CREDENTIAL = -65537;

export interface StatusReference {
  uri: string;
  index: number;
}

/** The entry that a credential names; null where its type has none. */
export function statusReference({ format, credential }: HeldCredential): StatusReference | null {
  const [index, uri] = format === "qr_pass" ? ofPass(credential) : ofSdJwt(credential);
  return typeof uri === "string" && isIndex(index) ? { uri, index } : null;
}

function ofPass(credential: string): [unknown, unknown] {
  const [, , payload] = decodeCbor(decodeBase64url(credential)) as [unknown, unknown, Uint8Array];
  const claims = (decodeCbor(payload) as Map<number, unknown>).get(PASS_CREDENTIAL) as Map<number, unknown>;
  return [claims.get(-1), claims.get(-2)];
}

function ofSdJwt(credential: string): [unknown, unknown] {
  const payload = parseJson(decodeBase64url(credential.split(".")[1] ?? ""));
  const entry = (payload.status as { status_list?: { idx?: unknown; uri?: unknown } } | undefined)?.status_list;
  return [entry?.idx, entry?.uri];
}

/** A status list whose issuer, address and time were verified. */
export interface VerifiedStatusList {
  issuedAt: number;
  bits: number;
  bytes: Uint8Array;
}

/**
 * The list in a token, if the issuer signed it for that address and it is in force at `now` (seconds since 1970). `resolveKey`
 * gives the key of a DID URL as a JWK, and throws where the registry does not have it. Throws whatever is wrong.
 */
export async function verifyStatusList(
  token: string,
  expected: { uri: string; issuer: string; now: number; resolveKey: (kid: string) => Promise<JsonWebKey> },
): Promise<VerifiedStatusList> {
  const [header, payload, signature, ...rest] = token.split(".");
  if (header === undefined || payload === undefined || signature === undefined || rest.length > 0) throw refused();
  const { alg, typ, kid, ...others } = parseJson(decodeBase64url(header));
  const foreign = ["jwk", "jku", "x5u", "x5c", "crit"].some((name) => name in others);
  if (typ !== "statuslist+jwt" || typeof kid !== "string" || foreign) throw refused();
  if (kid.split("#")[0] !== expected.issuer) throw refused();
  const key = await expected.resolveKey(kid);
  await verifySignature(alg, key, decodeBase64url(signature), new TextEncoder().encode(`${header}.${payload}`));
  const claims = parseJson(decodeBase64url(payload));
  const { sub, iss, iat, exp } = claims;
  if (sub !== expected.uri || (iss !== undefined && iss !== expected.issuer)) throw refused();
  if (!isIndex(iat) || !isIndex(exp)) throw refused();
  // One that is dated ahead would pass for newer than every true one to come.
  if (iat > expected.now + CLOCK_TOLERANCE_SECONDS || expected.now >= exp) throw refused();
  return { issuedAt: iat, ...(await unpack(claims.status_list)) };
}

/** What the list says of an entry. Throws past its end, and for a value that has no meaning here. */
export function statusAt(list: VerifiedStatusList, index: number): CheckedStatus["status"] {
  const perByte = 8 / list.bits;
  const byte = list.bytes[Math.floor(index / perByte)];
  if (byte === undefined) throw refused();
  const meaning = MEANINGS[(byte >> ((index % perByte) * list.bits)) & ((1 << list.bits) - 1)];
  if (meaning === undefined) throw refused();
  return meaning;
}

async function unpack(packed: unknown): Promise<{ bits: number; bytes: Uint8Array }> {
  const { bits, lst } = (packed ?? {}) as { bits?: unknown; lst?: unknown };
  if (typeof lst !== "string" || typeof bits !== "number" || ![1, 2, 4, 8].includes(bits)) throw refused();
  const stream = new Blob([decodeBase64url(lst)]).stream().pipeThrough(new DecompressionStream("deflate"));
  return { bits, bytes: await readBounded(stream, MAX_LIST_BYTES) };
}

async function verifySignature(
  alg: unknown,
  jwk: JsonWebKey,
  signature: BufferSource,
  message: BufferSource,
): Promise<void> {
  // The algorithm is the key's; the header may only agree.
  const [expected, key, how] =
    jwk.crv === "Ed25519"
      ? ["EdDSA", { name: "Ed25519" }, { name: "Ed25519" }]
      : ["ES256", { name: "ECDSA", namedCurve: "P-256" }, { name: "ECDSA", hash: "SHA-256" }];
  if (alg !== expected) throw refused();
  const { kty = "", crv = "", x = "", y } = jwk;
  const bare: JsonWebKey = y === undefined ? { kty, crv, x } : { kty, crv, x, y };
  const imported = await crypto.subtle.importKey("jwk", bare, key as EcKeyImportParams, false, ["verify"]);
  if (!(await crypto.subtle.verify(how as EcdsaParams, imported, signature, message))) throw refused();
}

function parseJson(bytes: Uint8Array): Record<string, unknown> {
  const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw refused();
  return value as Record<string, unknown>;
}

const isIndex = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const refused = () => new Error("not a status list that counts");
