/**
 * Passkeys of this phone that open a vault: what they are asked for is the output of their pseudo-random function (WebAuthn
 * Level 3 section 10.1.4, `prf`), which they give out only after a fingerprint, a face, or the phone's own code. No server
 * takes part: nobody checks the signatures, and the challenges are asked for by the browser alone.
 */

import { encodeBase64url } from "../shared/base64url";
import type { PasskeyAnswer, PasskeyLock } from "./locks";

type Asked = Pick<PasskeyLock, "credentialId" | "prfInput">;

/** The phone has no passkeys that can open a vault, or the holder did not agree. */
export class NoPasskey extends Error {}

const IP_ADDRESS = /^[0-9.]+$|^\[/;

/** Whether to offer them: passkeys belong to a host's name, and not every browser's can do this. */
export async function passkeysOffered(): Promise<boolean> {
  if (IP_ADDRESS.test(location.hostname) || !("PublicKeyCredential" in globalThis)) return false;
  const capabilities = await PublicKeyCredential.getClientCapabilities?.().catch(() => undefined);
  return capabilities?.["extension:prf"] === true && capabilities.userVerifyingPlatformAuthenticator === true;
}

/**
 * A new passkey in this phone. `label` is what the phone's own list of passkeys shows; it may be copied to where the phone
 * keeps its passkeys, so it says nothing of the person. Throws `NoPasskey`.
 */
export async function createPasskey(label: string): Promise<PasskeyAnswer> {
  const prfInput = randomBytes(32);
  const publicKey: PublicKeyCredentialCreationOptions = {
    rp: { id: location.hostname, name: label },
    user: { id: randomBytes(16), name: label, displayName: label },
    challenge: randomBytes(32),
    pubKeyCredParams: [
      { type: "public-key", alg: -7 },
      { type: "public-key", alg: -257 },
    ],
    authenticatorSelection: {
      authenticatorAttachment: "platform",
      residentKey: "required",
      userVerification: "required",
    },
    extensions: { prf: { eval: { first: prfInput } } },
  };
  const made = await ask(navigator.credentials.create({ publicKey }));
  const credentialId = new Uint8Array(made.rawId);
  const { enabled, results } = made.getClientExtensionResults().prf ?? {};
  if (enabled !== true) {
    await forgetPasskey(credentialId);
    throw new NoPasskey();
  }
  // Some make a passkey without asking its function in the same step.
  if (results === undefined) return askPasskey({ credentialId, prfInput });
  return { credentialId, prfInput, output: bytesOf(results.first) };
}

/** What this passkey's function gives; asking ends with `signal`. Throws `NoPasskey`. */
export async function askPasskey(lock: Asked, signal?: AbortSignal): Promise<PasskeyAnswer> {
  const { credentialId, prfInput } = lock;
  const publicKey: PublicKeyCredentialRequestOptions = {
    rpId: location.hostname,
    challenge: randomBytes(32),
    allowCredentials: [{ type: "public-key", id: credentialId, transports: ["internal"] }],
    userVerification: "required",
    extensions: { prf: { eval: { first: prfInput } } },
  };
  const shown = await ask(navigator.credentials.get({ publicKey, ...(signal ? { signal } : {}) }));
  const output = shown.getClientExtensionResults().prf?.results?.first;
  if (output === undefined) throw new NoPasskey();
  return { credentialId, prfInput, output: bytesOf(output) };
}

/** Tells the phone that the passkey opens nothing any more, so that its list need not show it. */
export async function forgetPasskey(credentialId: Uint8Array<ArrayBuffer>): Promise<void> {
  const terms = { rpId: location.hostname, credentialId: encodeBase64url(credentialId) };
  await (PublicKeyCredential as Signals).signalUnknownCredential?.(terms).catch(() => undefined);
}

/** WebAuthn Level 3 section 5.1.10; not in all browsers. */
interface Signals {
  signalUnknownCredential?: (options: { rpId: string; credentialId: string }) => Promise<void>;
}

async function ask(ceremony: Promise<Credential | null>): Promise<PublicKeyCredential> {
  const credential = await ceremony.catch(() => null);
  if (credential === null) throw new NoPasskey();
  return credential as PublicKeyCredential;
}

function bytesOf(output: BufferSource): ArrayBuffer {
  return output instanceof ArrayBuffer ? output : Uint8Array.from(new Uint8Array(output.buffer)).buffer;
}

function randomBytes(length: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(length));
}
