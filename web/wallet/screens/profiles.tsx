/** Whose wallet: choosing among the people who share the phone, and a new one. */

import { useEffect, useState } from "preact/hooks";
import { useAttempt } from "../../shared/attempt";
import { t } from "../../shared/language";
import { BackButton, Button, Problem, Progress } from "../../shared/ui";
import { begin, go, goToStart, people, screen, seePeople, vault } from "../state";
import { createVault, type Vault } from "../vault";
import { NameNeeded, type NewOwner, NewOwnerFields } from "./new_owner";

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

/** Makes a wallet and goes on with it. Throws `NameNeeded` where another window has made one since its owner was asked. */
export function enterNew(owner: NewOwner, create: (name: string, pin: string) => Promise<Vault>): Promise<void> {
  const created = navigator.locks.request("new wallet", async () => {
    await seePeople();
    if (owner.name === null && people.value.length > 0) throw new NameNeeded();
    return create(owner.name ?? t.value("first_name"), owner.pin);
  });
  return enterIfStillHere(created);
}

export function Profiles() {
  useEffect(() => void seePeople(), []);
  return (
    <main>
      <h1>{t.value("whose_wallet")}</h1>
      <div class="choices">
        {people.value.map((profile) => (
          <Button key={profile.id} onClick={() => go({ name: "unlock", profile })}>
            {profile.name}
          </Button>
        ))}
        <Button kind="quiet" onClick={() => go({ name: "new_profile" })}>
          {t.value("new_profile")}
        </Button>
        <Button kind="quiet" onClick={() => go({ name: "have_backup" })}>
          {t.value("first_have_backup")}
        </Button>
        <Button kind="quiet" onClick={() => go({ name: "language" })}>
          {t.value("language")}
        </Button>
      </div>
    </main>
  );
}

/** The lock comes before the code: what is used up by asking must have a place that keeps what it brings. */
export function NewProfile() {
  const [owner, setOwner] = useState<NewOwner | null>(null);
  const { problem, working, attempt } = useAttempt(problemOf);

  function create(event: Event): void {
    event.preventDefault();
    if (owner !== null && !working) void attempt(() => enterNew(owner, createVault));
  }

  /** Not while the wallet is being made: it would be there all the same, and the next try would make another. */
  function leave(): void {
    if (!working) void goToStart();
  }

  return (
    <main>
      <BackButton onClick={leave} />
      <h1>{t.value(people.value.length === 0 ? "first_lock" : "new_profile")}</h1>
      <p class="quiet-text">{t.value("pin_advice")}</p>
      <form class="choices" onSubmit={create}>
        <NewOwnerFields onInput={setOwner} />
        {problem === null ? null : <Problem>{problem}</Problem>}
        {working ? <Progress>{t.value("unlocking")}</Progress> : null}
        <Button submit disabled={owner === null || working}>
          {t.value("create")}
        </Button>
      </form>
    </main>
  );
}

function problemOf(error: unknown): string {
  return t.value(error instanceof NameNeeded ? "new_owner_meanwhile" : "something_failed");
}

export function HaveBackup() {
  return (
    <main>
      <BackButton onClick={() => void goToStart()} />
      <h1>{t.value("first_have_backup")}</h1>
      <div class="choices">
        <Button onClick={() => go({ name: "recover" })}>{t.value("recovery_bring")}</Button>
        <Button onClick={() => go({ name: "restore" })}>{t.value("restore")}</Button>
      </div>
    </main>
  );
}
