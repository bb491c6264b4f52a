/** The wallet's place on the phone: two tables in IndexedDB. What is in them is sealed, or a key that can't be read. */

const NAME = "sabai-wallet";

/** One person's part of a phone that several may share. Only the name is readable without the PIN. */
export interface ProfileRow {
  id: string;
  name: string;
  salt: Uint8Array<ArrayBuffer>;
  /** An HMAC key that no script can read: without it, a PIN can't be guessed from a copy of the table. */
  deviceKey: CryptoKey;
  sealed: { iv: Uint8Array<ArrayBuffer>; ciphertext: ArrayBuffer };
  wrongPins: number;
  lockedUntil: number;
}

/** A holder's private key, not extractable. `id` is made up and says nothing. */
export interface KeyRow {
  id: string;
  profile: string;
  privateKey: CryptoKey;
}

interface Tables {
  profiles: ProfileRow;
  keys: KeyRow;
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("profiles", { keyPath: "id" });
      request.result.createObjectStore("keys", { keyPath: "id" });
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
      const transaction = database.transaction(["profiles", "keys"], mode, { durability: "strict" });
      const request = work(transaction);
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = () => reject(transaction.error);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

export function load<Table extends keyof Tables>(table: Table, id: string): Promise<Tables[Table] | undefined> {
  return transact("readonly", (transaction) => transaction.objectStore(table).get(id));
}

export function loadAll<Table extends keyof Tables>(table: Table): Promise<Tables[Table][]> {
  return transact("readonly", (transaction) => transaction.objectStore(table).getAll());
}

export async function save<Table extends keyof Tables>(table: Table, row: Tables[Table]): Promise<void> {
  await transact("readwrite", (transaction) => transaction.objectStore(table).put(row));
}

export async function remove<Table extends keyof Tables>(table: Table, id: string): Promise<void> {
  await transact("readwrite", (transaction) => transaction.objectStore(table).delete(id));
}
