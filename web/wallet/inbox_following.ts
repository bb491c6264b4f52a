/** Keeps the open wallet's inbox in step: on opening, on a new card, on a push; and the app's badge with it. */

import { effect } from "@preact/signals";
import { language, t } from "../shared/language";
import { refreshInbox } from "./inbox";
import { unreadCount } from "./message";
import { adopt, go, vault, waitingInbox } from "./state";

/** The cache from which the service worker takes a notice's words (`push_worker.js`): it can't read the page's storage. */
const WORDS = "notice-words";

export function followInbox(): void {
  let seen = "";
  effect(() => {
    const opened = vault.value;
    const now = opened === null ? "" : `${opened.id} ${opened.content.credentials.length}`;
    if (now !== seen && opened !== null) refreshQuietly();
    seen = now;
  });
  effect(() => {
    if (vault.value !== null) void showBadge(unreadCount(vault.value.content));
  });
  effect(() => {
    if (language.value !== null) void keepWords().catch(() => undefined);
  });
  navigator.serviceWorker?.addEventListener("message", ({ data }) => {
    if (data === "push") refreshQuietly();
    if (data !== "open_inbox") return;
    if (vault.value === null) waitingInbox.value = true;
    else go({ name: "inbox" });
  });
}

/** Without a network there is nothing new, and the last messages are there still. */
export function refreshQuietly(): void {
  if (vault.value !== null) refreshInbox(vault.value).then(adopt, () => undefined);
}

async function showBadge(unread: number): Promise<void> {
  await (unread === 0 ? navigator.clearAppBadge?.() : navigator.setAppBadge?.(unread))?.catch(() => undefined);
}

async function keepWords(): Promise<void> {
  const words = {
    language: language.value,
    title: t.value("app_name"),
    message: t.value("inbox_notice"),
    security: t.value("inbox_security_notice"),
  };
  await (await caches.open(WORDS)).put("./notice-words", new Response(JSON.stringify(words)));
}
