/** The QR pass (docs/qr-pass.md): read as it is issued, and shown with the holder's fresh signature. */

import { encodeBase45 } from "../shared/base45";
import { type Cbor, decodeCbor, encodeCbor } from "../shared/cbor";
import type { CredentialType } from "../shared/credential_types";

const CREDENTIAL = -65537;
const TYPE_NUMBER = 0;
const DAY_MS = 86_400_000;

/** A pass as its bytes claim to be: what was signed, by which key, and what it says. */
export interface UnverifiedPass {
  verificationMethod: string;
  message: Uint8Array<ArrayBuffer>;
  signature: Uint8Array<ArrayBuffer>;
  type: CredentialType;
  /** The holder's key as it is in the pass, with the sign of y alone. */
  holderX: Uint8Array;
  claims: Record<string, string | number>;
  issuedAt: number;
  expiresAt: number;
}

/** Throws where the bytes are no pass of a type that is known. */
export function parsePass(bytes: Uint8Array, types: readonly CredentialType[]): UnverifiedPass {
  const [protectedHeader, , payload, signature] = decodeCbor(bytes) as [Uint8Array, unknown, Uint8Array, Uint8Array];
  const header = decodeCbor(protectedHeader) as Map<number, Cbor>;
  const members = decodeCbor(payload) as Map<number, Cbor>;
  const credential = members.get(CREDENTIAL) as Map<number, Cbor>;
  const type = types.find(({ number }) => number === credential.get(TYPE_NUMBER));
  if (header.get(1) !== -7 || header.get(16) !== 61 || type === undefined) throw new Error("not a pass that is known");
  const confirmation = (members.get(8) as Map<number, Cbor>).get(1) as Map<number, Cbor>;
  return {
    verificationMethod: verificationMethod(header.get(4) as Uint8Array),
    message: signatureStructure(protectedHeader, payload),
    signature: Uint8Array.from(signature),
    type,
    holderX: confirmation.get(-2) as Uint8Array,
    claims: claimsOf(type, credential),
    issuedAt: members.get(6) as number,
    expiresAt: members.get(4) as number,
  };
}

/** The 64 bytes of a holder's signature over a message. */
export type Sign = (message: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>;

/** A pass as each of its presentations begins: encoded once, however often the code is drawn. */
export interface PreparedPass {
  header: Uint8Array;
}

const TYP_PRESENTATION = 294;

/** `typ` tells apart what a holder may say of a pass of theirs. */
export function preparePass(pass: Uint8Array, typ = TYP_PRESENTATION): PreparedPass {
  return {
    header: encodeCbor(
      new Map<number, Cbor>([
        [1, -7],
        [13, decodeCbor(pass)],
        [16, typ],
      ]),
    ),
  };
}

/** The text of a QR code: the pass, with what the holder signs at this second. */
export async function createPresentation(prepared: PreparedPass, presentedAt: number, sign: Sign): Promise<string> {
  return `SB1:${encodeBase45(await signProof(prepared, new Map([[6, presentedAt]]), sign))}`;
}

/** What the holder says of the pass, as a COSE_Sign1 with its tag. */
export async function signProof({ header }: PreparedPass, claims: Map<number, Cbor>, sign: Sign): Promise<Uint8Array> {
  const payload = encodeCbor(claims);
  const signature = await sign(signatureStructure(header, payload));
  return Uint8Array.of(0xd2, ...encodeCbor([header, new Map(), payload, signature]));
}

export function signatureStructure(header: Uint8Array, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(encodeCbor(["Signature1", header, new Uint8Array(), payload]));
}

/** The DID URL of a key, from the `kid` of what it signed. */
export function verificationMethod(kid: Uint8Array): string {
  const hex = [...kid.subarray(0, 20)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const numbers: bigint[] = [];
  let number = 0n;
  let shift = 0n;
  for (const byte of kid.subarray(20)) {
    number |= BigInt(byte & 0x7f) << shift;
    shift += 7n;
    if (byte < 0x80) {
      numbers.push(number);
      number = 0n;
      shift = 0n;
    }
  }
  const [chain, delegate] = numbers;
  if (numbers.length !== 2 || chain === undefined) throw new Error("not the name of a key");
  return `did:ethr:0x${chain.toString(16)}:0x${hex}#delegate-${delegate}`;
}

function claimsOf(type: CredentialType, credential: Map<number, Cbor>): Record<string, string | number> {
  const claims: Record<string, string | number> = {};
  for (const claim of type.claims) {
    const value = claim.qr_key === null ? undefined : credential.get(claim.qr_key);
    if (value === undefined) continue;
    if (claim.kind === "date") claims[claim.name] = new Date((value as number) * DAY_MS).toISOString().slice(0, 10);
    else if (typeof value === "string" || typeof value === "number") claims[claim.name] = value;
    else throw new Error("a claim of another kind");
  }
  return claims;
}
