/** Saving a profile to a file, and bringing one from a file to this phone. */

import { useState } from "preact/hooks";
import { useAttempt } from "../../shared/attempt";
import { t } from "../../shared/language";
import { saveFile } from "../../shared/save_file";
import { BackButton, Button, Field, Problem, Progress } from "../../shared/ui";
import { BadBackup, createBackup, MIN_PASSPHRASE, restoreBackup } from "../backup";
import { go, screen, vault } from "../state";
import { reload } from "../vault";
import { NameNeeded, type NewOwner, NewOwnerFields } from "./new_owner";
import { enterNew } from "./profiles";

export function SaveBackup() {
  const [passphrase, setPassphrase] = useState("");
  const [again, setAgain] = useState("");
  const { problem, working, attempt } = useAttempt(() => t.value("something_failed"));
  const complete = passphrase.length >= MIN_PASSPHRASE && again === passphrase;

  async function save(): Promise<void> {
    if (vault.value === null) return;
    saveFile(await createBackup(await reload(vault.value), passphrase), "sabai-wallet.backup.json");
    if (screen.value.name === "backup") go({ name: "cards" });
  }

  return (
    <main>
      <BackButton onClick={() => go({ name: "cards" })} />
      <h1>{t.value("backup")}</h1>
      <p>{t.value("backup_advice")}</p>
      <p class="quiet-text">{t.value("recovery_what_comes")}</p>
      <Field
        label={t.value("new_passphrase", { characters: MIN_PASSPHRASE })}
        kind="secret"
        value={passphrase}
        onInput={setPassphrase}
        maxLength={200}
      />
      <Field label={t.value("repeat_passphrase")} kind="secret" value={again} onInput={setAgain} maxLength={200} />
      {problem === null ? null : <Problem>{problem}</Problem>}
      {working ? <Progress>{t.value("unlocking")}</Progress> : null}
      <Button onClick={() => void attempt(save)} disabled={!complete || working}>
        {t.value("save_file")}
      </Button>
    </main>
  );
}

export function RestoreBackup() {
  const [file, setFile] = useState<File | null>(null);
  const [passphrase, setPassphrase] = useState("");
  const [owner, setOwner] = useState<NewOwner | null>(null);
  const { problem, working, attempt } = useAttempt(problemOf);
  const complete = file !== null && passphrase !== "" && owner !== null;

  async function restore(): Promise<void> {
    if (file === null || owner === null) return;
    await enterNew(owner, (name, pin) => restoreBackup(file, passphrase, name, pin));
  }

  /** Not while the wallet is being made: it would be there all the same, and the next try would make another of the cards. */
  function leave(): void {
    if (!working) go({ name: "have_backup" });
  }

  return (
    <main>
      <BackButton onClick={leave} />
      <h1>{t.value("restore")}</h1>
      <label class="file">
        {t.value("backup_file")}
        <input
          type="file"
          accept="application/json,.json"
          onChange={(event) => setFile(event.currentTarget.files?.[0] ?? null)}
        />
      </label>
      <Field
        label={t.value("backup_passphrase")}
        kind="secret"
        value={passphrase}
        onInput={setPassphrase}
        maxLength={200}
      />
      <NewOwnerFields onInput={setOwner} />
      {problem === null ? null : <Problem>{problem}</Problem>}
      {working ? <Progress>{t.value("unlocking")}</Progress> : null}
      <Button onClick={() => void attempt(restore)} disabled={!complete || working}>
        {t.value("restore")}
      </Button>
    </main>
  );
}

function problemOf(error: unknown): string {
  if (error instanceof NameNeeded) return t.value("new_owner_meanwhile");
  return t.value(error instanceof BadBackup ? "bad_backup" : "something_failed");
}
