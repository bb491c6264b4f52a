/** A wallet's own settings: its name, its locks, its backup, and its end on this phone. */

import { useState } from "preact/hooks";
import { useAttempt } from "../../shared/attempt";
import { t } from "../../shared/language";
import { BackButton, Button, Problem, Progress } from "../../shared/ui";
import { deleteDevice } from "../device";
import { askPasskey, createPasskey, forgetPasskey } from "../passkey";
import { unsubscribe } from "../push";
import { go, goToStart, lock, screen, vault } from "../state";
import {
  addPasskey,
  changePin,
  deleteVault,
  type Opening,
  openVault,
  removePasskey,
  renameVault,
  type Vault,
} from "../vault";
import { NameField } from "./new_owner";
import { usePasskeysOffered } from "./passkeys_offered";
import { isPin, NewPinFields, PinField } from "./pin_field";
import { openingProblem } from "./unlock";

export function Settings() {
  const offered = usePasskeysOffered();
  const opened = vault.value;
  if (opened === null) return null;
  return (
    <main>
      <BackButton onClick={() => go({ name: "cards" })} />
      <h1>{t.value("settings")}</h1>
      <p class="quiet-text">{opened.name}</p>
      <div class="choices">
        <Button kind="quiet" onClick={() => go({ name: "rename" })}>
          {t.value("settings_rename")}
        </Button>
        <Button kind="quiet" onClick={() => go({ name: "change_pin" })}>
          {t.value("pin_change")}
        </Button>
        {offered ? (
          <Button kind="quiet" onClick={() => go({ name: "passkey" })}>
            {t.value("passkey_unlock")}
          </Button>
        ) : null}
        <Button kind="quiet" onClick={() => go({ name: "online_backup" })}>
          {t.value("recovery")}
        </Button>
        <Button kind="quiet" onClick={() => go({ name: "backup" })}>
          {t.value("backup")}
        </Button>
        <Button kind="quiet" onClick={() => go({ name: "forget" })}>
          {t.value("forget_wallet")}
        </Button>
      </div>
    </main>
  );
}

/** Does one thing to the open vault, and says how it went; done, the settings are shown again. */
function useChanging() {
  const { working, problem, attempt } = useAttempt(openingProblem);

  async function keep(work: (opened: Vault) => Promise<Vault>): Promise<void> {
    if (vault.value === null) return;
    const here = screen.value;
    const changed = await work(vault.value);
    // Locked or left meanwhile: what was done stays done, and nothing opens by itself.
    if (vault.value?.id === changed.id) vault.value = changed;
    if (screen.value === here) go({ name: "settings" });
  }

  return { working, problem, keep: (work: (opened: Vault) => Promise<Vault>) => void attempt(() => keep(work)) };
}

export function Rename() {
  const [name, setName] = useState(vault.value?.name ?? "");
  const { working, problem, keep } = useChanging();

  function rename(event: Event): void {
    event.preventDefault();
    keep((opened) => renameVault(opened, name.trim()));
  }

  return (
    <main>
      <BackButton onClick={() => go({ name: "settings" })} />
      <h1>{t.value("settings_rename")}</h1>
      <form class="choices" onSubmit={rename}>
        <NameField value={name} onInput={setName} />
        {problem === null ? null : <Problem>{problem}</Problem>}
        <Button submit disabled={name.trim() === "" || working}>
          {t.value("settings_rename")}
        </Button>
      </form>
    </main>
  );
}

export function ChangePin() {
  const [old, setOld] = useState("");
  const [pin, setPin] = useState<string | null>(null);
  const { working, problem, keep } = useChanging();
  const passkey = vault.value?.passkey ?? null;

  function change(ask: () => Promise<Opening>): void {
    if (pin !== null) keep(async (opened) => changePin(opened.id, await ask(), pin));
  }

  return (
    <main>
      <BackButton onClick={() => go({ name: "settings" })} />
      <h1>{t.value("pin_change")}</h1>
      <PinField label={t.value("pin_of_now")} value={old} onInput={setOld} />
      <NewPinFields onInput={setPin} />
      {problem === null ? null : <Problem>{problem}</Problem>}
      {working ? <Progress>{t.value("unlocking")}</Progress> : null}
      <Button onClick={() => change(async () => ({ pin: old }))} disabled={!isPin(old) || pin === null || working}>
        {t.value("pin_change")}
      </Button>
      {passkey === null ? null : (
        <Button
          kind="quiet"
          onClick={() => change(async () => ({ passkey: await askPasskey(passkey) }))}
          disabled={pin === null || working}
        >
          {t.value("pin_forgotten")}
        </Button>
      )}
    </main>
  );
}

/** Opening by fingerprint or face: what it means, on, or off. */
export function PasskeySetting() {
  const [pin, setPin] = useState("");
  const { working, problem, keep } = useChanging();
  const passkey = vault.value?.passkey ?? null;

  async function add(opened: Vault): Promise<Vault> {
    const opening = { pin };
    // The PIN first: a passkey that opens nothing would stay in the phone's list.
    await openVault(opened.id, opening);
    return addPasskey(opened.id, opening, await createPasskey(t.value("app_name")));
  }

  async function takeAway(opened: Vault): Promise<Vault> {
    const without = await removePasskey(opened);
    if (opened.passkey !== null) await forgetPasskey(opened.passkey.credentialId);
    return without;
  }

  return (
    <main>
      <BackButton onClick={() => go({ name: "settings" })} />
      <h1>{t.value("passkey_unlock")}</h1>
      <p>{t.value("passkey_advice")}</p>
      {passkey === null ? <PinField label={t.value("your_pin")} value={pin} onInput={setPin} /> : null}
      {problem === null ? null : <Problem>{problem}</Problem>}
      {working ? <Progress>{t.value("unlocking")}</Progress> : null}
      {passkey === null ? (
        <Button onClick={() => keep(add)} disabled={!isPin(pin) || working}>
          {t.value("passkey_turn_on")}
        </Button>
      ) : (
        <Button kind="quiet" onClick={() => keep(takeAway)} disabled={working}>
          {t.value("passkey_turn_off")}
        </Button>
      )}
    </main>
  );
}

/** Takes the wallet off this phone, for good. Asks for the PIN, since an open one may be in another's hands. */
export function ForgetWallet() {
  const [pin, setPin] = useState("");
  const { working, problem, attempt } = useAttempt(openingProblem);

  async function forget(): Promise<void> {
    const { id, passkey, content } = await openVault(vault.value?.id ?? "", { pin });
    // Without a network the phone is to be free of it all the same.
    await Promise.allSettled([
      content.device === undefined ? null : deleteDevice(content.device),
      content.notifications === "on" ? unsubscribe() : null,
    ]);
    await deleteVault(id);
    if (passkey !== null) await forgetPasskey(passkey.credentialId);
    lock();
    await goToStart();
  }

  return (
    <main>
      <BackButton onClick={() => go({ name: "settings" })} />
      <h1>{t.value("forget_wallet")}</h1>
      <p>{t.value("forget_advice")}</p>
      <PinField label={t.value("your_pin")} value={pin} onInput={setPin} />
      {problem === null ? null : <Problem>{problem}</Problem>}
      {working ? <Progress>{t.value("unlocking")}</Progress> : null}
      <Button onClick={() => void attempt(forget)} disabled={!isPin(pin) || working}>
        {t.value("forget_now")}
      </Button>
    </main>
  );
}
