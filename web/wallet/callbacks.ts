/** What the @openid4vc packages leave to their user: fetching, hashes, randomness, and keys of verifiers. */

import type { CallbackContext } from "@openid4vc/oauth2";

function notUsed(): never {
  throw new Error("not used by this wallet");
}

/** Redirects are not followed, and nothing tells the other side of the page or of cookies. */
export const CALLBACKS = {
  fetch: (input, init) =>
    fetch(
      input as string,
      {
        ...init,
        redirect: "error",
        credentials: "omit",
        referrerPolicy: "no-referrer",
      } as RequestInit,
    ),
  hash: async (data, algorithm) =>
    new Uint8Array(await crypto.subtle.digest(algorithm.toUpperCase(), data as BufferSource)),
  generateRandom: (length) => crypto.getRandomValues(new Uint8Array(length)),
  clientAuthentication: () => {},
  signJwt: notUsed,
  verifyJwt: notUsed,
  decryptJwe: notUsed,
  encryptJwe: notUsed,
} satisfies CallbackContext;
