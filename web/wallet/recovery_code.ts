/**
 * The recovery code: made on the phone, and all that is needed to bring a wallet to another one.
 *
 * 22 random characters of Crockford's base32 (110 bits), and two that check them. What a backup needs comes from the 22 by
 * HKDF: the address where it is, the secret that goes with the address, and the key that seals it.
 */

import { encodeBase64url } from "../shared/base64url";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const RANDOM_CHARACTERS = 22;
const CHECK_CHARACTERS = 2;
const GROUP = 4;

/** The text is no recovery code: a character is wrong, missing, or too much. */
export class BadRecoveryCode extends Error {}

/** Keys of a backup, each 32 bytes in base64url. */
export interface BackupKeys {
  address: string;
  secret: string;
  key: string;
}

/** A new code, in groups as it is shown. */
export async function createRecoveryCode(): Promise<string> {
  const bytes = crypto.getRandomValues(new Uint8Array(RANDOM_CHARACTERS));
  const random = [...bytes].map((byte) => ALPHABET[byte % ALPHABET.length]).join("");
  return inGroups(random + (await checkOf(random)));
}

/** A code that was typed or scanned, in groups: small letters, and O for 0 or I and L for 1, are what they look like. */
export async function parseRecoveryCode(text: string): Promise<string> {
  const code = text.toUpperCase().replaceAll(/[\s-]/g, "").replaceAll("O", "0").replaceAll(/[IL]/g, "1");
  const random = code.slice(0, RANDOM_CHARACTERS);
  if (code.length !== RANDOM_CHARACTERS + CHECK_CHARACTERS || code.slice(RANDOM_CHARACTERS) !== (await checkOf(random)))
    throw new BadRecoveryCode();
  return inGroups(code);
}

/** `code` is one that was made or parsed here. */
export async function deriveBackupKeys(code: string): Promise<BackupKeys> {
  const random = code.replaceAll("-", "").slice(0, RANDOM_CHARACTERS);
  const secret = await crypto.subtle.importKey("raw", encode(random), "HKDF", false, ["deriveBits"]);
  const derive = async (info: string) => {
    const terms = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: encode(info) };
    return encodeBase64url(new Uint8Array(await crypto.subtle.deriveBits(terms, secret, 256)));
  };
  return {
    address: await derive("sabai backup address"),
    secret: await derive("sabai backup secret"),
    key: await derive("sabai backup key"),
  };
}

function inGroups(code: string): string {
  return code.match(new RegExp(`.{1,${GROUP}}`, "g"))?.join("-") ?? "";
}

/** Ten bits of a digest: one wrong character in a thousand is not noticed here. */
async function checkOf(random: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", encode(`sabai recovery code ${random}`)));
  return [...digest.subarray(0, CHECK_CHARACTERS)].map((byte) => ALPHABET[byte % ALPHABET.length]).join("");
}

const encode = (text: string) => new TextEncoder().encode(text);
