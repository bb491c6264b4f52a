// Checks a backup's credentials by the wallet's own module, with and without a network: `tests/web/test_restored.py` runs this.
import { text } from "node:stream/consumers";
import { parseBackedUp } from "../../web/wallet/backed_up.ts";
import { standingOf, cardsOf } from "../../web/wallet/cards.ts";
import { checkRestored, withoutLeftOut } from "../../web/wallet/restored.ts";

const { backup, types, issuer, now } = JSON.parse(await text(process.stdin));
let online = true;
let asked = 0;

globalThis.fetch = async (path) => {
  if (path === "./credential-types") return Response.json(types);
  asked += 1;
  if (!online) throw new TypeError("no network");
  const method = new URLSearchParams(path.split("?")[1]).get("verification_method");
  if (method.length > 300) return Response.json({ code: "invalid_request" }, { status: 400 });
  return method === issuer.verification_method ? Response.json(issuer.answer) : Response.json({ code: "not_found" }, { status: 404 });
};

const { credentials } = parseBackedUp(new TextEncoder().encode(JSON.stringify(backup)));
async function check() {
  asked = 0;
  const { kept, leftOut } = await checkRestored(credentials, now);
  const checked = { status: "valid", checkedAt: now, listIssuedAt: now };
  const standings = kept.map((each) => standingOf(cardsOf([each])[0], { [each.id]: checked }, now).kind);
  return { kept, standings, leftOut: leftOut.map(({ id }) => id), asked };
}

const found = { online: await check() };
online = false;
found.offline = await check();
const content = { credentials: [], onlineBackup: { version: 3 }, leftOut: 1 };
found.told = [withoutLeftOut(content, []), withoutLeftOut(content, credentials.slice(0, 1))];
process.stdout.write(JSON.stringify(found));
