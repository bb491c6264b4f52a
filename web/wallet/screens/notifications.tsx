/** Whether this phone tells of messages: asked with the reason, in our own words, before the browser asks. */

import { useState } from "preact/hooks";
import { t } from "../../shared/language";
import { Button, Problem, Progress } from "../../shared/ui";
import { chooseNotifications } from "../inbox";
import { NoPush, pushPermission } from "../push";
import { adopt, vault } from "../state";

export function Notifications() {
  const [working, setWorking] = useState(false);
  const [failed, setFailed] = useState(false);
  const choice = vault.value?.content.notifications;
  const permission = pushPermission();

  async function choose(chosen: "on" | "off"): Promise<void> {
    if (vault.value === null) return;
    setWorking(true);
    setFailed(false);
    await chooseNotifications(vault.value, chosen).then(adopt, (error) => {
      // The browser's own refusal is told by its permission.
      if (!(error instanceof NoPush && pushPermission() === "refused")) setFailed(true);
    });
    setWorking(false);
  }

  if (permission === "impossible") return <p class="quiet-text">{t.value("notify_impossible")}</p>;
  if (permission === "refused") return <p class="quiet-text">{t.value("notify_refused")}</p>;
  return (
    <section class={choice === undefined ? "panel" : "notify-line"}>
      {choice === undefined ? <p>{t.value("notify_reason")}</p> : null}
      {choice === "on" ? <p class="quiet-text">{t.value("notify_on")}</p> : null}
      {failed ? <Problem>{t.value("notify_failed")}</Problem> : null}
      {working ? <Progress>{t.value("sharing")}</Progress> : null}
      {choice === "on" ? null : (
        <Button kind={choice === undefined ? "main" : "quiet"} disabled={working} onClick={() => void choose("on")}>
          {t.value(choice === undefined ? "notify_yes" : "notify_turn_on")}
        </Button>
      )}
      {choice === "off" ? null : (
        <Button kind="quiet" disabled={working} onClick={() => void choose("off")}>
          {t.value(choice === undefined ? "notify_not_now" : "notify_turn_off")}
        </Button>
      )}
    </section>
  );
}
