/** Putting the app on the phone's home screen, where it opens like any other and its data is kept for longer. */

import { signal } from "@preact/signals";

interface InstallPrompt extends Event {
  prompt(): Promise<unknown>;
}

/** Has the browser ask, where it can; null where it can't, or the app is installed. */
export const askToInstall = signal<(() => void) | null>(null);

/** Safari on iPhones installs by its own menu only, and says so by this member, false outside of an installed app. */
export function installsByMenu(): boolean {
  return (navigator as { standalone?: boolean }).standalone === false;
}

/** Keeps the browser from asking at a moment of its own; to be called before it does. */
export function waitWithInstalling(): void {
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    askToInstall.value = () => {
      askToInstall.value = null;
      void (event as InstallPrompt).prompt();
    };
  });
  addEventListener("appinstalled", () => {
    askToInstall.value = null;
  });
}
