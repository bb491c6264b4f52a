/** Saving a profile to a file, and bringing one from a file to this phone. */

import { useState } from "preact/hooks";
import { t } from "../../shared/language";
import { BackButton, Button, Field, Problem, Progress } from "../../shared/ui";
import { BadBackup, createBackup, MIN_PASSPHRASE, restoreBackup } from "../backup";
import { go, screen, vault } from "../state";
import { reload } from "../vault";
import { isPin, NewPinFields } from "./pin_field";
import { enterIfStillHere } from "./profiles";

export function SaveBackup() {
  const [passphrase, setPassphrase] = useState("");
  const [again, setAgain] = useState("");
  const [working, setWorking] = useState(false);
  const [failed, setFailed] = useState(false);
  const complete = passphrase.length >= MIN_PASSPHRASE && again === passphrase;

  async function save(): Promise<void> {
    if (vault.value === null) return;
    setWorking(true);
    try {
      offerFile(await createBackup(await reload(vault.value), passphrase));
      if (screen.value.name === "backup") go({ name: "cards" });
    } catch {
      setFailed(true);
      setWorking(false);
    }
  }

  return (
    <main>
      <BackButton onClick={() => go({ name: "cards" })} />
      <h1>{t.value("backup")}</h1>
      <p>{t.value("backup_advice")}</p>
      <Field
        label={t.value("new_passphrase", { characters: MIN_PASSPHRASE })}
        kind="secret"
        value={passphrase}
        onInput={setPassphrase}
        maxLength={200}
      />
      <Field label={t.value("repeat_passphrase")} kind="secret" value={again} onInput={setAgain} maxLength={200} />
      {failed ? <Problem>{t.value("something_failed")}</Problem> : null}
      {working ? <Progress>{t.value("unlocking")}</Progress> : null}
      <Button onClick={() => void save()} disabled={!complete || working}>
        {t.value("save_file")}
      </Button>
    </main>
  );
}

/** The browser reads the file after the click, so its address stays for a while. */
function offerFile(file: Blob): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = address;
  link.download = "sabai-wallet.backup.json";
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

export function RestoreBackup() {
  const [file, setFile] = useState<File | null>(null);
  const [passphrase, setPassphrase] = useState("");
  const [name, setName] = useState("");
  const [pin, setPin] = useState("");
  const [again, setAgain] = useState("");
  const [working, setWorking] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const complete = file !== null && passphrase !== "" && name.trim() !== "" && isPin(pin) && again === pin;

  async function restore(): Promise<void> {
    if (file === null) return;
    setWorking(true);
    setProblem(null);
    try {
      await enterIfStillHere(restoreBackup(file, passphrase, name.trim(), pin));
    } catch (error) {
      setProblem(t.value(error instanceof BadBackup ? "bad_backup" : "something_failed"));
      setWorking(false);
    }
  }

  return (
    <main>
      <BackButton onClick={() => go({ name: "profiles" })} />
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
      <Field label={t.value("your_name")} value={name} onInput={setName} maxLength={40} />
      <NewPinFields
        pin={pin}
        again={again}
        onInput={(one, other) => {
          setPin(one);
          setAgain(other);
        }}
      />
      {problem === null ? null : <Problem>{problem}</Problem>}
      {working ? <Progress>{t.value("unlocking")}</Progress> : null}
      <Button onClick={() => void restore()} disabled={!complete || working}>
        {t.value("restore")}
      </Button>
    </main>
  );
}
