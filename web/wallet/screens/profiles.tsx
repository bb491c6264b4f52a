/** Whose wallet: choosing among the people who share the phone, and a new one. */

import { useEffect, useState } from "preact/hooks";
import { useAttempt } from "../../shared/attempt";
import { t } from "../../shared/language";
import { BackButton, Button, Field, Problem, Progress } from "../../shared/ui";
import { begin, go, screen, vault } from "../state";
import { createVault, type Profile, profiles, type Vault } from "../vault";
import { NewPinFields } from "./pin_field";

function enter(opened: Vault): void {
  vault.value = opened;
  begin();
}

/** Goes on with the vault, unless somebody has left the screen while it was being opened. */
export async function enterIfStillHere(opening: Promise<Vault>): Promise<void> {
  const here = screen.value;
  const opened = await opening;
  if (screen.value === here) enter(opened);
}

export function Profiles() {
  const [people, setPeople] = useState<Profile[]>([]);
  useEffect(() => {
    void profiles().then(setPeople);
  }, []);
  return (
    <main>
      <h1>{t.value("whose_wallet")}</h1>
      <div class="choices">
        {people.map((profile) => (
          <Button key={profile.id} onClick={() => go({ name: "unlock", profile })}>
            {profile.name}
          </Button>
        ))}
        <Button kind="quiet" onClick={() => go({ name: "new_profile" })}>
          {t.value("new_profile")}
        </Button>
        <RestoreLinks />
        <Button kind="quiet" onClick={() => go({ name: "language" })}>
          {t.value("language")}
        </Button>
      </div>
    </main>
  );
}

export function NewProfile() {
  const [name, setName] = useState("");
  const [pin, setPin] = useState<string | null>(null);
  const { problem, working, attempt } = useAttempt(() => t.value("something_failed"));

  async function create(): Promise<void> {
    if (pin !== null) await enterIfStillHere(createVault(name.trim(), pin));
  }

  return (
    <main>
      <BackButton onClick={() => go({ name: "language" })} />
      <h1>{t.value("new_profile")}</h1>
      <Field label={t.value("your_name")} value={name} onInput={setName} maxLength={40} />
      <NewPinFields onInput={setPin} />
      <p class="quiet-text">{t.value("pin_advice")}</p>
      {problem === null ? null : <Problem>{problem}</Problem>}
      {working ? <Progress>{t.value("unlocking")}</Progress> : null}
      <Button onClick={() => void attempt(create)} disabled={name.trim() === "" || pin === null || working}>
        {t.value("create")}
      </Button>
      <RestoreLinks />
    </main>
  );
}

function RestoreLinks() {
  return (
    <>
      <Button kind="quiet" onClick={() => go({ name: "recover" })}>
        {t.value("recovery_bring")}
      </Button>
      <Button kind="quiet" onClick={() => go({ name: "restore" })}>
        {t.value("restore")}
      </Button>
    </>
  );
}
