/** The front desk: a patient's code in, a verdict out, and what goes with that. */

import { render } from "preact";
import { useLayoutEffect } from "preact/hooks";
import { keepApp } from "../shared/keep_app";
import { chooseLanguage, LANGUAGES, type Language, rememberedLanguage, t } from "../shared/language";
import { signInNeeded, type Verdict, type Words } from "./api";
import { Banners } from "./banners";
import { cardWithoutPin, check, shown } from "./checking";
import { Header } from "./header";
import { Kiosk, kiosk } from "./kiosk";
import { patientSentence } from "./patient_sentence";
import { ScanField } from "./scan_field";
import { Ask } from "./screens/ask";
import { ShowChallenge } from "./screens/challenge";
import { Check } from "./screens/check";
import { Invitation } from "./screens/invitation";
import { PrintedCardPin } from "./screens/printed_card_pin";
import { Settings } from "./screens/settings";
import { SignIn } from "./screens/sign_in";
import { Staff } from "./screens/staff";
import { TodayScreen } from "./screens/today";
import { VerdictScreen } from "./screens/verdict";
import { takeShortcuts } from "./shortcuts";
import { beginSession, invitation } from "./staff";
import { follow, screen, words } from "./state";

/** Who must sign in does so over what is there, and finds it again. */
function Shown() {
  if (invitation.value !== null) return <Invitation code={invitation.value} />;
  return (
    <>
      {signInNeeded.value ? <SignIn /> : null}
      <div class="work" hidden={signInNeeded.value}>
        <Work />
      </div>
    </>
  );
}

function Work() {
  if (cardWithoutPin.value !== null && shown.value !== null)
    return <PrintedCardPin card={cardWithoutPin.value} verdict={shown.value} />;
  if (shown.value !== null) return <VerdictScreen verdict={shown.value} />;
  switch (screen.value.name) {
    case "check":
      return <Check />;
    case "challenge":
      return <ShowChallenge />;
    case "ask":
      return <Ask />;
    case "today":
      return <TodayScreen />;
    case "settings":
      return <Settings />;
    case "staff":
      return <Staff />;
  }
}

/** The verdict in words for who does not see it; there from the beginning, so that readers notice what changes in it. */
function Announcement() {
  const known = words.value;
  const verdict = shown.value;
  return (
    <p class="unseen" role="status" aria-live="assertive">
      {verdict === null || known === null
        ? ""
        : [
            known.labels[verdict.verdict],
            ...(kiosk.value ? [t.value(patientSentence(verdict))] : toStaff(verdict, known)),
          ]
            .filter((each) => each !== "")
            .join(". ")}
    </p>
  );
}

const toStaff = (verdict: Verdict, known: Words) => [
  verdict.assurance === "printed_card" ? known.labels.printed_card : "",
  known.reasons[verdict.code],
  known.next_actions[verdict.code],
  verdict.person?.name ?? verdict.person?.name_latin ?? "",
];

function App() {
  useLayoutEffect(takeKeysAndPictures, []);
  if (kiosk.value)
    return (
      <>
        <Kiosk />
        <Announcement />
        <ScanField hidden />
      </>
    );
  return (
    <>
      <Header />
      <Banners />
      <main>
        <Shown />
      </main>
      <Announcement />
      {invitation.value === null ? <ScanField /> : null}
    </>
  );
}

function takeKeysAndPictures(): () => void {
  const ended = new AbortController();
  const { signal } = ended;
  const take = (files: FileList | undefined) => {
    const picture = [...(files ?? [])].find(({ type }) => type.startsWith("image/"));
    if (picture !== undefined) void check(picture);
  };
  takeShortcuts(signal);
  document.addEventListener("paste", (event) => take(event.clipboardData?.files), { signal });
  document.addEventListener("dragover", (event) => event.preventDefault(), { signal });
  document.addEventListener(
    "drop",
    (event) => {
      event.preventDefault();
      take(event.dataTransfer?.files);
    },
    { signal },
  );
  return () => ended.abort();
}

async function start(): Promise<void> {
  const asked = new URLSearchParams(location.search).get("language");
  const known = asked !== null && asked in LANGUAGES ? (asked as Language) : null;
  await chooseLanguage(known ?? rememberedLanguage() ?? "th");
  follow();
  void beginSession().catch(() => undefined);
  render(<App />, document.getElementById("app") as HTMLElement);
  await keepApp().catch(() => undefined);
}

void start();
