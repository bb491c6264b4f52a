/** What everybody at the desk has to know before the next check: that nobody answers, or that what is known is old. */

import { t } from "../shared/language";
import { reachable } from "./api";
import { desk, words } from "./state";
import { ageText } from "./wording";

/** The desk's mirror follows the ledger every second; from here on something is in the way. */
const OLD_SECONDS = 600;

export function Banners() {
  const known = desk.value;
  if (!reachable.value)
    return (
      <p class="banner bad" role="alert">
        {t.value("desk_unreachable")}
      </p>
    );
  if (known === null || (known.trust_seconds !== null && known.trust_seconds < OLD_SECONDS)) return null;
  if (known.trust_seconds === null)
    return (
      <p class="banner bad" role="alert">
        {t.value("desk_knows_nobody")}
      </p>
    );
  const labels = words.value?.labels ?? {};
  const values = { age: ageText(known.trust_seconds, labels), limit: ageText(known.max_trust_seconds, labels) };
  return (
    <p class={known.trust_seconds > known.max_trust_seconds ? "banner bad" : "banner"} role="status">
      {t.value("desk_old_data", values)}
    </p>
  );
}
