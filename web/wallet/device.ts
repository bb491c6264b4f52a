/**
 * This phone as the wallet's provider knows it: registered by showing the health ID (backend `POST /devices`), and from then
 * on known by a token that is sealed in the vault. What the provider has for the patient is asked with that token.
 */

import type { CredentialType } from "./credential_types";
import { credentialTypes } from "./credential_types";
import type { HeldCredential } from "./held_credential";
import { signWith } from "./holder_keys";
import { presentSdJwt } from "./sd_jwt_presentation";

export interface Device {
  id: string;
  token: string;
}

/** A browser's push subscription, as the provider takes it. */
export interface WebPushAddress {
  endpoint: string;
  keys: { p256dh: string; auth: string };
}

/** The provider does not know this device any more. */
export class UnknownDevice extends Error {}

/** The provider's answer to a device; throws `UnknownDevice`, and where there is no answer or no good one. */
export async function askProvider<T>(
  path: string,
  device: Device,
  send?: { method: string; body: unknown },
): Promise<T> {
  const answer = await fetch(path, {
    cache: "no-store",
    method: send?.method ?? "GET",
    headers: {
      Authorization: `Bearer ${device.token}`,
      ...(send === undefined ? {} : { "Content-Type": "application/json" }),
    },
    ...(send === undefined ? {} : { body: JSON.stringify(send.body) }),
  });
  if (answer.status === 401) throw new UnknownDevice();
  if (!answer.ok) throw new Error("the provider did not do it");
  return (answer.status === 204 ? undefined : await answer.json()) as T;
}

/** Registers this phone for the holder of the health ID among the credentials; null where there is none in force. */
export async function registerDevice(credentials: readonly HeldCredential[], language: string): Promise<Device | null> {
  const healthId = findHealthId(credentials, await credentialTypes());
  if (healthId === undefined) return null;
  const { nonce, audience } = await post<{ nonce: string; audience: string }>("./device-challenges", {});
  const now = Math.floor(Date.now() / 1000);
  const terms = { disclose: new Set<string>(), audience, nonce, now };
  const presentation = await presentSdJwt(healthId.credential, terms, (message) => signWith(healthId.keyId, message));
  const registered = await post<{ device_id: string; device_token: string }>("./devices", { presentation, language });
  return { id: registered.device_id, token: registered.device_token };
}

/** Says where pushes to this phone go from now on; null for nowhere. */
export async function choosePush(device: Device, address: WebPushAddress | null): Promise<void> {
  const push = address === null ? null : { kind: "web_push", ...address };
  await askProvider<void>(`./devices/${device.id}/push`, device, { method: "PUT", body: { push } });
}

function findHealthId(
  credentials: readonly HeldCredential[],
  types: readonly CredentialType[],
): HeldCredential | undefined {
  const vct = types.find(({ name }) => name === "HealthId")?.vct;
  return credentials
    .filter((held) => held.format === "dc+sd-jwt" && held.vct === vct && Date.now() < held.expiresAt * 1000)
    .sort((one, other) => other.issuedAt - one.issuedAt)[0];
}

async function post<T>(path: string, body: unknown): Promise<T> {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error("the provider did not do it");
  return (await answer.json()) as T;
}
