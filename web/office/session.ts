/** Signing in and out: with a passkey, whose session is a cookie that no script reads, or with the office's token. */

import { createPasskey, usePasskey } from "../shared/passkey";
import { askIssuer, type Office, officeOf, type Principal, Refused } from "./api";
import { offeredTypes } from "./offered_types";
import { colleagues, go, me, office, types } from "./state";

type Json = Record<string, unknown>;

export interface SignInWays {
  passkey: boolean;
  token: boolean;
}

export interface OpenedInvitation {
  name: string;
  options: Json;
}

export const signInWays = () => askIssuer<SignInWays>("GET", "officers/sign-in");

async function showPasskey(): Promise<void> {
  const { options } = await askIssuer<{ options: Json }>("POST", "officers/sign-in/options");
  await askIssuer("POST", "officers/sign-in", { credential: await usePasskey(options) });
}

async function enter(asked: Office): Promise<void> {
  const principal: Principal = await asked.me();
  types.value = await offeredTypes();
  colleagues.value = await asked.officers();
  me.value = principal;
  office.value = asked;
}

export async function signInWithPasskey(): Promise<void> {
  await showPasskey();
  await enter(officeOf(null, showPasskey));
}

/** The token is kept in this page's memory only: closing or reloading the page signs out. */
export const signInWithToken = (token: string) => enter(officeOf(token, showPasskey));

/** Goes on with the session that this browser has, if it has one. */
export async function resumeSession(): Promise<void> {
  try {
    await enter(officeOf(null, showPasskey));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
  }
}

export const openInvitation = (code: string) =>
  askIssuer<OpenedInvitation>("POST", "officers/invitations/open", { code });

/** Makes the passkey; whether the person is signed in by it, or another approver has to admit it first. */
export async function acceptInvitation(code: string, invitation: OpenedInvitation): Promise<boolean> {
  const credential = await createPasskey(invitation.options);
  const { principal } = await askIssuer<{ principal: Principal | null }>("POST", "officers/invitations/accept", {
    code,
    credential,
  });
  if (principal !== null) await enter(officeOf(null, showPasskey));
  return principal !== null;
}

export async function signOut(): Promise<void> {
  await office.value?.signOut().catch(() => undefined);
  forgetSession();
}

export function forgetSession(): void {
  office.value = null;
  me.value = null;
  go({ name: "people" });
}
