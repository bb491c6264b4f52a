/** Whose wallet: choosing among the people who share the phone, a new one, and the PIN. */

import { useEffect, useState } from "preact/hooks";
import { t } from "../../shared/language";
import { BackButton, Button, Field, Problem, Progress } from "../../shared/ui";
import { go, screen, vault, waitingOffer } from "../state";
import { createVault, openVault, PIN_DIGITS, profiles, type Vault, Waiting, WrongPin } from "../vault";

function enter(opened: Vault): void {
  vault.value = opened;
  go({ name: waitingOffer.value === null ? "cards" : "add" });
}

/** Goes on with the vault, unless somebody has left the screen while it was being opened. */
export async function enterIfStillHere(opening: Promise<Vault>): Promise<void> {
  const here = screen.value;
  const opened = await opening;
  if (screen.value === here) enter(opened);
}

export function isPin(text: string): boolean {
  return /^[0-9]+$/.test(text) && text.length === PIN_DIGITS;
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
  const [again, setAgain] = useState("");
  const [working, setWorking] = useState(false);
  const [failed, setFailed] = useState(false);
  const complete = name.trim() !== "" && isPin(pin) && again === pin;

  async function create(): Promise<void> {
    setWorking(true);
    try {
      await enterIfStillHere(createVault(name.trim(), pin));
    } catch {
      setFailed(true);
      setWorking(false);
    }
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
      <Field label={t.value("repeat_pin")} kind="pin" value={again} onInput={setAgain} maxLength={PIN_DIGITS} />
      {again.length === PIN_DIGITS && again !== pin ? <Problem>{t.value("pins_differ")}</Problem> : null}
      <p class="quiet-text">{t.value("pin_advice")}</p>
      {failed ? <Problem>{t.value("something_failed")}</Problem> : null}
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
      await enterIfStillHere(openVault(props.profile, pin));
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
