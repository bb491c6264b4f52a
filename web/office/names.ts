/** How codes of the issuer are called in the reader's language; one without a name is shown as it is. */

import { dateText, type TextKey, t, timeText } from "../shared/language";
import type { Role } from "./api";
import { colleagues } from "./state";

export const actionName = (action: string) => t.value(`action_${action}` as TextKey) || action;
export const outcomeName = (outcome: string) => t.value(`outcome_${outcome}` as TextKey) || outcome;
export const roleName = (role: Role) => t.value(`role_${role}`);
export const reasonName = (reason: string) => t.value(`reason_${reason}` as TextKey) || reason;

export function momentText(seconds: number): string {
  return `${dateText(seconds)} ${timeText(seconds)}`;
}

/** Who an id stands for. */
export function principalName(id: string): string {
  if (id === "token") return t.value("office_token_holder");
  if (id === "nobody") return t.value("audit_nobody");
  return colleagues.value.find((each) => each.id === id)?.name ?? id;
}
