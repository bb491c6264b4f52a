/** What went wrong, in the reader's language where there is a sentence for it, else in the issuer's English. */

import { t } from "../shared/language";
import { NoPasskey } from "../shared/passkey";
import { Refused } from "./api";
import { me } from "./state";

export function problemText(error: unknown): string {
  if (error instanceof NoPasskey) return t.value("office_no_passkey");
  if (!(error instanceof Refused)) return t.value("office_not_reached");
  if (error.code === "unauthenticated") return t.value(me.value === null ? "office_not_known" : "office_session_over");
  if (error.code === "forbidden") return t.value("office_other_role");
  if (error.code === "conflict") return t.value("office_not_any_more");
  return error.sentence;
}
