/** The issuing office's page: officers find people, offer credentials, withdraw them, and import rosters. */

import { render } from "preact";
import { chooseLanguage, LANGUAGES, type Language, language, rememberedLanguage, t } from "../shared/language";
import { Button } from "../shared/ui";
import { ImportRoster } from "./screens/import_roster";
import { MadeOffer } from "./screens/made_offer";
import { People } from "./screens/people";
import { PersonScreen } from "./screens/person";
import { SignIn } from "./screens/sign_in";
import { go, office, screen } from "./state";

function Shown() {
  const shown = screen.value;
  switch (shown.name) {
    case "people":
      return <People />;
    case "person":
      return <PersonScreen key={shown.person.person_id} person={shown.person} />;
    case "offer":
      return <MadeOffer person={shown.person} offer={shown.offer} />;
    case "import":
      return <ImportRoster />;
  }
}

function App() {
  return (
    <>
      <header>
        <h1>{t.value("office_name")}</h1>
        <label>
          <span class="unseen">{t.value("language")}</span>
          <select
            value={language.value ?? "th"}
            onChange={(event) => void chooseLanguage(event.currentTarget.value as Language)}
          >
            {Object.entries(LANGUAGES).map(([code, name]) => (
              <option key={code} value={code} lang={code}>
                {name}
              </option>
            ))}
          </select>
        </label>
        {office.value === null ? null : (
          <Button kind="quiet" onClick={signOut}>
            {t.value("office_sign_out")}
          </Button>
        )}
      </header>
      <main class="wide">{office.value === null ? <SignIn /> : <Shown />}</main>
    </>
  );
}

function signOut(): void {
  office.value = null;
  go({ name: "people" });
}

async function start(): Promise<void> {
  await chooseLanguage(rememberedLanguage() ?? "th");
  render(<App />, document.getElementById("app") as HTMLElement);
}

void start();
