/** The issuing office's page: what each role may do, in the sections of `sections.ts`. */

import { render } from "preact";
import { chooseLanguage, rememberedLanguage, t } from "../shared/language";
import { LanguageMenu } from "../shared/language_menu";
import { Button } from "../shared/ui";
import { AuditScreen } from "./screens/audit";
import { ImportRoster } from "./screens/import_roster";
import { Jobs } from "./screens/jobs";
import { MadeOffer } from "./screens/made_offer";
import { People } from "./screens/people";
import { PersonScreen } from "./screens/person";
import { Proposals } from "./screens/proposals";
import { SignIn } from "./screens/sign_in";
import { StateOfThings } from "./screens/state_of_things";
import { WaitingIssuances } from "./screens/waiting_issuances";
import { isIn, sectionsOf } from "./sections";
import { go, me, office, screen } from "./state";

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
    case "jobs":
      return <Jobs />;
    case "waiting":
      return <WaitingIssuances />;
    case "state":
      return <StateOfThings />;
    case "proposals":
      return <Proposals />;
    case "audit":
      return <AuditScreen />;
  }
}

function Navigation() {
  if (me.value === null) return null;
  return (
    <nav aria-label={t.value("office_sections")}>
      {sectionsOf(me.value).map((section) => (
        <button
          key={section.screen.name}
          type="button"
          aria-current={isIn(section, screen.value) ? "page" : undefined}
          onClick={() => go(section.screen)}
        >
          {t.value(section.label)}
        </button>
      ))}
    </nav>
  );
}

function App() {
  return (
    <>
      <header>
        <h1>{t.value("office_name")}</h1>
        <LanguageMenu />
        {office.value === null ? null : (
          <Button kind="quiet" onClick={signOut}>
            {t.value("office_sign_out")}
          </Button>
        )}
      </header>
      {office.value === null ? null : <Navigation />}
      <main class="wide">{office.value === null ? <SignIn /> : <Shown />}</main>
    </>
  );
}

function signOut(): void {
  office.value = null;
  me.value = null;
  go({ name: "people" });
}

async function start(): Promise<void> {
  await chooseLanguage(rememberedLanguage() ?? "th");
  render(<App />, document.getElementById("app") as HTMLElement);
}

void start();
