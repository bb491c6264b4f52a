/** Opening a wallet: by fingerprint or face where the holder chose so, and always by PIN. */

import { useEffect, useState } from "preact/hooks";
import { t } from "../../shared/language";
import { BackButton, Button, Problem, Progress } from "../../shared/ui";
import type { PasskeyLock } from "../locks";
import { askPasskey, NoPasskey, passkeysOffered } from "../passkey";
import { go } from "../state";
import { type Opening, openVault, PIN_DIGITS, type Profile, Waiting, WrongPasskey, WrongPin } from "../vault";
import { PinField } from "./pin_field";
import { enterIfStillHere } from "./profiles";

export function Unlock({ profile }: { profile: Profile }) {
  const [pin, setPin] = useState("");
  const [working, setWorking] = useState(false);
  const [problem, setProblem] = useState<{ error: unknown } | null>(null);
  const [passkey, setPasskey] = useState<PasskeyLock | null>(null);

  async function open(ask: () => Promise<Opening>): Promise<void> {
    setWorking(true);
    setProblem(null);
    try {
      await enterIfStillHere(ask().then((opening) => openVault(profile.id, opening)));
    } catch (error) {
      setPin("");
      setProblem({ error });
      setWorking(false);
    }
  }

  async function openByPasskey(lock: PasskeyLock, signal?: AbortSignal): Promise<void> {
    await open(async () => ({ passkey: await askPasskey(lock, signal) }));
  }

  // Whoever taps a name wants to open the wallet: the phone asks for the finger at once.
  useEffect(() => {
    const leaving = new AbortController();
    void passkeysOffered().then((offered) => {
      if (!offered || profile.passkey === null || leaving.signal.aborted) return;
      setPasskey(profile.passkey);
      void openByPasskey(profile.passkey, leaving.signal);
    });
    return () => leaving.abort();
  }, []);

  return (
    <main>
      <BackButton onClick={() => go({ name: "profiles" })} />
      <h1>{profile.name}</h1>
      {passkey === null ? null : (
        <Button onClick={() => void openByPasskey(passkey)} disabled={working}>
          {t.value("passkey_unlock")}
        </Button>
      )}
      <PinField label={t.value("your_pin")} value={pin} onInput={setPin} />
      {problem === null ? null : <Problem>{openingProblem(problem.error)}</Problem>}
      {working ? <Progress>{t.value("unlocking")}</Progress> : null}
      <Button
        kind={passkey === null ? "main" : "quiet"}
        onClick={() => void open(async () => ({ pin }))}
        disabled={pin.length !== PIN_DIGITS || working}
      >
        {t.value("unlock")}
      </Button>
    </main>
  );
}

/** What went wrong while a wallet was opened, and what to do next. */
export function openingProblem(error: unknown): string {
  if (error instanceof Waiting)
    return t.value("wait_for_pin", { seconds: Math.max(0, Math.ceil((error.until - Date.now()) / 1000)) });
  if (error instanceof NoPasskey || error instanceof WrongPasskey) return t.value("passkey_no_unlock");
  return t.value(error instanceof WrongPin ? "wrong_pin" : "something_failed");
}
