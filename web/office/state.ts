/** What the office shows: who is signed in, and which screen. */

import { signal } from "@preact/signals";
import { focusHeading } from "../shared/ui";
import type { Offer, Office, OfficerRow, Person, Principal, Role } from "./api";
import type { OfferedType } from "./offered_types";

export type Screen =
  | { name: "people" }
  | { name: "person"; person: Person }
  | { name: "offer"; person: Person; offer: Offer }
  | { name: "import" }
  | { name: "jobs" }
  | { name: "waiting" }
  | { name: "state" }
  | { name: "proposals" }
  | { name: "officers" }
  | { name: "audit" };

export const office = signal<Office | null>(null);
export const me = signal<Principal | null>(null);
export const types = signal<OfferedType[]>([]);
/** Everyone who works or worked here. */
export const colleagues = signal<OfficerRow[]>([]);
export const screen = signal<Screen>({ name: "people" });

/** Whether who is signed in has the role; the issuer asks again with every request. */
export function may(role: Role): boolean {
  return me.value?.roles.includes(role) ?? false;
}

export function go(to: Screen): void {
  screen.value = to;
  scrollTo(0, 0);
  focusHeading();
}
