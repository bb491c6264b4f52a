/** A card on paper (docs/qr-pass.md): the pass, with what its holder signs once, at printing. */

import { encodeBase45 } from "../shared/base45";
import { type Cbor, decodeCbor } from "../shared/cbor";
import { preparePass, type Sign, signProof } from "./qr_pass";

export const PIN_DIGITS = 6;
const TYP_PRINTED_CARD = 65_002;
const PIN = -65_539;
const MAX_LIFETIME_SECONDS = 180 * 86_400;
const ROUNDS = 600_000;
const HASH_BITS = 128;
const SALT_LENGTH = 16;

export interface PrintedCard {
  text: string;
  /** Seconds since 1970. */
  expiresAt: number;
}

/** A card that is good for half a year or as long as the pass, with a PIN of six digits. Takes about a second. */
export async function createPrintedCard(
  pass: Uint8Array,
  printedAt: number,
  pin: string,
  sign: Sign,
  salt: Uint8Array<ArrayBuffer> = crypto.getRandomValues(new Uint8Array(SALT_LENGTH)),
): Promise<PrintedCard> {
  if (!/^[0-9]{6}$/.test(pin)) throw new Error("a PIN is six digits");
  const expiresAt = Math.min(printedAt + MAX_LIFETIME_SECONDS, passExpiry(pass));
  const claims = new Map<number, Cbor>([
    [4, expiresAt],
    [6, printedAt],
    [PIN, [salt, await hashPin(pin, salt)]],
  ]);
  const proof = await signProof(preparePass(pass, TYP_PRINTED_CARD), claims, sign);
  return { text: `SBP1:${encodeBase45(proof)}`, expiresAt };
}

async function hashPin(pin: string, salt: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveBits"]);
  const options = { name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS };
  return new Uint8Array(await crypto.subtle.deriveBits(options, key, HASH_BITS));
}

function passExpiry(pass: Uint8Array): number {
  const [, , payload] = decodeCbor(pass) as [unknown, unknown, Uint8Array];
  return (decodeCbor(payload) as Map<number, Cbor>).get(4) as number;
}
