/**
 * FCM's web client, for providers that have a Firebase web app. It comes with this module, which is loaded only there and
 * only once the holder wants to be told. What arrives is for our own service worker (`push_worker.js`), not for Firebase's.
 */

import { type FirebaseApp, initializeApp } from "@firebase/app";
import { deleteInstallations, getInstallations } from "@firebase/installations";
import { getMessaging, getToken } from "@firebase/messaging";
import { encodeBase64url } from "../shared/base64url";

/** A Firebase web app and the public key of its Web Push certificate, as the provider tells them. */
export interface FcmWebService {
  config: { apiKey: string; appId: string; projectId: string; messagingSenderId: string };
  vapid_key: string;
}

/** The token by which FCM reaches this browser; FCM is asked for a new one, or to keep it alive, about once a week. */
export async function registerWithFcm(service: FcmWebService): Promise<string> {
  const registration = await navigator.serviceWorker.ready;
  await dropSubscriptionOfOthers(registration, service.vapid_key);
  const options = { vapidKey: service.vapid_key, serviceWorkerRegistration: registration };
  return getToken(getMessaging(appOf(service)), options);
}

/**
 * Google forgets this browser, and the token with it. `deleteToken` would first register a service worker of Firebase's,
 * where the page has not asked for a token before.
 */
export async function leaveFcm(service: FcmWebService): Promise<void> {
  await deleteInstallations(getInstallations(appOf(service)));
}

function appOf({ config }: FcmWebService): FirebaseApp {
  return initializeApp(config, config.appId);
}

/** Firebase takes whatever subscription there is, and what it sends to one for another key never arrives. */
async function dropSubscriptionOfOthers({ pushManager }: ServiceWorkerRegistration, vapidKey: string): Promise<void> {
  const subscription = await pushManager.getSubscription();
  const key = subscription?.options.applicationServerKey;
  if (subscription !== null && (!key || encodeBase64url(new Uint8Array(key)) !== vapidKey)) {
    await subscription.unsubscribe();
  }
}
