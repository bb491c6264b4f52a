/** Whose desk it is, the menu, and the language. */

import { useState } from "preact/hooks";
import { type TextKey, t } from "../shared/language";
import { LanguageMenu } from "../shared/language_menu";
import { clear } from "./checking";
import { Icon, type IconName } from "./icons";
import { me } from "./staff";
import { desk, go, type Screen, screen } from "./state";

/** A screen that is to be in the menu has its line here. */
const MENU: { to: Screen; text: TextKey; icon: IconName }[] = [
  { to: { name: "check" }, text: "desk_check", icon: "scan" },
  { to: { name: "challenge" }, text: "desk_challenge", icon: "phone" },
  { to: { name: "ask" }, text: "desk_ask", icon: "ask" },
  { to: { name: "today" }, text: "desk_today", icon: "today" },
  { to: { name: "settings" }, text: "desk_settings", icon: "settings" },
];

function staffEntry(): string {
  if (me.value === null) return t.value("desk_sign_in");
  return t.value(me.value.role === "supervisor" ? "desk_staff" : "desk_account");
}

export function Header() {
  const [open, setOpen] = useState(false);

  function choose(to: Screen): void {
    setOpen(false);
    clear();
    go(to);
  }

  return (
    <header>
      <p class="facility">
        {desk.value?.facility_name ?? "Sabai"} <span class="number">{desk.value?.hospital_code}</span>
      </p>
      <LanguageMenu />
      <button type="button" class="open-menu" aria-expanded={open} aria-controls="menu" onClick={() => setOpen(!open)}>
        <Icon name="menu" />
        <span class="unseen">{t.value("desk_menu")}</span>
      </button>
      <nav id="menu" class={open ? "open" : ""} aria-label={t.value("desk_menu")}>
        {MENU.map(({ to, text, icon }) => (
          <button
            key={to.name}
            type="button"
            aria-current={screen.value.name === to.name ? "page" : undefined}
            onClick={() => choose(to)}
          >
            <Icon name={icon} />
            {t.value(text)}
          </button>
        ))}
        <button
          type="button"
          aria-current={screen.value.name === "staff" ? "page" : undefined}
          onClick={() => choose({ name: "staff" })}
        >
          <Icon name="person" />
          {staffEntry()}
        </button>
        <a href="/plain">{t.value("desk_plain")}</a>
      </nav>
    </header>
  );
}
