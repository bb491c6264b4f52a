/** Who is signed in at this desk, and what supervisors ask about the staff. */

import { signal } from "@preact/signals";
import { createPasskey, usePasskey } from "../shared/passkey";
import { ask, askAsIs, Refused, signedIn, signInNeeded } from "./api";

type Json = Record<string, unknown>;
export type Role = "desk" | "supervisor";

export interface Member {
  id: string;
  name: string;
  role: Role;
  active: boolean;
}

export interface ListedMember extends Member {
  passkeys: number;
  invited_until: number | null;
  last_signed_in_at: number | null;
}

export interface Invitation {
  member: Member;
  link: string;
  expires_at: number;
}

/** Who is signed in; null where nobody is, or has to be. */
export const me = signal<Member | null>(null);
/** The invitation that this page was opened with. */
export const invitation = signal<string | null>(null);

const INVITATION = /^#invitation=([\w-]{1,64})$/;

/** At the start: the invitation in the address, which is taken out of it, or who is signed in. */
export async function beginSession(): Promise<void> {
  const code = INVITATION.exec(location.hash)?.[1];
  if (code !== undefined) {
    history.replaceState(null, "", location.pathname + location.search);
    invitation.value = code;
    return;
  }
  const session = await ask<{ member: Member | null; required: boolean }>("GET", "staff/session");
  me.value = session.member;
  signInNeeded.value = session.required && session.member === null;
}

/** Asks for the passkey. Throws `NoPasskey`, `Refused`, `Unreachable`. */
export async function signIn(): Promise<void> {
  const { options } = await ask<{ options: Json }>("POST", "staff/sign-in/options");
  welcome(await askAsIs<Member>("POST", "staff/sign-in", { credential: await usePasskey(options) }));
}

export async function signOut(): Promise<void> {
  await ask<null>("DELETE", "staff/session");
  location.reload();
}

/** Whom an invitation is for. */
export async function openInvitation(code: string): Promise<Member> {
  return (await ask<{ member: Member }>("POST", "staff/invitations/open", { code })).member;
}

/** Makes a passkey by an invitation, and is signed in by it. */
export async function acceptInvitation(code: string): Promise<void> {
  const { options } = await ask<{ options: Json }>("POST", "staff/invitations/open", { code });
  const credential = await createPasskey(options);
  welcome(await askAsIs<Member>("POST", "staff/invitations/accept", { code, credential }));
  invitation.value = null;
}

function welcome(member: Member): void {
  me.value = member;
  signedIn();
}

/** What only supervisors may do, but for an invitation of one's own. Asks for the passkey where that is long ago. */
export const staff = {
  members: async () => (await ask<{ members: ListedMember[] }>("GET", "staff/members")).members,
  inviteNew: (name: string, role: Role) => withPasskey<Invitation>("POST", "staff/members", { name, role }),
  invite: (id: string) => withPasskey<Invitation>("POST", `staff/members/${id}/invitations`),
  change: (id: string, change: { role?: Role; active?: boolean }) =>
    withPasskey<Member>("PATCH", `staff/members/${id}`, change),
  forgetPasskeys: (id: string) => withPasskey<null>("DELETE", `staff/members/${id}/passkeys`),
};

async function withPasskey<T>(method: string, path: string, body?: Json): Promise<T> {
  try {
    return await ask<T>(method, path, body);
  } catch (problem) {
    if (!(problem instanceof Refused && problem.code === "insufficient_user_authentication")) throw problem;
    await signIn();
    return await ask<T>(method, path, body);
  }
}
