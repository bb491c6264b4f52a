/**
 * A desk's challenge and the phone's answer (docs/qr-pass.md): for where neither has a network. The answer is encrypted to
 * a key that the desk made for this one question, so that a photograph of it tells nothing.
 */

import { decodeBase45, encodeBase45 } from "../shared/base45";
import { type Cbor, decodeCbor, encodeCbor } from "../shared/cbor";
import { verifyEs256 } from "./holder_keys";
import { findDesk, type KnownDesk, type KnownDesks } from "./known_desks";
import { type PreparedPass, type Sign, signatureStructure, signProof, verificationMethod } from "./qr_pass";

const CHALLENGE_PREFIX = "SBC1:";
const MAX_LENGTH = 700;
const MAX_NAME = 200;
const TYP_CHALLENGE = 65_001;
const SIGN1_TAG = 0xd2;
const ISS = 1;
const EXP = 4;
const NONCE = 10;
const KEY = -65_538;
const NONCE_LENGTH = 16;
const KEY_ID_LENGTH = 8;
const IV_LENGTH = 12;

const TOLERANCE_SECONDS = 60;
const MAX_LIFETIME_SECONDS = 600;

// RFC 9052 and RFC 9053: alg A128GCM; alg ECDH-ES + HKDF-256; COSE_KDF_Context of two parties without a name, a key of
// 128 bits and that recipient's header; Enc_structure of that header without external data.
const A128GCM = fromHex("a10101");
const ECDH_ES_HKDF_256 = fromHex("a1013818");
const CONTEXT = fromHex("840183f6f6f683f6f6f682188044a1013818");
const ENC_STRUCTURE = fromHex("8367456e637279707443a1010140");

export interface Challenge {
  /** The desk's name: a DID, or its URL. */
  audience: string;
  nonce: Uint8Array;
  /** A point of P-256. */
  key: { x: Uint8Array; y: Uint8Array };
  /** Seconds since 1970. */
  expiresAt: number;
  /** Who is said to have signed it; null where nobody has. */
  signed: { by: string; message: Uint8Array<ArrayBuffer>; signature: Uint8Array<ArrayBuffer> } | null;
}

/** The text is no desk's code, or a damaged one. */
export class NotAChallenge extends Error {}

/** The code is over, or one of the clocks is wrong. */
export class ChallengeOver extends Error {}

/** The code was changed, or not signed by the desk that it names. */
export class ForgedChallenge extends Error {}

export function isChallenge(text: string): boolean {
  return text.trim().startsWith(CHALLENGE_PREFIX);
}

/** Throws `NotAChallenge`. Nothing of it is verified. */
export function parseChallenge(text: string): Challenge {
  const trimmed = text.trim();
  if (!isChallenge(trimmed) || trimmed.length > MAX_LENGTH) throw new NotAChallenge();
  try {
    const bytes = decodeBase45(trimmed.slice(CHALLENGE_PREFIX.length));
    return bytes[0] === SIGN1_TAG ? readSigned(bytes) : readUnsigned(bytes);
  } catch {
    throw new NotAChallenge();
  }
}

/** Whose challenge it is; null for an unknown desk. Throws `ChallengeOver`, `ForgedChallenge`. */
export async function verifyChallenge(
  challenge: Challenge,
  desks: KnownDesks | null,
  now: number,
): Promise<KnownDesk | null> {
  const { expiresAt, signed } = challenge;
  if (expiresAt <= now - TOLERANCE_SECONDS || expiresAt > now + MAX_LIFETIME_SECONDS + TOLERANCE_SECONDS)
    throw new ChallengeOver();
  const found = signed === null ? null : findDesk(desks, signed.by, now);
  if (signed === null || found === null) return null;
  await verifyEs256(found.key, signed.signature, signed.message).catch(() => {
    throw new ForgedChallenge();
  });
  return found.desk;
}

/** What an answer is made with that is new each time. */
export interface Fresh {
  ephemeral: CryptoKeyPair;
  iv: Uint8Array<ArrayBuffer>;
}

export async function createFresh(): Promise<Fresh> {
  return {
    ephemeral: await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, false, ["deriveBits"]),
    iv: crypto.getRandomValues(new Uint8Array(IV_LENGTH)),
  };
}

/** The text of the code that answers: the pass with the holder's proof for this desk, which only this desk can read. */
export async function createAnswer(
  pass: PreparedPass,
  challenge: Challenge,
  presentedAt: number,
  sign: Sign,
  fresh: Fresh,
): Promise<string> {
  const claims = new Map<number, Cbor>([
    [3, challenge.audience],
    [6, presentedAt],
    [NONCE, challenge.nonce],
  ]);
  const shown = Uint8Array.from(await signProof(pass, claims, sign));
  const key = await agreedKey(fresh.ephemeral.privateKey, challenge.key);
  const options = { name: "AES-GCM", iv: fresh.iv, additionalData: ENC_STRUCTURE };
  const ciphertext = new Uint8Array(await crypto.subtle.encrypt(options, key, shown));
  const sender = new Map<number, Cbor>([
    [4, challenge.key.x.subarray(0, KEY_ID_LENGTH)],
    [-1, await coseKey(fresh.ephemeral.publicKey)],
  ]);
  const message = encodeCbor([
    A128GCM,
    new Map([[5, fresh.iv]]),
    ciphertext,
    [[ECDH_ES_HKDF_256, sender, new Uint8Array()]],
  ]);
  return `SBA1:${encodeBase45(Uint8Array.of(0xd8, 0x60, ...message))}`;
}

function readUnsigned(bytes: Uint8Array): Challenge {
  const claims = mapOf(decodeExactly(bytes), [ISS, EXP, NONCE, KEY]);
  const audience = claims.get(ISS);
  if (typeof audience !== "string" || audience === "" || [...audience].length > MAX_NAME) throw new NotAChallenge();
  return { ...readClaims(claims), audience, signed: null };
}

function readSigned(bytes: Uint8Array): Challenge {
  const parts = decodeExactly(bytes.subarray(1));
  if (!Array.isArray(parts) || parts.length !== 4) throw new NotAChallenge();
  const [header, unprotected, payload, signature] = parts as [Uint8Array, Map<number, Cbor>, Uint8Array, Uint8Array];
  const named = mapOf(decodeExactly(header), [1, 4, 16]);
  mapOf(unprotected, []);
  if (named.get(1) !== -7 || named.get(16) !== TYP_CHALLENGE || signature.length !== 64) throw new NotAChallenge();
  const by = verificationMethod(named.get(4) as Uint8Array);
  const signed = { by, message: signatureStructure(header, payload), signature: Uint8Array.from(signature) };
  const audience = by.slice(0, by.indexOf("#"));
  return { ...readClaims(mapOf(decodeExactly(payload), [EXP, NONCE, KEY])), audience, signed };
}

function readClaims(claims: Map<number, Cbor>): Pick<Challenge, "nonce" | "key" | "expiresAt"> {
  const [nonce, expiresAt] = [claims.get(NONCE), claims.get(EXP)];
  const key = mapOf(claims.get(KEY), [1, -1, -2, -3]);
  const [x, y] = [key.get(-2), key.get(-3)];
  if (!(nonce instanceof Uint8Array) || nonce.length !== NONCE_LENGTH) throw new NotAChallenge();
  if (typeof expiresAt !== "number" || expiresAt < 0) throw new NotAChallenge();
  if (key.get(1) !== 2 || key.get(-1) !== 1 || !(x instanceof Uint8Array) || x.length !== 32) throw new NotAChallenge();
  if (!(y instanceof Uint8Array) || y.length !== 32) throw new NotAChallenge();
  return { nonce, key: { x, y }, expiresAt };
}

/** The one encoding that docs/qr-pass.md allows: what is written again is the same bytes. */
function decodeExactly(bytes: Uint8Array): Cbor {
  const value = decodeCbor(bytes);
  const again = encodeCbor(value);
  if (again.length !== bytes.length || again.some((byte, at) => byte !== bytes[at])) throw new NotAChallenge();
  return value;
}

function mapOf(value: unknown, members: number[]): Map<number, Cbor> {
  if (!(value instanceof Map) || value.size !== members.length || !members.every((key) => value.has(key)))
    throw new NotAChallenge();
  return value as Map<number, Cbor>;
}

async function agreedKey(own: CryptoKey, other: Challenge["key"]): Promise<CryptoKey> {
  const point = Uint8Array.of(4, ...other.x, ...other.y);
  const theirs = await crypto.subtle.importKey("raw", point, { name: "ECDH", namedCurve: "P-256" }, false, []);
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, own, 256);
  const base = await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
  const hkdf = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: CONTEXT };
  return crypto.subtle.deriveKey(hkdf, base, { name: "AES-GCM", length: 128 }, false, ["encrypt"]);
}

async function coseKey(key: CryptoKey): Promise<Map<number, Cbor>> {
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", key));
  return new Map<number, Cbor>([
    [1, 2],
    [-1, 1],
    [-2, point.slice(1, 33)],
    [-3, ((point[64] ?? 0) & 1) === 1],
  ]);
}

function fromHex(digits: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(digits.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}
