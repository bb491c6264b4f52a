/**
 * This phone as the wallet's provider knows it: registered by showing the health ID (backend `POST /devices`), and from then
 * on known by a token that is sealed in the vault. What the provider has for the patient is asked with that token.
 */

import type { CredentialType } from "../shared/credential_types";
import { credentialTypes } from "../shared/credential_types";
import { takeCopy } from "./copies";
import type { HeldCredential } from "./held_credential";
import { signWith } from "./holder_keys";
import { presentSdJwt } from "./sd_jwt_presentation";
import type { Vault } from "./vault";

/** Nobody waits longer than this for a provider that does not answer, to take a wallet off their phone. */
const LOGOUT_MS = 5_000;

export interface Device {
  id: string;
  token: string;
}

/** A browser's push subscription or FCM's token, as the provider takes it. */
export type PushAddress =
  | { kind: "web_push"; endpoint: string; keys: { p256dh: string; auth: string } }
  | { kind: "fcm"; token: string };

/** The provider does not know this device any more. */
export class UnknownDevice extends Error {}

/** The provider's answer to a device; throws `UnknownDevice`, and where there is no answer or no good one. */
export async function askProvider<T>(
  path: string,
  device: Device,
  send?: { method: string; body?: unknown; signal?: AbortSignal },
): Promise<T> {
  const answer = await fetch(path, {
    cache: "no-store",
    method: send?.method ?? "GET",
    headers: {
      Authorization: `Bearer ${device.token}`,
      ...(send?.body === undefined ? {} : { "Content-Type": "application/json" }),
    },
    ...(send?.body === undefined ? {} : { body: JSON.stringify(send.body) }),
    signal: send?.signal ?? null,
  });
  if (answer.status === 401) throw new UnknownDevice();
  if (!answer.ok) throw new Error("the provider did not do it");
  return (answer.status === 204 ? undefined : await answer.json()) as T;
}

/**
 * Registers this phone for the holder of the vault's health ID; null where there is none in force. The copy that is shown
 * counts as used, on the disk, before it is sent.
 */
export async function registerDevice(vault: Vault, language: string): Promise<Device | null> {
  const healthId = findHealthId(vault.content.credentials, await credentialTypes());
  if (healthId === undefined) return null;
  const { nonce, audience } = await post<{ nonce: string; audience: string }>("./device-challenges", {});
  const now = Math.floor(Date.now() / 1000);
  const terms = { disclose: new Set<string>(), audience, nonce, now };
  const { held } = await takeCopy(vault, healthId.id, now);
  const presentation = await presentSdJwt(held.credential, terms, (message) => signWith(held.keyId, message));
  const registered = await post<{ device_id: string; device_token: string }>("./devices", { presentation, language });
  return { id: registered.device_id, token: registered.device_token };
}

/** Says where pushes to this phone go from now on; null for nowhere. */
export async function choosePush(device: Device, push: PushAddress | null): Promise<void> {
  await askProvider<void>(`./devices/${device.id}/push`, device, { method: "PUT", body: { push } });
}

/** Logs this phone out: the provider pushes nothing to it any more. Throws where it can't be told in a few seconds. */
export async function deleteDevice(device: Device): Promise<void> {
  const signal = AbortSignal.timeout(LOGOUT_MS);
  await askProvider<void>(`./devices/${device.id}`, device, { method: "DELETE", signal });
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
