/** Web Push on this phone: whether it may, and the subscription that the provider sends to. */

import { decodeBase64url } from "../shared/base64url";
import type { WebPushAddress } from "./device";

/** `ask`: the holder has not been asked by the browser yet; `refused`: they said no there. */
export type PushPermission = "impossible" | "ask" | "granted" | "refused";

/** This phone can't be told of messages. */
export class NoPush extends Error {}

export function pushPermission(): PushPermission {
  if (!("PushManager" in window && "Notification" in window && "serviceWorker" in navigator)) return "impossible";
  const { permission } = Notification;
  return permission === "default" ? "ask" : permission === "granted" ? "granted" : "refused";
}

/** This browser's subscription, made if there is none for the provider's key. Asks for the permission. Throws `NoPush`. */
export async function subscribe(): Promise<WebPushAddress> {
  if ((await Notification.requestPermission()) !== "granted") throw new NoPush();
  const answer = await fetch("./push-services");
  const services = (await answer.json()) as { web_push: { application_server_key: string } | null };
  if (services.web_push === null) throw new NoPush();
  const { pushManager } = await navigator.serviceWorker.ready;
  const options = {
    userVisibleOnly: true,
    applicationServerKey: decodeBase64url(services.web_push.application_server_key),
  };
  const subscription = await pushManager.subscribe(options).catch(async () => {
    // One for another key of the provider's is in the way, or there is no push service to be had.
    await (await pushManager.getSubscription())?.unsubscribe();
    return pushManager.subscribe(options).catch(() => {
      throw new NoPush();
    });
  });
  const { endpoint, keys } = subscription.toJSON();
  if (endpoint === undefined || keys?.p256dh === undefined || keys.auth === undefined) throw new NoPush();
  return { endpoint, keys: { p256dh: keys.p256dh, auth: keys.auth } };
}
