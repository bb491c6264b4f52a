/** The backup at the provider: a recovery code that is shown once, what happens with it, and an end of it. */

import { useEffect, useRef, useState } from "preact/hooks";
import { useAttempt } from "../../shared/attempt";
import { t } from "../../shared/language";
import { drawQrCode } from "../../shared/qr_code";
import { BackButton, Button, Field, focusHeading, Problem, Progress } from "../../shared/ui";
import { backupWaits } from "../backup_following";
import { BackupIsOn, BackupNotReached, turnOffBackup, turnOnBackup } from "../online_backup";
import { createRecoveryCode } from "../recovery_code";
import { adopt, go, vault } from "../state";
import type { Vault } from "../vault";
import "./online_backup.css";

const LAST_CHARACTERS = 4;

export function OnlineBackupSetting() {
  const [code, setCode] = useState<string | null>(null);
  const { problem, working, attempt } = useAttempt(problemOf);
  const opened = vault.value;
  const isOn = opened?.content.onlineBackup !== undefined;

  useEffect(focusHeading, [code, isOn]);

  async function turn(work: (opened: Vault) => Promise<Vault>): Promise<void> {
    if (opened === null) return;
    try {
      await adopt(await work(opened));
      setCode(null);
    } catch (error) {
      if (error instanceof BackupIsOn) {
        await adopt(opened);
        setCode(null);
      }
      throw error;
    }
  }

  return (
    <main>
      <BackButton onClick={() => go({ name: "settings" })} />
      <h1>{t.value("recovery")}</h1>
      {isOn ? (
        <>
          <p role="status">
            {backupWaits.value ? null : <span aria-hidden="true">✓ </span>}
            {t.value(backupWaits.value ? "recovery_waits" : "recovery_is_on")}
          </p>
          <p class="quiet-text">{t.value("recovery_lost")}</p>
          <Button kind="quiet" onClick={() => void attempt(() => turn(turnOffBackup))} disabled={working}>
            {t.value("recovery_turn_off")}
          </Button>
        </>
      ) : code === null ? (
        <>
          <p>{t.value("recovery_advice")}</p>
          <p class="quiet-text">{t.value("recovery_what_comes")}</p>
          <Button onClick={() => void createRecoveryCode().then(setCode)}>{t.value("recovery_make")}</Button>
        </>
      ) : (
        <NewCode
          code={code}
          working={working}
          onKept={() => void attempt(() => turn((now) => turnOnBackup(now, code)))}
        />
      )}
      {problem === null ? null : <Problem>{problem}</Problem>}
      {working ? <Progress>{t.value("recovery_working")}</Progress> : null}
    </main>
  );
}

function problemOf(error: unknown): string {
  if (error instanceof BackupIsOn) return t.value("recovery_other_code");
  return t.value(error instanceof BackupNotReached ? "recovery_not_reached" : "something_failed");
}

/** Nothing is backed up before the holder has shown that the code is written down: nobody can show it again. */
function NewCode(props: { code: string; working: boolean; onKept: () => void }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [typed, setTyped] = useState("");
  const kept = typed.trim().toUpperCase() === props.code.slice(-LAST_CHARACTERS);

  useEffect(() => {
    if (canvas.current !== null) drawQrCode(canvas.current, props.code);
  }, [props.code]);

  return (
    <>
      <p>{t.value("recovery_keep")}</p>
      <section class="recovery-code">
        <p class="characters">
          {props.code.split("-").map((group) => (
            <span key={group}>{group} </span>
          ))}
        </p>
        <div class="square">
          <canvas ref={canvas} role="img" aria-label={t.value("recovery_code")} />
        </div>
      </section>
      <Button kind="quiet" onClick={() => print()}>
        {t.value("recovery_print")}
      </Button>
      <Field
        label={t.value("recovery_last", { characters: LAST_CHARACTERS })}
        value={typed}
        onInput={setTyped}
        maxLength={LAST_CHARACTERS}
      />
      <Button onClick={props.onKept} disabled={!kept || props.working}>
        {t.value("recovery_turn_on")}
      </Button>
    </>
  );
}
