/**
 * Making and using passkeys: a service's options as JSON in, the device's answer as JSON out, as
 * `vc_core/web/passkeys.py` writes and reads them (WebAuthn Level 3 sections 5.1.8 to 5.1.10).
 */

import { decodeBase64url, encodeBase64url } from "./base64url";

type Json = Record<string, unknown>;

/** The person said no, waited too long, or has no passkey for this place: browsers do not tell which. */
export class NoPasskey extends Error {}

/** Whether there can be passkeys on this page: browsers make none for IP addresses. */
export function passkeysWorkHere(): boolean {
  const isAddress = /^[\d.]+$/.test(location.hostname) || location.hostname.startsWith("[");
  return !isAddress && isSecureContext && "PublicKeyCredential" in window;
}

/** Where this page is on an IP address of this machine: the same page where passkeys work. */
export function addressForPasskeys(): string | null {
  if (location.hostname !== "127.0.0.1" && location.hostname !== "[::1]") return null;
  const address = new URL(location.href);
  address.hostname = "localhost";
  return address.href;
}

/** A new passkey, by a service's `PublicKeyCredentialCreationOptionsJSON`. Throws `NoPasskey`. */
export async function createPasskey(options: Json): Promise<Json> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON?.(options as never) ?? creationOptions(options);
  return answerOf(navigator.credentials.create({ publicKey }));
}

/** The answer of a passkey that the person has for this host, by a service's `PublicKeyCredentialRequestOptionsJSON`. */
export async function usePasskey(options: Json): Promise<Json> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON?.(options as never) ?? requestOptions(options);
  return answerOf(navigator.credentials.get({ publicKey }));
}

async function answerOf(ceremony: Promise<Credential | null>): Promise<Json> {
  try {
    const credential = (await ceremony) as PublicKeyCredential | null;
    if (credential === null) throw new NoPasskey();
    return (credential.toJSON?.() as unknown as Json | undefined) ?? toJson(credential);
  } catch (problem) {
    if (problem instanceof DOMException) throw new NoPasskey(problem.name);
    throw problem;
  }
}

// What follows is for browsers of before 2025, which know no JSON here.

function creationOptions(options: Json): PublicKeyCredentialCreationOptions {
  const user = options.user as Json;
  return {
    ...options,
    challenge: bytes(options.challenge),
    user: { ...user, id: bytes(user.id) },
    excludeCredentials: descriptors(options.excludeCredentials),
  } as unknown as PublicKeyCredentialCreationOptions;
}

function requestOptions(options: Json): PublicKeyCredentialRequestOptions {
  return {
    ...options,
    challenge: bytes(options.challenge),
    allowCredentials: descriptors(options.allowCredentials),
  } as unknown as PublicKeyCredentialRequestOptions;
}

function descriptors(list: unknown): Json[] {
  return ((list ?? []) as Json[]).map((each) => ({ ...each, id: bytes(each.id) }));
}

function toJson(credential: PublicKeyCredential): Json {
  const { response } = credential;
  const names = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"] as const;
  const texts: Json = {};
  for (const name of names) {
    const value = (response as unknown as Record<string, unknown>)[name];
    if (value instanceof ArrayBuffer) texts[name] = encodeBase64url(new Uint8Array(value));
  }
  const { id, type } = credential;
  return { id, rawId: id, type, response: texts, clientExtensionResults: credential.getClientExtensionResults() };
}

function bytes(text: unknown): Uint8Array<ArrayBuffer> {
  return decodeBase64url(String(text));
}
