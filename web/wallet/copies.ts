/** The copies of a credential: each is for one desk, so that what two desks were shown has no key and no salt in common. */

import type { HeldCredential } from "./held_credential";
import { changeContent, type Vault } from "./vault";

/** So long after it was first shown, a pass is shown on to the same desk: its code is only drawn anew. */
const SHOWING_SECONDS = 120;
const FEW_COPIES = 1;

/** All copies of a credential, itself among them. */
export function copiesOf(credentials: readonly HeldCredential[], held: HeldCredential): HeldCredential[] {
  return held.set === undefined ? [held] : credentials.filter(({ set }) => set === held.set);
}

/** How many copies nobody has seen that are in force at `now`; null for a credential of which there is one only. */
export function unusedCopies(copies: readonly HeldCredential[], now: number): number | null {
  if (copies[0]?.set === undefined) return null;
  return copies.filter(({ usedAt, expiresAt }) => usedAt === undefined && now < expiresAt).length;
}

/** Whether so few are left that more are to be fetched. */
export function runsLow(copies: readonly HeldCredential[], now: number): boolean {
  const unused = unusedCopies(copies, now);
  return unused !== null && unused <= FEW_COPIES;
}

/** The copy to show: one that nobody has seen, else the one seen longest ago; undefined where all have expired. */
export function copyToShow(copies: readonly HeldCredential[], now: number): HeldCredential | undefined {
  const turn = ({ usedAt, expiresAt }: HeldCredential) => (usedAt === undefined ? -expiresAt : usedAt);
  return copies.filter(({ expiresAt }) => now < expiresAt).sort((one, other) => turn(one) - turn(other))[0];
}

/** A copy that was taken, and the vault in which it counts as seen, which is on the disk before anybody sees the copy. */
export interface Taken {
  vault: Vault;
  held: HeldCredential;
}

/** The pass to draw codes of for one desk: for some time the one that is on the screen already. */
export function beginShowing(vault: Vault, id: string, now: number): Promise<Taken> {
  const shownNow = ({ usedAt, expiresAt }: HeldCredential) =>
    usedAt !== undefined && now - usedAt >= 0 && now - usedAt < SHOWING_SECONDS && now < expiresAt;
  return take(vault, id, now, (copies) => copies.find(shownNow) ?? copyToShow(copies, now));
}

/** The copy to show of the credential with this id, and of no other showing. */
export function takeCopy(vault: Vault, id: string, now: number): Promise<Taken> {
  return take(vault, id, now, (copies) => copyToShow(copies, now));
}

async function take(
  vault: Vault,
  id: string,
  now: number,
  choose: (copies: readonly HeldCredential[]) => HeldCredential | undefined,
): Promise<Taken> {
  let held: HeldCredential | undefined;
  const changed = await changeContent(vault, (content) => {
    const asked = content.credentials.find((each) => each.id === id);
    held = choose(asked === undefined ? [] : copiesOf(content.credentials, asked));
    return { ...content, credentials: marked(content.credentials, held === undefined ? [] : [held.id], now) };
  });
  if (held === undefined) throw new Error("this card has expired");
  return { vault: changed, held };
}

/** The vault in which these copies count as seen, on the disk before they are sent. */
export function markUsed(vault: Vault, ids: readonly string[], now: number): Promise<Vault> {
  return changeContent(vault, (content) => ({ ...content, credentials: marked(content.credentials, ids, now) }));
}

/** A credential of which there is one only is used again and again, and stays as it is. */
function marked(credentials: readonly HeldCredential[], ids: readonly string[], now: number): HeldCredential[] {
  return credentials.map((each) =>
    ids.includes(each.id) && each.set !== undefined ? { ...each, usedAt: each.usedAt ?? now } : each,
  );
}
