/** A newer version of the app: fetched by itself, and taken up when the holder says so, since they may be in the middle of something. */

import { signal } from "@preact/signals";

/** Takes up the newer version that waits, if one does. The page is loaded anew; all that is kept stays. */
export const waitingUpdate = signal<(() => void) | null>(null);

export function watchForUpdates(registration: ServiceWorkerRegistration): void {
  const follow = () => registration.installing?.addEventListener("statechange", () => look(registration));
  look(registration);
  // The browser may have found one while the page was loading.
  follow();
  registration.addEventListener("updatefound", follow);
  // An app that stays open for days would not ask otherwise.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") void registration.update().catch(() => undefined);
  });
}

function look({ active, waiting }: ServiceWorkerRegistration): void {
  // The very first version waits for a moment too.
  if (active === null || waiting === null) return;
  waitingUpdate.value = () => {
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
    waiting.postMessage("take over");
  };
}
