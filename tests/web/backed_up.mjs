// Writes backups by the wallet's own module, reads them again, and merges them as two phones with one recovery code do.
import { encodeBackedUp, mergeBackedUp, parseBackedUp } from "../../web/wallet/backed_up.ts";

const share = (at, to = null) => ({ at, to, shown: [{ vct: "urn:sabai:credential:HealthId:1", claims: ["name"] }] });
const shares = (from, count) => Array.from({ length: count }, (_, place) => share(from + place));
const read = (backup) => parseBackedUp(encodeBackedUp(backup)).history.map(({ at }) => at);
const backup = (history) => ({ credentials: [], history });

process.stdout.write(
  JSON.stringify({
    same: read(backup([share(1), share(2)])),
    old: parseBackedUp(new TextEncoder().encode('{"credentials": []}')),
    merged: mergeBackedUp(
      backup([share(1), share(3), share(3, "A hospital")]),
      parseBackedUp(encodeBackedUp(backup([share(1), share(2), share(3)]))),
      4,
    ).history.map(({ at, to }) => [at, to]),
    kept: read(backup(shares(0, 201))),
  }),
);
