/** Whose wallet: choosing among the people who share the phone, a new one, and the PIN. */

import { useEffect, useState } from "preact/hooks";
import { t } from "../../shared/language";
import { BackButton, Button, Field, Problem, Progress } from "../../shared/ui";
import { go, vault, waitingOffer } from "../state";
import { createVault, openVault, PIN_DIGITS, profiles, type Vault, Waiting, WrongPin } from "../vault";

function enter(opened: Vault): void {
  vault.value = opened;
  go({ name: waitingOffer.value === null ? "cards" : "add" });
}

export function Profiles() {
  const [people, setPeople] = useState<{ id: string; name: string }[]>([]);
  useEffect(() => {
    void profiles().then(setPeople);
  }, []);
  return (
    <main>
      <h1>{t.value("whose_wallet")}</h1>
      <div class="choices">
        {people.map(({ id, name }) => (
          <Button key={id} onClick={() => go({ name: "unlock", profile: id, profileName: name })}>
            {name}
          </Button>
        ))}
        <Button kind="quiet" onClick={() => go({ name: "new_profile" })}>
          {t.value("new_profile")}
        </Button>
        <RestoreLink />
        <Button kind="quiet" onClick={() => go({ name: "language" })}>
          {t.value("language")}
        </Button>
      </div>
    </main>
  );
}

export function NewProfile() {
  const [name, setName] = useState("");
  const [pin, setPin] = useState("");
  const [working, setWorking] = useState(false);
  const complete = name.trim() !== "" && /^[0-9]+$/.test(pin) && pin.length === PIN_DIGITS;

  async function create(): Promise<void> {
    setWorking(true);
    enter(await createVault(name.trim(), pin));
  }

  return (
    <main>
      <BackButton onClick={() => go({ name: "language" })} />
      <h1>{t.value("new_profile")}</h1>
      <Field label={t.value("your_name")} value={name} onInput={setName} maxLength={40} />
      <Field
        label={t.value("new_pin", { digits: PIN_DIGITS })}
        kind="pin"
        value={pin}
        onInput={setPin}
        maxLength={PIN_DIGITS}
      />
      <p class="quiet-text">{t.value("pin_advice")}</p>
      {working ? <Progress>{t.value("unlocking")}</Progress> : null}
      <Button onClick={() => void create()} disabled={!complete || working}>
        {t.value("create")}
      </Button>
      <RestoreLink />
    </main>
  );
}

export function Unlock(props: { profile: string; profileName: string }) {
  const [pin, setPin] = useState("");
  const [working, setWorking] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  async function open(): Promise<void> {
    setWorking(true);
    setProblem(null);
    try {
      enter(await openVault(props.profile, pin));
    } catch (error) {
      setPin("");
      setProblem(problemOf(error));
      setWorking(false);
    }
  }

  return (
    <main>
      <BackButton onClick={() => go({ name: "profiles" })} />
      <h1>{props.profileName}</h1>
      <Field label={t.value("your_pin")} kind="pin" value={pin} onInput={setPin} maxLength={PIN_DIGITS} />
      {problem === null ? null : <Problem>{problem}</Problem>}
      {working ? <Progress>{t.value("unlocking")}</Progress> : null}
      <Button onClick={() => void open()} disabled={pin.length !== PIN_DIGITS || working}>
        {t.value("unlock")}
      </Button>
    </main>
  );
}

function problemOf(error: unknown): string {
  if (error instanceof Waiting)
    return t.value("wait_for_pin", { seconds: Math.ceil((error.until - Date.now()) / 1000) });
  return t.value(error instanceof WrongPin ? "wrong_pin" : "something_failed");
}

function RestoreLink() {
  return (
    <Button kind="quiet" onClick={() => go({ name: "restore" })}>
      {t.value("restore")}
    </Button>
  );
}
