/** The wallet's start: the language, the offer that the app was opened with, and the screen that is shown. */

import { render } from "preact";
import { keepApp } from "../shared/keep_app";
import { chooseLanguage, language, rememberedLanguage, t } from "../shared/language";
import { LanguageMenu } from "../shared/language_menu";
import { later } from "../shared/later";
import { Problem } from "../shared/ui";
import { waitingUpdate, watchForUpdates } from "./app_update";
import { readAuthorizationResponse } from "./authorization_response";
import { lockWhenHidden } from "./auto_lock";
import { waitWithInstalling } from "./install";
import { readOffer } from "./issuance";
import { knownDesks } from "./known_desks";
import type { KnownIssuer } from "./known_issuers";
import { readRequest } from "./presentation";
import { AddCard } from "./screens/add_card";
import { AnswerDesk } from "./screens/answer_desk";
import { Card } from "./screens/card";
import { Cards } from "./screens/cards";
import { ChooseLanguage } from "./screens/choose_language";
import { FirstRun } from "./screens/first_run";
import { HaveBackup, NewProfile, Profiles } from "./screens/profiles";
import { ShowCode } from "./screens/show_code";
import { Unlock } from "./screens/unlock";
import {
  failed,
  goToStart,
  lock,
  screen,
  vault,
  waitingInbox,
  waitingOffer,
  waitingRequest,
  waitingResponse,
} from "./state";

const Settings = later(() => import("./screens/settings").then((screen) => screen.Settings));
const ChangePin = later(() => import("./screens/settings").then((screen) => screen.ChangePin));
const PasskeySetting = later(() => import("./screens/settings").then((screen) => screen.PasskeySetting));
const Rename = later(() => import("./screens/settings").then((screen) => screen.Rename));
const ForgetWallet = later(() => import("./screens/settings").then((screen) => screen.ForgetWallet));
const OnlineBackupSetting = later(() => import("./screens/online_backup").then((screen) => screen.OnlineBackupSetting));
const Recover = later(() => import("./screens/recover").then((screen) => screen.Recover));
const SaveBackup = later(() => import("./screens/backup").then((screen) => screen.SaveBackup));
const RestoreBackup = later(() => import("./screens/backup").then((screen) => screen.RestoreBackup));
const Inbox = later(() => import("./screens/inbox").then((screen) => screen.Inbox));
const OneMessage = later<{ id: string }>(() => import("./screens/inbox").then((screen) => screen.OneMessage));
const History = later(() => import("./screens/history").then((screen) => screen.History));
const AnswerChallenge = later<{ id: string }>(() =>
  import("./screens/answer_challenge").then((screen) => screen.AnswerChallenge),
);
const ChooseCards = later<{ issuer: KnownIssuer }>(() =>
  import("./screens/choose_cards").then((screen) => screen.ChooseCards),
);
const BackFromPage = later(() => import("./screens/back_from_page").then((screen) => screen.BackFromPage));
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
    case "first_run":
      return <FirstRun />;
    case "profiles":
      return <Profiles />;
    case "new_profile":
      return <NewProfile />;
    case "have_backup":
      return <HaveBackup />;
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
    case "choose_cards":
      return <ChooseCards issuer={shown.issuer} />;
    case "back_from_page":
      return <BackFromPage />;
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
    case "rename":
      return <Rename />;
    case "change_pin":
      return <ChangePin />;
    case "online_backup":
      return <OnlineBackupSetting />;
    case "forget":
      return <ForgetWallet />;
    case "recover":
      return <Recover />;
    case "passkey":
      return <PasskeySetting />;
  }
}

/** What the app was opened with, if it is something to deal with; else the wallet opens as it always does. */
function takeUpQuery(query: string): void {
  waitingResponse.value = readAuthorizationResponse(query);
  if (waitingResponse.value !== null) return;
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

/** Not before a screen where something is being typed or waited for: taking it up loads the page anew. */
function UpdateNotice() {
  const isIdle =
    ["profiles", "cards", "settings"].includes(screen.value.name) &&
    waitingOffer.value === null &&
    waitingRequest.value === null;
  const takeUp = waitingUpdate.value;
  if (takeUp === null || !isIdle) return null;
  return (
    <button type="button" class="update" onClick={takeUp}>
      {t.value("update_waits")}
    </button>
  );
}

/** Above the screen, which stays: what failed may have gone on behind it. */
function FailureNotice() {
  return failed.value && language.value !== null ? <Problem>{t.value("something_failed")}</Problem> : null;
}

async function start(): Promise<void> {
  takeUpQuery(location.search);
  const remembered = rememberedLanguage();
  if (remembered !== null) {
    await chooseLanguage(remembered);
    await goToStart();
  }
  render(
    <>
      <UpdateNotice />
      <FailureNotice />
      <App />
    </>,
    document.getElementById("app") as HTMLElement,
  );
  lockWhenHidden(() => {
    if (vault.value !== null) lock();
  });
  // The wallet works without any of these, until the phone is offline or short of space.
  void import("./inbox_following").then(({ followInbox }) => followInbox()).catch(() => undefined);
  void import("./backup_following").then(({ followWithBackup }) => followWithBackup()).catch(() => undefined);
  const kept = await keepApp().catch(() => undefined);
  if (kept !== undefined) watchForUpdates(kept);
  await knownDesks();
  await navigator.storage?.persist?.().catch(() => undefined);
}

addEventListener("unhandledrejection", () => {
  failed.value = true;
});
waitWithInstalling();
void start();
