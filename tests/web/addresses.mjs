// Which addresses that somebody else names a page may ask: a line of JSON for each [the page's address, the other].
import { mayBeAsked } from "../../web/shared/loopback.ts";

const pairs = JSON.parse(await new Response(process.stdin).text());
process.stdout.write(
  JSON.stringify(
    pairs.map(([page, address]) => {
      globalThis.location = { href: page };
      return mayBeAsked(new URL(address));
    }),
  ),
);
