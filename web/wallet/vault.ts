/**
 * A profile's vault: what one person's wallet holds, sealed under a random content key; `locks.ts` says who gets at that.
 * Every wrong PIN costs time.
 */

import { encodeBase64url } from "../shared/base64url";
import { type LegacyProfileRow, load, loadAll, remove, replaceLegacyProfile, save, type VaultRow } from "./database";
import type { Device } from "./device";
import type { Authorization, CheckedStatus, Grant, HeldCredential, PendingCredential } from "./held_credential";
import { openLegacyProfile } from "./legacy_profile";
import {
  type ContentKeyBytes,
  createDeviceKey,
  createPasskeyLock,
  createPinLock,
  openPasskeyLock,
  openPinLock,
  type PasskeyAnswer,
  type PasskeyLock,
  phoneKey,
} from "./locks";
import type { InboxContent } from "./message";
import type { OnlineBackup } from "./online_backup";
import { importSealingKey, sealJson, unsealJson } from "./sealing";
import type { Share } from "./shares";

export const PIN_DIGITS = 6;
const FREE_ATTEMPTS = 3;
const FIRST_WAIT_MS = 30_000;
const CONTENT = "content";
const NAME = "name";

/** What makes a wallet safer or easier, and is offered once. */
export type Step = "passkey" | "recovery" | "install";

/** What a profile's vault holds; what a vault of an earlier version lacks may be missing. */
export interface Content {
  credentials: HeldCredential[];
  /** What issuers' status lists said of credentials, by their ids. */
  statuses?: Record<string, CheckedStatus>;
  /** By the ids that sources name. */
  grants?: Record<string, Grant>;
  pending?: PendingCredential[];
  /** What waits for its holder to be back from an issuer's page. */
  authorizations?: Authorization[];
  /** This phone as the provider knows it. */
  device?: Device;
  inbox?: InboxContent;
  /** Whether the holder wants this phone to tell of messages; undefined as long as they have not said. */
  notifications?: "on" | "off";
  history?: readonly Share[];
  /** How many cards of the backup that it came from were left out (`restored.ts`), until its holder has read that. */
  leftOut?: number;
  /** The backup at the provider, if it is kept up to date there. */
  onlineBackup?: OnlineBackup;
  /** What the holder was offered, and did not want. */
  putOff?: readonly Step[];
}

/** An open vault; closed by forgetting it. Its key can seal and unseal, but no script can read it. */
export interface Vault {
  id: string;
  name: string;
  content: Content;
  key: CryptoKey;
  /** What opens it without the PIN, if there is such a lock. */
  passkey: PasskeyLock | null;
}

/** A person who has a vault on this phone. */
export interface Profile {
  id: string;
  name: string;
  passkey: PasskeyLock | null;
}

/** What somebody opens a vault with. */
export type Opening = { pin: string } | { passkey: PasskeyAnswer };

export class WrongPin extends Error {}

/** The passkey is not, or is no longer, one of this vault. */
export class WrongPasskey extends Error {}

/** Too many wrong PINs: nothing is tried before `until` (milliseconds since 1970). */
export class Waiting extends Error {
  constructor(readonly until: number) {
    super();
  }
}

export async function profiles(): Promise<Profile[]> {
  const legacy = (await loadAll("profiles")).map(({ id, name }) => ({ id, name, passkey: null }));
  const current = (await loadAll("vaults")).map(async (row) => ({
    id: row.id,
    name: await nameOf(row),
    passkey: row.passkey,
  }));
  return [...legacy, ...(await Promise.all(current))];
}

/** A new profile's vault, empty or with what `fill` gives for its id; there is none on the phone before it is filled. */
export async function createVault(
  name: string,
  pin: string,
  fill: (id: string) => Promise<Content> = async () => ({ credentials: [] }),
): Promise<Vault> {
  const id = encodeBase64url(crypto.getRandomValues(new Uint8Array(16)));
  return alone(id, async () => {
    const content = await fill(id);
    const { row, key } = await newRow({ id, deviceKey: await createDeviceKey(), name, pin, content });
    await save("vaults", row);
    return opened(row, key);
  });
}

/** The vault of a profile. Throws `WrongPin`, `Waiting` after too many of these, and `WrongPasskey`. */
export function openVault(id: string, opening: Opening): Promise<Vault> {
  return alone(id, async () => {
    await moveLegacyProfile(id, opening);
    const contentKey = await unlock(id, opening);
    return opened(await existing(id), await importSealingKey(contentKey));
  });
}

/** The vault with another PIN. Whoever changes it opens the vault once more. Throws as `openVault` does. */
export function changePin(id: string, opening: Opening, newPin: string): Promise<Vault> {
  return relock(id, opening, async (row, contentKey) => ({
    ...row,
    pin: await createPinLock(row.deviceKey, newPin, contentKey),
  }));
}

/** The vault with a passkey that opens it too, in place of the one that may have been. Throws as `openVault` does. */
export function addPasskey(id: string, opening: Opening, passkey: PasskeyAnswer): Promise<Vault> {
  return relock(id, opening, async (row, contentKey) => ({
    ...row,
    passkey: await createPasskeyLock(row.deviceKey, passkey, contentKey),
  }));
}

/** The vault with its PIN alone. */
export function removePasskey(vault: Vault): Promise<Vault> {
  return alone(vault.id, async () => {
    const row = { ...(await existing(vault.id)), passkey: null };
    await save("vaults", row);
    return opened(row, vault.key);
  });
}

/**
 * The vault with its content changed from what the phone's disk has of it now, which another window may have changed; the
 * change is on the disk when this returns.
 */
export function changeContent(vault: Vault, change: (content: Content) => Content): Promise<Vault> {
  return alone(vault.id, async () => {
    const row = await existing(vault.id);
    const content = change(await unsealJson<Content>(vault.key, row.content, CONTENT));
    await save("vaults", { ...row, content: await sealJson(vault.key, content, CONTENT) });
    return { ...vault, content };
  });
}

/** The vault under another name. */
export function renameVault(vault: Vault, name: string): Promise<Vault> {
  return alone(vault.id, async () => {
    const row = await existing(vault.id);
    const renamed = { ...row, name: await sealJson(await phoneKey(row.deviceKey), name, NAME) };
    await save("vaults", renamed);
    return opened(renamed, vault.key);
  });
}

/** The vault whose holder is not offered this again. */
export function putOff(vault: Vault, step: Step): Promise<Vault> {
  return changeContent(vault, (content) => ({ ...content, putOff: [...(content.putOff ?? []), step] }));
}

/** The vault as the phone's disk has it now. */
export async function reload(vault: Vault): Promise<Vault> {
  return opened(await existing(vault.id), vault.key);
}

/** Forgets a profile with all that it holds; what another window still does to it, fails from then on. */
export function deleteVault(id: string): Promise<void> {
  return alone(id, async () => {
    await remove("vaults", id);
    await remove("profiles", id);
    for (const key of await loadAll("keys")) {
      if (key.profile === id) await remove("keys", key.id);
    }
  });
}

async function unlock(id: string, opening: Opening): Promise<ContentKeyBytes> {
  const row = await existing(id);
  if ("passkey" in opening) {
    if (row.passkey === null) throw new WrongPasskey();
    return openPasskeyLock(row.deviceKey, row.passkey, opening.passkey.output).catch(() => {
      throw new WrongPasskey();
    });
  }
  const counted = countAttempt(row.pin);
  // Counted before it is tried: closing the page in between must not make a guess free.
  await save("vaults", { ...row, pin: { ...row.pin, ...counted } });
  const contentKey = await openPinLock(row.deviceKey, row.pin, opening.pin).catch(() => {
    throw new WrongPin();
  });
  await save("vaults", { ...row, pin: { ...row.pin, wrongPins: 0, lockedUntil: 0 } });
  return contentKey;
}

/** A PIN's lock as it is if the attempt that begins now is wrong. Throws `Waiting`. */
function countAttempt(lock: { wrongPins: number; lockedUntil: number }): { wrongPins: number; lockedUntil: number } {
  if (Date.now() < lock.lockedUntil) throw new Waiting(lock.lockedUntil);
  const wrongPins = lock.wrongPins + 1;
  const wait = wrongPins > FREE_ATTEMPTS ? FIRST_WAIT_MS * 2 ** (wrongPins - FREE_ATTEMPTS - 1) : 0;
  return { wrongPins, lockedUntil: wait === 0 ? 0 : Date.now() + wait };
}

/** Makes a profile of version 1 a vault, if it is one and the PIN opens it. */
async function moveLegacyProfile(id: string, opening: Opening): Promise<void> {
  const legacy = await load("profiles", id);
  if (legacy === undefined || !("pin" in opening)) return;
  const counted: LegacyProfileRow = { ...legacy, ...countAttempt(legacy) };
  await save("profiles", counted);
  const content = await openLegacyProfile(legacy, opening.pin).catch(() => {
    throw new WrongPin();
  });
  const { name, deviceKey } = legacy;
  await replaceLegacyProfile((await newRow({ id, deviceKey, name, pin: opening.pin, content })).row);
}

function relock(
  id: string,
  opening: Opening,
  change: (row: VaultRow, contentKey: ContentKeyBytes) => Promise<VaultRow>,
): Promise<Vault> {
  return alone(id, async () => {
    const contentKey = await unlock(id, opening);
    const row = await change(await existing(id), contentKey);
    await save("vaults", row);
    return opened(row, await importSealingKey(contentKey));
  });
}

async function newRow(of: {
  id: string;
  deviceKey: CryptoKey;
  name: string;
  pin: string;
  content: Content;
}): Promise<{ row: VaultRow; key: CryptoKey }> {
  const contentKey = crypto.getRandomValues(new Uint8Array(32));
  const key = await importSealingKey(contentKey);
  const row: VaultRow = {
    id: of.id,
    deviceKey: of.deviceKey,
    name: await sealJson(await phoneKey(of.deviceKey), of.name, NAME),
    pin: await createPinLock(of.deviceKey, of.pin, contentKey),
    passkey: null,
    content: await sealJson(key, of.content, CONTENT),
  };
  return { row, key };
}

async function opened(row: VaultRow, key: CryptoKey): Promise<Vault> {
  const content = await unsealJson<Content>(key, row.content, CONTENT);
  return { id: row.id, name: await nameOf(row), content, key, passkey: row.passkey };
}

async function nameOf(row: VaultRow): Promise<string> {
  return unsealJson<string>(await phoneKey(row.deviceKey), row.name, NAME);
}

async function existing(id: string): Promise<VaultRow> {
  const row = await load("vaults", id);
  if (row === undefined) throw new Error("no such profile");
  return row;
}

/** One at a time for each profile, whichever window it is: what is read and written again must not be changed between. */
function alone<T>(id: string, work: () => Promise<T>): Promise<T> {
  return navigator.locks.request(`vault ${id}`, work);
}
