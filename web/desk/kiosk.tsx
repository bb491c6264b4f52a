/**
 * The screen that patients can see: colour, sign, word and what they can do themselves, nothing of anybody and nothing of
 * why. It speaks the language that a patient touches, until they have gone. It stays when the page is loaded anew; staff
 * leave it by holding Esc, or the lock, for two seconds.
 */

import { signal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { LANGUAGES, type Language, language, lendLanguage, rememberedLanguage, t } from "../shared/language";
import { Scanner } from "../shared/scanner";
import { Progress } from "../shared/ui";
import { signInNeeded } from "./api";
import { Banners } from "./banners";
import { checking, checkText, clear, failure, shown } from "./checking";
import { Icon } from "./icons";
import { patientSentence } from "./patient_sentence";
import { readingBy } from "./preferences";
import { SignIn } from "./screens/sign_in";
import { me } from "./staff";
import { desk, go, words } from "./state";
import "./kiosk.css";

const HOLD_MS = 2_000;
const CLEAR_AFTER_MS = 12_000;
/** As long as somebody needs who has read what to do, and takes out their phone. */
const NOBODY_AFTER_MS = 30_000;
const REMEMBERED = "desk_kiosk";

export const kiosk = signal(sessionStorage.getItem(REMEMBERED) !== null);

interface LockableKeyboard {
  lock?(keys: string[]): Promise<void>;
  unlock?(): void;
}
const keyboard = () => (navigator as { keyboard?: LockableKeyboard }).keyboard;

export function enterKiosk(): void {
  clear();
  go({ name: "check" });
  sessionStorage.setItem(REMEMBERED, "on");
  kiosk.value = true;
  void fillScreen();
}

function leaveKiosk(): void {
  clear();
  speakAsDesk();
  sessionStorage.removeItem(REMEMBERED);
  kiosk.value = false;
  keyboard()?.unlock?.();
  if (document.fullscreenElement !== null) void document.exitFullscreen().catch(() => undefined);
  // Whoever was signed in may not be who held the key.
  if (me.value !== null) signInNeeded.value = true;
}

/** Where the browser lets the page have the key, a short Esc does not leave the full screen. */
async function fillScreen(): Promise<void> {
  await document.documentElement.requestFullscreen?.().catch(() => undefined);
  await keyboard()
    ?.lock?.(["Escape"])
    .catch(() => undefined);
}

export function Kiosk() {
  const held = useHolding(leaveKiosk);
  return (
    // A browser lets a page fill the screen only after a touch or a key: the first one after it was loaded anew does.
    <div class="kiosk" onClick={() => document.fullscreenElement ?? void fillScreen()}>
      <header>
        <p class="facility">{desk.value?.facility_name}</p>
        <button type="button" class="lock" onPointerDown={held.begin} onPointerUp={held.end} onPointerLeave={held.end}>
          <Icon name="lock" />
          <span>{t.value("desk_kiosk_leave")}</span>
        </button>
      </header>
      <Banners />
      <main>
        <Shown />
      </main>
      <Languages />
    </div>
  );
}

const deskLanguage = () => rememberedLanguage() ?? "th";
const speakAsDesk = () => void lendLanguage(deskLanguage());

/** The next patient: nothing of the last one stays, their language neither. */
function startAnew(): void {
  clear();
  speakAsDesk();
}

function Languages() {
  return (
    <section class="languages" aria-label={t.value("language")}>
      {Object.entries(LANGUAGES).map(([code, name]) => (
        <button
          key={code}
          type="button"
          class={code === language.value ? "main" : "quiet"}
          aria-pressed={code === language.value}
          lang={code}
          onClick={() => void lendLanguage(code as Language)}
        >
          {name}
        </button>
      ))}
    </section>
  );
}

function Shown() {
  const known = words.value;
  const verdict = shown.value;
  const spoken = language.value;
  const answered = verdict !== null || failure.value !== null;
  useLayoutEffect(() => {
    if (!answered && spoken === deskLanguage()) return;
    const timer = answered ? setTimeout(startAnew, CLEAR_AFTER_MS) : setTimeout(speakAsDesk, NOBODY_AFTER_MS);
    return () => clearTimeout(timer);
  }, [answered, verdict, spoken, checking.value]);
  if (signInNeeded.value) return <SignIn />;
  if (checking.value) return <Progress>{t.value("desk_checking")}</Progress>;
  if (verdict !== null && known !== null)
    return (
      <article class={`verdict ${verdict.verdict}`}>
        <div class="band">
          <Icon name={verdict.verdict} />
          <div>
            <h1>{known.labels[verdict.verdict]}</h1>
            <p class="next">{t.value(patientSentence(verdict))}</p>
          </div>
        </div>
      </article>
    );
  return (
    <section class="reading">
      <h1>{t.value("desk_kiosk_show_code")}</h1>
      {failure.value === null ? null : <p role="alert">{t.value("desk_patient_staff")}</p>}
      {readingBy.value === "camera" ? <Scanner onRead={read} pictures={false} /> : <Icon name="phone" />}
    </section>
  );
}

function read(text: string): boolean {
  checkText(text);
  return true;
}

/** Calls `onHeld` once Esc, or what begins and ends by what it returns, was held long enough. */
function useHolding(onHeld: () => void): { begin: () => void; end: () => void } {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);

  function begin(): void {
    timer.current ??= setTimeout(onHeld, HOLD_MS);
  }

  function end(): void {
    clearTimeout(timer.current);
    timer.current = undefined;
  }

  useLayoutEffect(() => {
    const ended = new AbortController();
    const { signal } = ended;
    document.addEventListener("keydown", (event) => event.key === "Escape" && begin(), { signal });
    document.addEventListener("keyup", (event) => event.key === "Escape" && end(), { signal });
    return () => {
      end();
      ended.abort();
    };
  }, []);

  return { begin, end };
}
