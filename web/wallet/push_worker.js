// The service worker's part in pushes. A push says that there is a message, and which template it has; what is shown says
// nothing about health, since a locked screen shows it to everybody. The message is fetched once the wallet is opened.
const WORDS = "notice-words";
const SECURITY = ["device_registered", "card_shown"];
const WITHOUT_WORDS = { language: "en", title: "Sabai", message: "You have a new message.", security: "" };

self.addEventListener("push", (event) => {
  event.waitUntil(announce(readPush(event.data)));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(openInbox());
});

// The browser took a new subscription in place of an old one. The provider hears of it when the wallet is opened next: only
// what is sealed in it lets this phone speak to the provider.
self.addEventListener("pushsubscriptionchange", (event) => {
  const options = event.oldSubscription?.options;
  if (options) event.waitUntil(self.registration.pushManager.subscribe(options));
});

function readPush(data) {
  try {
    const pushed = data.json();
    // FCM's message has what the provider sent under `data`, beside an id and a sender of its own; a Web Push is just that.
    const { id, template } = pushed.data ?? pushed;
    return { id: String(id), template: String(template) };
  } catch {
    return { id: "", template: "" };
  }
}

async function announce({ id, template }) {
  const words = await lastWords();
  const body = SECURITY.includes(template) && words.security ? words.security : words.message;
  // A push may come twice: the second takes the first one's place.
  await self.registration.showNotification(words.title, { body, tag: id, lang: words.language });
  await self.navigator.setAppBadge?.().catch(() => undefined);
  for (const window of await windows()) window.postMessage("push");
}

async function lastWords() {
  try {
    return await (await (await caches.open(WORDS)).match("./notice-words")).json();
  } catch {
    return WITHOUT_WORDS;
  }
}

async function openInbox() {
  const [window] = await windows();
  if (window === undefined) return self.clients.openWindow("./?inbox");
  window.postMessage("open_inbox");
  return window.focus();
}

function windows() {
  return self.clients.matchAll({ type: "window", includeUncontrolled: true });
}
