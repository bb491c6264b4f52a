/** What would make the wallet safer or easier, offered once there is a card in it: one thing at a time, and never twice. */

import { signal } from "@preact/signals";
import { t } from "../../shared/language";
import { Button } from "../../shared/ui";
import { askToInstall, installsByMenu } from "../install";
import { adopt, go } from "../state";
import { putOff, type Step, type Vault } from "../vault";
import { usePasskeysOffered } from "./passkeys_offered";
import "./next_step.css";

/** Who was asked since the app was opened: nobody is asked one thing after another. */
const asked = signal<readonly string[]>([]);

export function NextStep({ opened }: { opened: Vault }) {
  const passkeysOffered = usePasskeysOffered();
  const open: Record<Step, boolean> = {
    passkey: passkeysOffered && opened.passkey === null,
    recovery: opened.content.onlineBackup === undefined,
    install: askToInstall.value !== null || installsByMenu(),
  };
  const step = (Object.keys(open) as Step[]).find((each) => open[each] && !opened.content.putOff?.includes(each));
  if (step === undefined || asked.value.includes(opened.id)) return null;

  async function notNow(declined: Step): Promise<void> {
    const told = await putOff(opened, declined);
    asked.value = [...asked.value, opened.id];
    await adopt(told);
  }

  return (
    <section class="next-step">
      <p>{t.value(step === "install" && askToInstall.value === null ? "step_install_ios" : `step_${step}`)}</p>
      <div>
        {step === "install" && askToInstall.value === null ? null : (
          <Button onClick={() => take(step)}>{t.value("step_yes")}</Button>
        )}
        <Button kind="quiet" onClick={() => void notNow(step)}>
          {t.value("step_not_now")}
        </Button>
      </div>
    </section>
  );
}

function take(step: Step): void {
  if (step === "install") askToInstall.value?.();
  else go({ name: step === "passkey" ? "passkey" : "online_backup" });
}
