/** Keeps an app's own files on the device, so that it opens without a network. */

interface ScriptUrlPolicy {
  createScriptURL(address: string): string;
}

/** Registers the app's service worker, where there are any. The page's policy on script addresses admits this one. */
export async function keepApp(): Promise<ServiceWorkerRegistration | undefined> {
  const address = "./service-worker.js";
  const { trustedTypes } = window as { trustedTypes?: { createPolicy(name: string, rules: object): ScriptUrlPolicy } };
  const policy = trustedTypes?.createPolicy("service-worker", { createScriptURL: () => address });
  return navigator.serviceWorker?.register(policy?.createScriptURL(address) ?? address);
}
