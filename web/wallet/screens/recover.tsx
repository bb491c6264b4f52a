/** Bringing a wallet to this phone with a recovery code, typed or scanned. */

import { useEffect, useState } from "preact/hooks";
import { useAttempt } from "../../shared/attempt";
import { t } from "../../shared/language";
import { Scanner } from "../../shared/scanner";
import { BackButton, Button, Field, focusHeading, Problem, Progress } from "../../shared/ui";
import { BackupNotReached, type FetchedBackup, fetchBackup, NoSuchBackup, restoreOnlineBackup } from "../online_backup";
import { BadRecoveryCode, parseRecoveryCode } from "../recovery_code";
import { go } from "../state";
import { NameNeeded, type NewOwner, NewOwnerFields } from "./new_owner";
import { enterNew } from "./profiles";
import "./recover.css";

const MAX_TYPED = 40;

export function Recover() {
  const [fetched, setFetched] = useState<FetchedBackup | null>(null);
  const { problem, working, attempt } = useAttempt(problemOf);

  useEffect(focusHeading, [fetched === null]);

  /** Not while the wallet is being made: it would be there all the same, and the next try would make another of the cards. */
  function leave(): void {
    if (!working || fetched === null) go({ name: "have_backup" });
  }

  return (
    <main>
      <BackButton onClick={leave} />
      <h1>{t.value("recovery_bring")}</h1>
      {fetched === null ? (
        <Code
          working={working}
          onGiven={(text) => void attempt(async () => setFetched(await fetchBackup(await parseRecoveryCode(text))))}
        />
      ) : (
        <Found
          working={working}
          onGiven={(owner) =>
            void attempt(() => enterNew(owner, (name, pin) => restoreOnlineBackup(fetched, name, pin)))
          }
        />
      )}
      {problem === null ? null : <Problem>{problem}</Problem>}
      {working ? <Progress>{t.value("recovery_working")}</Progress> : null}
    </main>
  );
}

function Code(props: { working: boolean; onGiven: (text: string) => void }) {
  const [text, setText] = useState("");
  const [scanning, setScanning] = useState(false);

  /** What is read stands in the field; where it is no code, its problem says so. */
  function takeUp(read: string): boolean {
    setScanning(false);
    setText(read.slice(0, MAX_TYPED));
    props.onGiven(read);
    return true;
  }

  return (
    <>
      <div class="typed-code">
        <Field label={t.value("recovery_code")} value={text} onInput={setText} maxLength={MAX_TYPED} />
      </div>
      <Button onClick={() => props.onGiven(text)} disabled={text.trim() === "" || props.working}>
        {t.value("next")}
      </Button>
      {scanning ? (
        <Scanner onRead={takeUp} />
      ) : (
        <Button kind="quiet" onClick={() => setScanning(true)} disabled={props.working}>
          {t.value("scan")}
        </Button>
      )}
    </>
  );
}

function Found(props: { working: boolean; onGiven: (owner: NewOwner) => void }) {
  const [owner, setOwner] = useState<NewOwner | null>(null);
  return (
    <>
      <p role="status">
        <span aria-hidden="true">✓ </span>
        {t.value("recovery_found")}
      </p>
      <p class="quiet-text">{t.value("recovery_what_comes")}</p>
      <NewOwnerFields onInput={setOwner} />
      <Button onClick={() => owner !== null && props.onGiven(owner)} disabled={owner === null || props.working}>
        {t.value("recovery_bring")}
      </Button>
    </>
  );
}

function problemOf(error: unknown): string {
  if (error instanceof BadRecoveryCode) return t.value("recovery_bad_code");
  if (error instanceof NameNeeded) return t.value("new_owner_meanwhile");
  if (error instanceof NoSuchBackup) return t.value("recovery_none");
  return t.value(error instanceof BackupNotReached ? "recovery_not_reached" : "something_failed");
}
