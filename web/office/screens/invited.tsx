/** What an invitation's link opens: who is invited, and making the passkey on this device. */

import { useEffect, useState } from "preact/hooks";
import { useAttempt } from "../../shared/attempt";
import { t } from "../../shared/language";
import { passkeysWorkHere } from "../../shared/passkey";
import { Button, Problem, Progress } from "../../shared/ui";
import { Refused } from "../api";
import { problemText } from "../problem_text";
import { acceptInvitation, type OpenedInvitation, openInvitation } from "../session";
import { KeyPicture } from "./sign_in";

export function Invited(props: { code: string; onDone: () => void }) {
  const [opened, setOpened] = useState<OpenedInvitation | null>(null);
  const [waits, setWaits] = useState(false);
  const { problem, attempt } = useAttempt(problemOf);
  useEffect(() => void attempt(async () => setOpened(await openInvitation(props.code))), [props.code]);

  async function accept(invitation: OpenedInvitation): Promise<void> {
    if (await acceptInvitation(props.code, invitation)) props.onDone();
    else setWaits(true);
  }

  return (
    <div class="narrow">
      <h2>{t.value("invited_title")}</h2>
      {problem === null ? null : <Problem>{problem}</Problem>}
      {waits ? (
        <p role="status">{t.value("invited_waits")}</p>
      ) : opened !== null ? (
        <>
          <p>{t.value("invited_for", { name: opened.name })}</p>
          {passkeysWorkHere() ? (
            <>
              <p class="quiet-text">{t.value("invited_advice")}</p>
              <Button onClick={() => void attempt(() => accept(opened))}>
                <KeyPicture /> {t.value("invited_make")}
              </Button>
            </>
          ) : (
            <Problem>{t.value("invited_no_passkeys")}</Problem>
          )}
        </>
      ) : problem === null ? (
        <Progress>{t.value("invited_opening")}</Progress>
      ) : null}
      <Button kind="quiet" onClick={props.onDone}>
        {t.value("office_sign_in")}
      </Button>
    </div>
  );
}

function problemOf(error: unknown): string {
  const isOver = error instanceof Refused && error.code === "not_found";
  return isOver ? t.value("invited_over") : problemText(error);
}
