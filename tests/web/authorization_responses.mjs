// What the wallet's own module makes of the queries that it is given, one a line.
import { createInterface } from "node:readline";
import { readAuthorizationResponse } from "../../web/wallet/authorization_response.ts";

for await (const query of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(readAuthorizationResponse(query))}\n`);
}
