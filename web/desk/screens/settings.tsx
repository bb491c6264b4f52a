/** What this computer's desk is like: sound, vibration, the screen that patients see, and which keys there are. */

import type { Signal } from "@preact/signals";
import { type TextKey, t } from "../../shared/language";
import { Button } from "../../shared/ui";
import { Icon } from "../icons";
import { enterKiosk } from "../kiosk";
import { sound, vibration } from "../preferences";
import { words } from "../state";
import "./settings.css";

export function Settings() {
  return (
    <section class="settings">
      <h1>{t.value("desk_settings")}</h1>
      <Switch label={t.value("desk_sound")} preference={sound} />
      {"vibrate" in navigator ? <Switch label={t.value("desk_vibration")} preference={vibration} /> : null}
      <h2>{t.value("desk_kiosk")}</h2>
      <p>{t.value("desk_kiosk_about")}</p>
      <Button kind="quiet" onClick={enterKiosk}>
        <Icon name="screen" />
        {t.value("desk_kiosk_enter")}
      </Button>
      <Keys />
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
        onChange={(event) => {
          preference.value = event.currentTarget.checked ? "on" : "off";
        }}
      />
      {props.label}
    </label>
  );
}

function Keys() {
  const keys: [string, TextKey | null][] = [
    ["Esc", "desk_next_patient"],
    ["F2", "desk_key_camera"],
    ["F4", null],
    ["F8", "desk_face_same"],
    ["F9", "desk_face_other"],
  ];
  return (
    <section class="keys">
      <h2>{t.value("desk_keys")}</h2>
      <dl>
        {keys.map(([key, text]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{text === null ? words.value?.labels.ask : t.value(text)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
