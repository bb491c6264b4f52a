/** Bringing a wallet to this phone with a recovery code, typed or scanned. */

import { useEffect, useState } from "preact/hooks";
import { t } from "../../shared/language";
import { Scanner } from "../../shared/scanner";
import { BackButton, Button, Field, focusHeading, Problem, Progress } from "../../shared/ui";
import { BackupNotReached, type FetchedBackup, fetchBackup, NoSuchBackup, restoreOnlineBackup } from "../online_backup";
import { BadRecoveryCode, parseRecoveryCode } from "../recovery_code";
import { go } from "../state";
import { isPin, NewPinFields } from "./pin_field";
import { enterIfStillHere } from "./profiles";
import "./recover.css";

const MAX_TYPED = 40;

export function Recover() {
  const [fetched, setFetched] = useState<FetchedBackup | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [working, setWorking] = useState(false);

  useEffect(focusHeading, [fetched === null]);

  async function attempt(work: () => Promise<void>): Promise<void> {
    setProblem(null);
    setWorking(true);
    try {
      await work();
    } catch (error) {
      setProblem(problemOf(error));
    }
    setWorking(false);
  }

  return (
    <main>
      <BackButton onClick={() => go({ name: "profiles" })} />
      <h1>{t.value("recovery_bring")}</h1>
      {fetched === null ? (
        <Code
          working={working}
          onGiven={(text) => void attempt(async () => setFetched(await fetchBackup(await parseRecoveryCode(text))))}
        />
      ) : (
        <NewOwner
          working={working}
          onGiven={(name, pin) => void attempt(() => enterIfStillHere(restoreOnlineBackup(fetched, name, pin)))}
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

function NewOwner(props: { working: boolean; onGiven: (name: string, pin: string) => void }) {
  const [name, setName] = useState("");
  const [pin, setPin] = useState("");
  const [again, setAgain] = useState("");
  const complete = name.trim() !== "" && isPin(pin) && again === pin;
  return (
    <>
      <p role="status">
        <span aria-hidden="true">✓ </span>
        {t.value("recovery_found")}
      </p>
      <Field label={t.value("your_name")} value={name} onInput={setName} maxLength={40} />
      <NewPinFields
        pin={pin}
        again={again}
        onInput={(one, other) => {
          setPin(one);
          setAgain(other);
        }}
      />
      <Button onClick={() => props.onGiven(name.trim(), pin)} disabled={!complete || props.working}>
        {t.value("recovery_bring")}
      </Button>
    </>
  );
}

function problemOf(error: unknown): string {
  if (error instanceof BadRecoveryCode) return t.value("recovery_bad_code");
  if (error instanceof NoSuchBackup) return t.value("recovery_none");
  return t.value(error instanceof BackupNotReached ? "recovery_not_reached" : "something_failed");
}
