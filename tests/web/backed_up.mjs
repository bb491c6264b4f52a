// Writes backups by the wallet's own module, reads them again, and merges them as two phones with one recovery code do.
import { encodeBackedUp, mergeBackedUp, parseBackedUp } from "../../web/wallet/backed_up.ts";

const share = (at, to = null) => ({ at, to, shown: [{ vct: "urn:sabai:credential:HealthId:1", claims: ["name"] }] });
const shares = (from, count) => Array.from({ length: count }, (_, place) => share(from + place));
const read = (backup) => parseBackedUp(encodeBackedUp(backup)).history.map(({ at }) => at);
const hostile = [
  ...[null, 7, [], {}, { ...share(5), at: "5" }, { ...share(5), at: 1e300 }, { ...share(5), at: -1 }],
  ...[{ ...share(5), to: { type: "script", props: {} } }, { ...share(5), to: "A".repeat(5000) }],
  ...[{ ...share(5), shown: null }, { ...share(5), shown: [null] }, { ...share(5), shown: [{ vct: "x", claims: [{}] }] }],
  ...[{ ...share(5), to: "<script>alert(1)</script>" }],
];
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
    hostile: parseBackedUp(encodeBackedUp(backup(hostile))).history.map(({ to }) => to),
    notShares: parseBackedUp(encodeBackedUp(backup({ length: 3 }))).history,
    kept: read(backup(shares(0, 201))),
  }),
);
