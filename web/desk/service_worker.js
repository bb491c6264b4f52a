// Keeps the desk's own files on the computer, so that its page opens without a network and can say so. Verdicts never
// come through here, and neither do the verifier's other pages.
const CACHE = `desk-${__VERSION__}`;
const FILES = __FILES__;
const WORDS = ["th", "en", "my", "lo", "km"].map((language) => `./desk/texts?language=${language}`);

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll([...FILES, ...WORDS])));
});

// A new version takes over once all windows of the old one are closed.
self.addEventListener("activate", (event) => {
  const old = (names) => names.filter((name) => name.startsWith("desk-") && name !== CACHE);
  event.waitUntil(caches.keys().then((names) => Promise.all(old(names).map((name) => caches.delete(name)))));
});

const OWN = new Set(FILES.map((name) => new URL(name, self.registration.scope).href));

self.addEventListener("fetch", (event) => {
  const { origin, pathname } = new URL(event.request.url);
  const address = origin + pathname;
  if (event.request.method !== "GET") return;
  if (address === new URL("desk/texts", self.registration.scope).href) event.respondWith(newest(event.request));
  else if (OWN.has(address)) event.respondWith(caches.match(address).then((found) => found ?? fetch(event.request)));
});
