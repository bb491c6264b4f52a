// Reads claims from standard input, and writes which of them the wallet keeps as a portrait.
import { text } from "node:stream/consumers";
import { BadPortrait } from "../../web/shared/portrait_claim.ts";
import { claimsOf } from "../../web/wallet/received.ts";

const TYPE = { claims: [{ name: "portrait", kind: "image" }] };

function isKept(portrait) {
  try {
    return claimsOf(TYPE, { portrait }).portrait === portrait;
  } catch (error) {
    if (!(error instanceof BadPortrait)) throw error;
    return false;
  }
}

process.stdout.write(JSON.stringify(JSON.parse(await text(process.stdin)).map(isKept)));
