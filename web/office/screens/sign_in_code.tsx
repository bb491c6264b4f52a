/** A one-time code for the issuer's own page, where a patient gets cards on a phone without an offer. */

import { useState } from "preact/hooks";
import { useAttempt } from "../../shared/attempt";
import { dateText, t, timeText } from "../../shared/language";
import { Button, Problem } from "../../shared/ui";
import type { SignInCode as Code } from "../api";
import { problemText } from "../problem_text";
import { office } from "../state";

export function SignInCode({ personId }: { personId: string }) {
  const [made, setMade] = useState<Code | null>(null);
  const { problem, working, attempt } = useAttempt(problemText);

  async function make(): Promise<void> {
    if (office.value !== null) setMade(await office.value.createSignInCode(personId));
  }

  return (
    <section>
      <h3>{t.value("office_sign_in_code")}</h3>
      {made === null ? (
        <p class="quiet-text">{t.value("office_sign_in_code_why")}</p>
      ) : (
        <div role="status">
          <p class="tx-code">{made.code}</p>
          <p>
            {t.value("office_sign_in_code_tell", { time: `${dateText(made.expires_at)} ${timeText(made.expires_at)}` })}
          </p>
        </div>
      )}
      {problem === null ? null : <Problem>{problem}</Problem>}
      <div class="actions">
        <Button kind="quiet" disabled={working} onClick={() => void attempt(make)}>
          {t.value(made === null ? "office_sign_in_code_make" : "office_sign_in_code_another")}
        </Button>
      </div>
    </section>
  );
}
