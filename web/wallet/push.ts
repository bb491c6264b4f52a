/** Pushes to this phone: whether they may come, and where the provider sends them: through FCM if it has that, or by Web Push. */

import { decodeBase64url } from "../shared/base64url";
import type { PushAddress } from "./device";
import type { FcmWebService } from "./fcm_web";

/** Nobody waits longer than this for Google, whose client has no limit of its own: messages come without pushes as well. */
const REGISTERING_MS = 10_000;
const LEAVING_MS = 5_000;

/** `ask`: the holder has not been asked by the browser yet; `refused`: they said no there. */
export type PushPermission = "impossible" | "ask" | "granted" | "refused";

/** This phone can't be told of messages. */
export class NoPush extends Error {}

/** What the provider sends by, as it tells everybody. */
interface PushServices {
  fcm_web: FcmWebService | null;
  web_push: { application_server_key: string } | null;
}

export function pushPermission(): PushPermission {
  if (!("PushManager" in window && "Notification" in window && "serviceWorker" in navigator)) return "impossible";
  const { permission } = Notification;
  return permission === "default" ? "ask" : permission === "granted" ? "granted" : "refused";
}

/** Where pushes reach this browser, registered for them if it is not yet. Asks for the permission. Throws `NoPush`. */
export async function subscribe(): Promise<PushAddress> {
  if ((await Notification.requestPermission()) !== "granted") throw new NoPush();
  const { fcm_web, web_push } = await pushServices();
  if (fcm_web) {
    const registering = import("./fcm_web").then(({ registerWithFcm }) => registerWithFcm(fcm_web));
    const token = await inTime(registering, REGISTERING_MS).catch(() => {
      throw new NoPush();
    });
    return { kind: "fcm", token };
  }
  if (web_push === null) throw new NoPush();
  return subscribeToWebPush(web_push.application_server_key);
}

/** No push reaches this browser any more, and no push service knows it. Throws where one can't be told. */
export async function unsubscribe(): Promise<void> {
  await inTime(leavePushServices(), LEAVING_MS);
}

async function leavePushServices(): Promise<void> {
  const { pushManager } = await navigator.serviceWorker.ready;
  await (await pushManager.getSubscription())?.unsubscribe();
  const { fcm_web } = await pushServices();
  if (fcm_web) await (await import("./fcm_web")).leaveFcm(fcm_web);
}

async function pushServices(): Promise<PushServices> {
  return (await fetch("./push-services")).json();
}

async function subscribeToWebPush(key: string): Promise<PushAddress> {
  const { pushManager } = await navigator.serviceWorker.ready;
  const options = { userVisibleOnly: true, applicationServerKey: decodeBase64url(key) };
  const subscription = await pushManager.subscribe(options).catch(async () => {
    // One for another key is in the way, or there is no push service to be had.
    await (await pushManager.getSubscription())?.unsubscribe();
    return pushManager.subscribe(options).catch(() => {
      throw new NoPush();
    });
  });
  const { endpoint, keys } = subscription.toJSON();
  if (endpoint === undefined || keys?.p256dh === undefined || keys.auth === undefined) throw new NoPush();
  return { kind: "web_push", endpoint, keys: { p256dh: keys.p256dh, auth: keys.auth } };
}

function inTime<T>(work: Promise<T>, limit: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("no answer in time")), limit);
    void work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
