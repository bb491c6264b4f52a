// Keeps the wallet's own files on the phone, so that it opens without a network. What it fetches from others, such as
// offers and credentials, never comes through here.
const CACHE = `wallet-${__VERSION__}`;
const FILES = __FILES__;

self.addEventListener("install", (event) => {
  event.waitUntil(keepFiles());
});

async function keepFiles() {
  const cache = await caches.open(CACHE);
  await cache.addAll([...FILES, "./credential-types"]);
  // The app works without knowing who may ask: then every desk is unknown.
  await cache.add("./known-verifiers").catch(() => undefined);
}

// A new version waits until the holder takes it up in one window, or all windows are closed. The files of the version
// before stay, and of one before that: windows that are still open have not loaded all of them yet.
self.addEventListener("message", (event) => {
  if (event.data === "take over") self.skipWaiting();
});

// The very first version takes on the window that brought it, too: it may lose the network before it is loaded anew.
self.addEventListener("activate", (event) => {
  const old = (names) => names.filter((name) => name.startsWith("wallet-")).slice(0, -3);
  const cleared = caches.keys().then((names) => Promise.all(old(names).map((name) => caches.delete(name))));
  event.waitUntil(Promise.all([cleared, self.clients.claim()]));
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  // They change without the app: a new type, label or hospital is the provider's to give.
  if (/\/(credential-types|hospitals|known-verifiers)$/.test(url.pathname)) {
    event.respondWith(newest(event.request));
    return;
  }
  const key = event.request.mode === "navigate" ? new URL("./", self.registration.scope).href : event.request;
  event.respondWith(kept(key).then((found) => found ?? fetch(event.request)));
});

// This version's own, and else what windows of the version before ask for.
async function kept(key) {
  const own = await (await caches.open(CACHE)).match(key, { ignoreSearch: true });
  return own ?? caches.match(key, { ignoreSearch: true });
}
