/** The QR code for a desk: as large as the screen, drawn anew before desks stop taking it, without a network. */

import { useEffect, useRef, useState } from "preact/hooks";
import { decodeBase64url } from "../../shared/base64url";
import { type Names, useNames } from "../../shared/claim_text";
import { language, t } from "../../shared/language";
import { drawQrCode } from "../../shared/qr_code";
import { BackButton, Button, Problem } from "../../shared/ui";
import { cardsOf, cardWith, inOrder, passOf } from "../cards";
import { beginShowing } from "../copies";
import type { HeldCredential } from "../held_credential";
import { recordShare } from "../history";
import { signWith } from "../holder_keys";
import { createPresentation, preparePass } from "../qr_pass";
import { adopt, go, vault } from "../state";
import { typeOf } from "./card_face";
import "./show_code.css";

const REDRAW_SECONDS = 25;

/** Two minutes: so long a code stays on a phone that nobody touches. Its copy is then no longer shown (`copies.ts`). */
const UNATTENDED_MS = 120_000;

export function ShowCode(props: { id: string }) {
  const names = useNames();
  useBrightScreen();
  useLeavingUnattended();
  const [pass, failed] = useCopy(props.id);
  const type = pass === null ? undefined : typeOf(names, pass);
  useEffect(() => {
    if (vault.value === null || pass === null) return;
    const share = { at: Math.floor(Date.now() / 1000), to: null, shown: [{ vct: pass.vct, claims: [] }] };
    void recordShare(vault.value, share).then(adopt);
  }, [pass?.id]);
  return (
    <main class="shown">
      <div class="show-head">
        <BackButton onClick={() => go({ name: "cards" })} />
        <h1>{type?.labels[language.value ?? "en"] ?? t.value("show")}</h1>
      </div>
      {failed ? <Problem>{t.value("show_failed")}</Problem> : null}
      {pass === null ? null : <FreshCode key={pass.id} pass={pass} spoken={spoken(pass, names)} />}
      <p class="show-advice">{t.value("show_advice")}</p>
      {type === undefined ? null : <p class="quiet-text">{t.value(`sees_${type.name as "HealthId"}`)}</p>}
      <Button kind="quiet" onClick={() => go({ name: "answer_challenge", id: pass?.id ?? props.id })}>
        {t.value("challenge_button")}
      </Button>
      <OtherCards shown={props.id} names={names} />
    </main>
  );
}

/** The copy for this desk, null until it is marked as used; and whether there is none. */
function useCopy(id: string): [HeldCredential | null, boolean] {
  const [pass, setPass] = useState<HeldCredential | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let left = false;
    setFailed(false);
    async function begin(): Promise<void> {
      if (vault.value === null) return;
      const begun = await beginShowing(vault.value, id, Math.floor(Date.now() / 1000));
      await adopt(begun.vault);
      if (!left) setPass(begun.held);
    }
    begin().catch(() => setFailed(true));
    return () => {
      left = true;
    };
  }, [id]);
  return [pass, failed];
}

/** What a reader says in place of the picture. */
function spoken(pass: HeldCredential, names: Names): string {
  const card = typeOf(names, pass)?.labels[language.value ?? "en"] ?? "";
  return t.value("code_spoken", { card, name: pass.claims.name_latin ?? "", seconds: REDRAW_SECONDS });
}

/** The code, and how long it is good for. The clock decides, not the count of ticks: a phone that slept draws at once. */
function FreshCode(props: { pass: HeldCredential; spoken: string }) {
  const { pass } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const [drawnAt, setDrawnAt] = useState(0);
  const [now, setNow] = useState(Date.now());
  const [failed, setFailed] = useState(false);

  useEffect(() => {
    const prepared = preparePass(decodeBase64url(pass.credential));
    let last = 0;
    let drawing = false;
    async function tick(): Promise<void> {
      setNow(Date.now());
      if (drawing || Date.now() - last < REDRAW_SECONDS * 1000) return;
      drawing = true;
      try {
        const at = Date.now();
        const text = await createPresentation(prepared, Math.floor(at / 1000), (message) =>
          signWith(pass.keyId, message),
        );
        if (canvas.current === null) return;
        drawQrCode(canvas.current, text);
        last = at;
        setDrawnAt(at);
        setFailed(false);
      } catch {
        setFailed(true);
      } finally {
        drawing = false;
      }
    }
    const tickNow = () => void tick();
    tickNow();
    const timer = setInterval(tickNow, 1000);
    document.addEventListener("visibilitychange", tickNow);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", tickNow);
    };
  }, [pass.credential, pass.keyId]);

  const left = Math.max(0, Math.ceil(REDRAW_SECONDS - (now - drawnAt) / 1000));
  return (
    <>
      <div class="code-frame">
        <canvas class="code" ref={canvas} role="img" aria-label={props.spoken} />
      </div>
      {failed ? <Problem>{t.value("something_failed")}</Problem> : null}
      <p class="countdown" aria-hidden="true">
        <svg viewBox="0 0 36 36">
          <circle class="track" cx="18" cy="18" r="15.9" />
          <circle class="left" cx="18" cy="18" r="15.9" pathLength={REDRAW_SECONDS} stroke-dasharray={`${left} 99`} />
        </svg>
        {t.value("new_code_in", { seconds: left })}
      </p>
    </>
  );
}

/** The other cards that a desk can scan, one tap away. */
function OtherCards(props: { shown: string; names: Names }) {
  if (vault.value === null) return null;
  const { credentials, statuses } = vault.value.content;
  const now = Date.now() / 1000;
  const shownCard = cardWith(credentials, props.shown)?.id;
  const others = inOrder(cardsOf(credentials), statuses, now).filter(({ id }) => id !== shownCard);
  return (
    <div class="other-cards">
      {others.map((card) => {
        const pass = passOf(card, now);
        return pass === undefined ? null : (
          <button key={card.id} type="button" class="quiet" onClick={() => go({ name: "show", id: pass.id })}>
            {typeOf(props.names, card.held)?.labels[language.value ?? "en"]}
          </button>
        );
      })}
    </div>
  );
}

interface LockableOrientation {
  lock?(orientation: "portrait"): Promise<void>;
}

/** Keeps the screen on, also after the phone was put away and taken out again, and upright where the phone allows it. */
function useBrightScreen(): void {
  useEffect(() => {
    let lock: WakeLockSentinel | undefined;
    let over = false;
    async function keepAwake(): Promise<void> {
      if (document.visibilityState !== "visible") return;
      const got = await navigator.wakeLock?.request("screen").catch(() => undefined);
      if (over) await got?.release();
      else lock = got;
    }
    const again = () => void keepAwake();
    again();
    document.addEventListener("visibilitychange", again);
    void (window.screen.orientation as LockableOrientation | undefined)?.lock?.("portrait").catch(() => undefined);
    return () => {
      over = true;
      document.removeEventListener("visibilitychange", again);
      void lock?.release();
      window.screen.orientation?.unlock();
    };
  }, []);
}

/** Back to the cards where nobody touches the phone: codes that anybody could scan come to an end, and the screen goes out. */
function useLeavingUnattended(): void {
  useEffect(() => {
    let touchedAt = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const leave = () => go({ name: "cards" });
    function touched(): void {
      touchedAt = Date.now();
      clearTimeout(timer);
      timer = setTimeout(leave, UNATTENDED_MS);
    }
    // The timer stands still while the phone sleeps, the clock does not.
    const seen = () => {
      if (document.visibilityState === "visible" && Date.now() - touchedAt >= UNATTENDED_MS) leave();
    };
    touched();
    document.addEventListener("pointerdown", touched);
    document.addEventListener("keydown", touched);
    document.addEventListener("visibilitychange", seen);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("pointerdown", touched);
      document.removeEventListener("keydown", touched);
      document.removeEventListener("visibilitychange", seen);
    };
  }, []);
}
