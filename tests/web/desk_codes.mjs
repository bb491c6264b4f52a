// Reads vectors from standard input, and writes what the wallet's own modules make of them.
import { text } from "node:stream/consumers";
import * as desk from "../../web/wallet/desk_challenge.ts";
import { createPrintedCard } from "../../web/wallet/printed_card.ts";
import { preparePass } from "../../web/wallet/qr_pass.ts";

const vectors = JSON.parse(await text(process.stdin));
const bytes = (hex) => Uint8Array.from(Buffer.from(hex, "hex"));
const hex = (data) => Buffer.from(data).toString("hex");

function read(challenge) {
  const { audience, nonce, key, expiresAt, signed } = desk.parseChallenge(challenge);
  return {
    audience,
    nonce: Buffer.from(nonce).toString("base64url"),
    key_id: hex(key.x).slice(0, 16),
    expires_at: expiresAt,
    signer: signed?.by ?? null,
  };
}

async function refused(challenge) {
  try {
    // A key that is no point of the curve is found out by who uses it.
    await desk.createAnswer(preparePass(pass), desk.parseChallenge(challenge), now, sign, fresh);
    return false;
  } catch {
    return true;
  }
}

async function importPair({ d, ...jwk }) {
  const ecdh = { name: "ECDH", namedCurve: "P-256" };
  return {
    publicKey: await crypto.subtle.importKey("jwk", jwk, ecdh, true, []),
    privateKey: await crypto.subtle.importKey("jwk", { ...jwk, d }, ecdh, false, ["deriveBits"]),
  };
}

const ecdsa = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const holder = await crypto.subtle.importKey("jwk", vectors.keys.holder, ecdsa, false, ["sign"]);
const sign = async (message) => new Uint8Array(await crypto.subtle.sign(ecdsa, holder, message));
const { x, y } = vectors.keys.desk_signs_with;
const [signed] = vectors.challenges;
const known = (id) => ({
  as_of: vectors.answer.presented_at,
  verifiers: [{ did: signed.means.audience, name: "Riverside Hospital", passes: [2], keys: [{ id, x, y }] }],
});
const challenge = desk.parseChallenge(signed.text);
const pass = new Uint8Array(Buffer.from(vectors.answer.pass, "base64url"));
const name = async (desks, now) => (await desk.verifyChallenge(challenge, desks, now))?.name ?? null;
const now = vectors.answer.presented_at;
const fresh = {
  ephemeral: await importPair(vectors.keys.ephemeral),
  iv: bytes(vectors.answer.initialization_vector),
};
const card = await createPrintedCard(
  pass,
  vectors.card.printed_at,
  vectors.card.pin,
  sign,
  bytes(vectors.card.salt),
);
const letPass = [];
for (const each of vectors.bad_challenges) if (!(await refused(each.text))) letPass.push(each.name);

console.log(
  JSON.stringify({
    challenges: vectors.challenges.map((each) => read(each.text)),
    let_pass: letPass,
    known: await name(known(signed.means.signer), now),
    unknown: await name(known(`${signed.means.audience}#delegate-5`), now),
    of_an_old_list: await name(known(signed.means.signer), now + 7 * 86_400 + 1).catch((error) => error.constructor.name),
    answer: await desk.createAnswer(preparePass(pass), challenge, now, sign, fresh),
    card: card.text,
    card_expires_at: card.expiresAt,
  }),
);
