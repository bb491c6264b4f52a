/** The choice of language on every page, each by its own name; what is on the screen stays as it is. */

import { chooseLanguage, LANGUAGES, type Language, language, t } from "./language";

export function LanguageMenu() {
  return (
    <label class="language">
      <span class="unseen">{t.value("language")}</span>
      <span aria-hidden="true">
        <svg viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor" stroke-width="1.8">
          <circle cx="12" cy="12" r="9" />
          <path d="M3 12h18M12 3c3 3 3 15 0 18M12 3c-3 3-3 15 0 18" />
        </svg>
      </span>
      <select
        value={language.value ?? "th"}
        onChange={(event) => void chooseLanguage(event.currentTarget.value as Language)}
      >
        <LanguageOptions />
      </select>
    </label>
  );
}

export function LanguageOptions() {
  return Object.entries(LANGUAGES).map(([code, name]) => (
    <option key={code} value={code} lang={code}>
      {name}
    </option>
  ));
}
