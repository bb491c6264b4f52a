/** What this computer's desk is like: sound and vibration. */

import type { Signal } from "@preact/signals";
import { t } from "../../shared/language";
import { sound, vibration } from "../preferences";

export function Settings() {
  return (
    <section class="settings">
      <h1>{t.value("desk_settings")}</h1>
      <Switch label={t.value("desk_sound")} preference={sound} />
      {"vibrate" in navigator ? <Switch label={t.value("desk_vibration")} preference={vibration} /> : null}
    </section>
  );
}

function Switch(props: { label: string; preference: Signal<"on" | "off"> }) {
  const { preference } = props;
  return (
    <label class="switch">
      <input
        type="checkbox"
        checked={preference.value === "on"}
        onChange={(event) => (preference.value = event.currentTarget.checked ? "on" : "off")}
      />
      {props.label}
    </label>
  );
}
