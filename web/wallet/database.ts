/**
 * The wallet's place on the phone: tables in IndexedDB. What is in them is sealed, or a key that can't be read.
 *
 * Version 1 had `profiles`, sealed under the PIN's own key. Version 2 has `vaults`; a profile of version 1 stays where it is
 * until its PIN opens it, and is then moved (`legacy_profile.ts`).
 */

import type { PasskeyLock, PinLock } from "./locks";
import type { Sealed } from "./sealing";

const NAME = "sabai-wallet";
const VERSION = 2;
const TABLES = ["vaults", "profiles", "keys"] as const;

/** One person's part of a phone that several may share. */
export interface VaultRow {
  id: string;
  /** An HMAC key that no script can read: without it, nothing here opens, whatever else is known. */
  deviceKey: CryptoKey;
  /** Sealed under a key of the phone alone: shown before anything is opened, but not to who copies the table. */
  name: Sealed;
  pin: PinLock;
  passkey: PasskeyLock | null;
  /** Sealed under the content key, which each of the locks gives. */
  content: Sealed;
}

/** A profile as version 1 kept it. */
export interface LegacyProfileRow {
  id: string;
  name: string;
  salt: Uint8Array<ArrayBuffer>;
  deviceKey: CryptoKey;
  sealed: Sealed;
  wrongPins: number;
  lockedUntil: number;
}

/** A holder's private key, not extractable. `id` is made up and says nothing. */
export interface KeyRow {
  id: string;
  profile: string;
  privateKey: CryptoKey;
}

interface Rows {
  vaults: VaultRow;
  profiles: LegacyProfileRow;
  keys: KeyRow;
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      const existing = request.result.objectStoreNames;
      for (const table of TABLES) {
        if (!existing.contains(table)) request.result.createObjectStore(table, { keyPath: "id" });
      }
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function transact<T>(mode: IDBTransactionMode, work: (transaction: IDBTransaction) => IDBRequest<T>): Promise<T> {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      // On the disk when it is said to be done: a key must not be lost once an issuer has seen it.
      const transaction = database.transaction(TABLES, mode, { durability: "strict" });
      const request = work(transaction);
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = () => reject(transaction.error);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

export function load<Table extends keyof Rows>(table: Table, id: string): Promise<Rows[Table] | undefined> {
  return transact("readonly", (transaction) => transaction.objectStore(table).get(id));
}

export function loadAll<Table extends keyof Rows>(table: Table): Promise<Rows[Table][]> {
  return transact("readonly", (transaction) => transaction.objectStore(table).getAll());
}

export async function save<Table extends keyof Rows>(table: Table, row: Rows[Table]): Promise<void> {
  await transact("readwrite", (transaction) => transaction.objectStore(table).put(row));
}

export async function remove<Table extends keyof Rows>(table: Table, id: string): Promise<void> {
  await transact("readwrite", (transaction) => transaction.objectStore(table).delete(id));
}

/** A profile of version 1 as a vault: the one goes when the other comes, in one step. */
export async function replaceLegacyProfile(row: VaultRow): Promise<void> {
  await transact("readwrite", (transaction) => {
    transaction.objectStore("profiles").delete(row.id);
    return transaction.objectStore("vaults").put(row);
  });
}
