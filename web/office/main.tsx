/** The issuing office's page: what each role may do, in the sections of `sections.ts`. */

import { signal } from "@preact/signals";
import { render } from "preact";
import { chooseLanguage, rememberedLanguage, t } from "../shared/language";
import { LanguageMenu } from "../shared/language_menu";
import { Button } from "../shared/ui";
import { principalName } from "./names";
import { AuditScreen } from "./screens/audit";
import { ImportRoster } from "./screens/import_roster";
import { Invited } from "./screens/invited";
import { Jobs } from "./screens/jobs";
import { MadeOffer } from "./screens/made_offer";
import { Officers } from "./screens/officers";
import { People } from "./screens/people";
import { PersonScreen } from "./screens/person";
import { Proposals } from "./screens/proposals";
import { SignIn } from "./screens/sign_in";
import { StateOfThings } from "./screens/state_of_things";
import { WaitingIssuances } from "./screens/waiting_issuances";
import { isIn, sectionsOf } from "./sections";
import { resumeSession, signOut } from "./session";
import { go, me, office, screen } from "./state";

const invitation = signal<string | null>(null);

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
    case "officers":
      return <Officers />;
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
        {me.value === null ? null : <span class="who">{principalName(me.value.id)}</span>}
        {office.value === null ? null : (
          <Button kind="quiet" onClick={() => void signOut()}>
            {t.value("office_sign_out")}
          </Button>
        )}
      </header>
      {office.value === null ? null : <Navigation />}
      <main class="wide">
        {invitation.value !== null ? (
          <Invited code={invitation.value} onDone={() => (invitation.value = null)} />
        ) : office.value === null ? (
          <SignIn />
        ) : (
          <Shown />
        )}
      </main>
    </>
  );
}

/** The secret of an invitation, taken out of the address so that no history has it. */
function takeInvitation(): string | null {
  const code = new URLSearchParams(location.hash.slice(1)).get("invitation");
  if (code !== null) history.replaceState(null, "", location.pathname);
  return code;
}

async function start(): Promise<void> {
  await chooseLanguage(rememberedLanguage() ?? "th");
  invitation.value = takeInvitation();
  if (invitation.value === null) await resumeSession().catch(() => undefined);
  addEventListener("hashchange", () => {
    invitation.value = takeInvitation() ?? invitation.value;
  });
  render(<App />, document.getElementById("app") as HTMLElement);
}

void start();
