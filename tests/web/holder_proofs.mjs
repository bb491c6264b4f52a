// What the wallet's page signs as a holder, by the page's own modules: `tests/web/test_holder_proofs.py` runs this.
// Reads one JSON object, the inputs of tests/vectors/holder-proofs/proofs.json; writes another, a text for each kind.

import { registerHooks } from "node:module";
import { text } from "node:stream/consumers";

// The page's modules name each other without an ending, as its bundler has it.
registerHooks({
  resolve: (name, context, next) => next(/^\.\.?\/.*\/\w+$|^\.\/\w+$/.test(name) ? `${name}.ts` : name, context),
});

const { decodeBase64url } = await import("../../web/shared/base64url.ts");
const { createProof } = await import("../../web/wallet/proof.ts");
const { createPresentation, preparePass } = await import("../../web/wallet/qr_pass.ts");
const { presentSdJwt } = await import("../../web/wallet/sd_jwt_presentation.ts");

const given = JSON.parse(await text(process.stdin));
const { now } = given;
const P256 = { name: "ECDSA", namedCurve: "P-256" };
const key = await crypto.subtle.importKey("jwk", given.holder_key, P256, false, ["sign"]);
const sign = async (message) =>
  new Uint8Array(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key, message));
const { d: _, ...publicJwk } = given.holder_key;

const made = {
  proof: await createProof(publicJwk, { audience: given.issuer, nonce: given.c_nonce, now }, sign),
  qr_presentation: await createPresentation(preparePass(decodeBase64url(given.qr_pass)), now, sign),
  sd_jwt_presentation: await presentSdJwt(
    given.sd_jwt,
    { disclose: new Set(given.disclose), audience: given.audience, nonce: given.nonce, now },
    sign,
  ),
};
process.stdout.write(JSON.stringify(made));
