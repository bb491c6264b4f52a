/** The wallet's start: the language, the offer that the app was opened with, and the screen that is shown. */

import { render } from "preact";
import { keepApp } from "../shared/keep_app";
import { chooseLanguage, language, rememberedLanguage, t } from "../shared/language";
import { LanguageMenu } from "../shared/language_menu";
import { later } from "../shared/later";
import { Problem } from "../shared/ui";
import { lockWhenHidden } from "./auto_lock";
import { readOffer } from "./issuance";
import { knownDesks } from "./known_desks";
import { readRequest } from "./presentation";
import { AddCard } from "./screens/add_card";
import { AnswerDesk } from "./screens/answer_desk";
import { RestoreBackup, SaveBackup } from "./screens/backup";
import { Card } from "./screens/card";
import { Cards } from "./screens/cards";
import { ChooseLanguage } from "./screens/choose_language";
import { NewProfile, Profiles } from "./screens/profiles";
import { ChangePin, PasskeySetting, Settings } from "./screens/settings";
import { ShowCode } from "./screens/show_code";
import { Unlock } from "./screens/unlock";
import { go, lock, screen, vault, waitingInbox, waitingOffer, waitingRequest } from "./state";
import { profiles } from "./vault";

const Inbox = later(() => import("./screens/inbox").then((screen) => screen.Inbox));
const OneMessage = later<{ id: string }>(() => import("./screens/inbox").then((screen) => screen.OneMessage));
const History = later(() => import("./screens/history").then((screen) => screen.History));
const AnswerChallenge = later<{ id: string }>(() =>
  import("./screens/answer_challenge").then((screen) => screen.AnswerChallenge),
);
const PrintCard = later<{ id: string }>(() => import("./screens/print_card").then((screen) => screen.PrintCard));

function App() {
  const { name } = screen.value;
  return (
    <>
      {name === "language" || name === "show" ? null : (
        <header class="top">
          <LanguageMenu />
        </header>
      )}
      <Shown />
    </>
  );
}

function Shown() {
  const shown = screen.value;
  switch (shown.name) {
    case "language":
      return <ChooseLanguage />;
    case "profiles":
      return <Profiles />;
    case "new_profile":
      return <NewProfile />;
    case "unlock":
      return <Unlock key={shown.profile.id} profile={shown.profile} />;
    case "cards":
      return <Cards />;
    case "card":
      return <Card id={shown.id} />;
    case "show":
      return <ShowCode id={shown.id} />;
    case "answer_challenge":
      return <AnswerChallenge id={shown.id} />;
    case "print":
      return <PrintCard id={shown.id} />;
    case "restore":
      return <RestoreBackup />;
    case "add":
      return <AddCard />;
    case "backup":
      return <SaveBackup />;
    case "answer":
      return <AnswerDesk />;
    case "inbox":
      return <Inbox />;
    case "message":
      return <OneMessage key={shown.id} id={shown.id} />;
    case "history":
      return <History />;
    case "settings":
      return <Settings />;
    case "change_pin":
      return <ChangePin />;
    case "passkey":
      return <PasskeySetting />;
  }
}

/** What the app was opened with, if it is an offer, a desk's request or a notice; else the wallet opens as it always does. */
function takeUpQuery(query: string): void {
  const isOffer = query.includes("credential_offer");
  waitingInbox.value = query === "?inbox";
  if (!isOffer && !waitingInbox.value && !query.includes("request_uri")) return;
  history.replaceState(null, "", location.pathname);
  if (waitingInbox.value) return;
  try {
    if (isOffer) waitingOffer.value = readOffer(`openid-credential-offer://${query}`);
    else waitingRequest.value = readRequest(`openid4vp://${query}`);
  } catch {
    // It is neither.
  }
}

async function start(): Promise<void> {
  takeUpQuery(location.search);
  const remembered = rememberedLanguage();
  if (remembered !== null) {
    await chooseLanguage(remembered);
    go({ name: (await profiles()).length === 0 ? "new_profile" : "profiles" });
  }
  render(<App />, document.getElementById("app") as HTMLElement);
  lockWhenHidden(() => {
    if (vault.value !== null) lock();
  });
  void import("./inbox_following").then(({ followInbox }) => followInbox());
  // The wallet works without either, until the phone is offline or short of space.
  await keepApp().catch(() => undefined);
  await knownDesks();
  await navigator.storage?.persist?.().catch(() => undefined);
}

addEventListener("unhandledrejection", () => {
  if (language.value !== null)
    render(<Problem>{t.value("something_failed")}</Problem>, document.getElementById("app") as HTMLElement);
});
void start();
