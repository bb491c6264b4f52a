/**
 * Messages to the holder, as the provider keeps them: fetched when the wallet is opened and when a push says that there is
 * one, and sealed in the vault, so that the last ones can be read without a network.
 */

import { language } from "../shared/language";
import { askProvider, choosePush, type Device, registerDevice, UnknownDevice } from "./device";
import type { InboxContent, Message } from "./message";
import { pushPermission, subscribe, unsubscribe } from "./push";
import { changeContent, type Vault } from "./vault";

const KEPT = 50;
const MOST_PAGES = 20;

/**
 * The vault with what is new in the inbox; this phone is registered first where need be and possible, and told where pushes
 * go if the holder wants them. Throws where the provider can't be asked.
 */
export function refreshInbox(vault: Vault): Promise<Vault> {
  // One window at a time, or each would register a device of its own.
  return navigator.locks.request(`inbox ${vault.id}`, async () => {
    let current = await changeContent(vault, (content) => content);
    for (const attempt of ["first", "last"] as const) {
      current = await registered(current);
      const { device } = current.content;
      if (device === undefined) return current;
      try {
        if (current.content.notifications === "on" && pushPermission() === "granted") await keepAddress(device);
        const inbox = await fetchNew(device, current.content.inbox ?? []);
        return await changeContent(current, (content) => ({ ...content, inbox: merge(inbox, content.inbox ?? []) }));
      } catch (error) {
        if (!(error instanceof UnknownDevice) || attempt === "last") throw error;
        current = await changeContent(current, ({ device: _, ...rest }) => rest);
      }
    }
    return current;
  });
}

/** The vault with the message read, and the provider told, if it can be. */
export async function openMessage(vault: Vault, id: string): Promise<Vault> {
  const { device } = vault.content;
  if (device !== undefined) void askProvider(`./inbox/${id}`, device).catch(() => undefined);
  const now = Math.floor(Date.now() / 1000);
  return changeMessage(vault, id, (message) => ({ ...message, opened_at: message.opened_at ?? now }));
}

/** Tells the provider that what the message tells of was not the holder. Throws where it can't be told. */
export async function dispute(vault: Vault, id: string): Promise<Vault> {
  const { device } = vault.content;
  if (device === undefined) throw new UnknownDevice();
  const body = { message_id: id };
  const { created_at } = await askProvider<{ created_at: number }>("./disputes", device, { method: "POST", body });
  return changeMessage(vault, id, (message) => ({ ...message, disputed_at: created_at }));
}

/** The vault with the holder's choice whether this phone tells of messages. Throws where the phone or provider refuses. */
export async function chooseNotifications(vault: Vault, choice: "on" | "off"): Promise<Vault> {
  const { device, notifications } = vault.content;
  if (device !== undefined) await (choice === "on" ? tellAddress(device) : choosePush(device, null));
  // The provider sends nothing any more; that the push services forget the browser too is not worth a refusal.
  if (choice === "off" && notifications === "on") await unsubscribe().catch(() => undefined);
  return changeContent(vault, (content) => ({ ...content, notifications: choice }));
}

async function registered(vault: Vault): Promise<Vault> {
  if (vault.content.device !== undefined) return vault;
  const device = await registerDevice(vault, language.value ?? "en");
  return device === null ? vault : changeContent(vault, (content) => ({ ...content, device }));
}

/** A phone that several people share is reached for who opened their wallet last. */
async function tellAddress(device: Device): Promise<void> {
  await choosePush(device, await subscribe());
}

/** Messages come without pushes as well, so what is wrong with these must not stand in their way. */
async function keepAddress(device: Device): Promise<void> {
  await tellAddress(device).catch((error) => {
    if (error instanceof UnknownDevice) throw error;
  });
}

async function fetchNew(device: Device, known: InboxContent): Promise<Message[]> {
  const found: Message[] = [];
  let after = known.at(-1)?.id;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const query = after === undefined ? "" : `?${new URLSearchParams({ after })}`;
    const { messages } = await askProvider<{ messages: Message[] }>(`./inbox${query}`, device);
    if (messages.length === 0) break;
    found.push(...messages);
    after = messages.at(-1)?.id;
  }
  return found;
}

function merge(fresh: readonly Message[], known: InboxContent): InboxContent {
  const ids = new Set(known.map(({ id }) => id));
  return [...known, ...fresh.filter(({ id }) => !ids.has(id))].slice(-KEPT);
}

function changeMessage(vault: Vault, id: string, change: (message: Message) => Message): Promise<Vault> {
  return changeContent(vault, (content) => ({
    ...content,
    inbox: (content.inbox ?? []).map((message) => (message.id === id ? change(message) : message)),
  }));
}
