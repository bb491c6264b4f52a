/** A button for whose work the device asks its owner: says what is going on, and if it fails, what to do. */

import type { ComponentChildren } from "preact";
import { useAttempt } from "./attempt";
import { t } from "./language";
import { addressForPasskeys, NoPasskey, passkeysWorkHere } from "./passkey";
import { Button, Problem, Progress } from "./ui";

export function PasskeyButton(props: {
  children: ComponentChildren;
  work: () => Promise<void>;
  /** What a refusal means; null where it is not known. */
  explain: (problem: unknown) => string | null;
}) {
  const { problem, working, attempt } = useAttempt((error) => {
    const known = error instanceof NoPasskey ? t.value("passkey_none") : props.explain(error);
    return known ?? t.value("passkey_failed");
  });

  if (!passkeysWorkHere()) return <Elsewhere />;

  return (
    <div class="passkey">
      {problem === null ? null : <Problem>{problem}</Problem>}
      <Button onClick={() => void attempt(props.work)} disabled={working}>
        <KeyPicture />
        {props.children}
      </Button>
      {working ? <Progress>{t.value("passkey_waiting")}</Progress> : null}
    </div>
  );
}

/** On an address without a name: the way to where passkeys work, if there is one. */
function Elsewhere() {
  const address = addressForPasskeys();
  if (address === null) return <Problem>{t.value("passkey_impossible")}</Problem>;
  return (
    <a class="button" href={address}>
      {t.value("passkey_open_localhost")}
    </a>
  );
}

function KeyPicture() {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d="M8 15.5a4.5 4.5 0 114.2-6.1L21 9.5V13h-2v2.5h-3V13h-3.8A4.5 4.5 0 018 15.500zM7.500 11h.01" />
    </svg>
  );
}
