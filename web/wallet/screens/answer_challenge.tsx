/** The desk shows a code, the phone answers with its own: neither needs a network, and only this desk can read the answer. */

import { useEffect, useRef, useState } from "preact/hooks";
import { useProblem } from "../../shared/attempt";
import { decodeBase64url } from "../../shared/base64url";
import { claimText, type Names, useNames } from "../../shared/claim_text";
import type { CredentialType } from "../../shared/credential_types";
import { language, t } from "../../shared/language";
import { drawQrCode } from "../../shared/qr_code";
import { Scanner } from "../../shared/scanner";
import { BackButton, Button, Field, Problem } from "../../shared/ui";
import { beginShowing } from "../copies";
import {
  type Challenge,
  ChallengeOver,
  createAnswer,
  createFresh,
  ForgedChallenge,
  isChallenge,
  parseChallenge,
  verifyChallenge,
} from "../desk_challenge";
import type { HeldCredential } from "../held_credential";
import { recordShare } from "../history";
import { signWith } from "../holder_keys";
import { type KnownDesk, knownDesks } from "../known_desks";
import { preparePass } from "../qr_pass";
import { adopt, go, vault } from "../state";
import { typeOf } from "./card_face";
import "./show_code.css";

/** The one type that an unknown desk may be shown: its pass has the fewest claims. */
const HEALTH_ID = "HealthId";

type Step =
  | { name: "scan" }
  | { name: "consent"; challenge: Challenge; desk: KnownDesk | null }
  | { name: "answered"; text: string; expiresAt: number };

export function AnswerChallenge(props: { id: string }) {
  const names = useNames();
  const [step, setStep] = useState<Step>({ name: "scan" });
  const [problem, tell] = useProblem();
  const pass = vault.value?.content.credentials.find(({ id }) => id === props.id);
  if (pass === undefined) return null;

  async function read(text: string): Promise<void> {
    try {
      const challenge = parseChallenge(text);
      const desk = await verifyChallenge(challenge, await knownDesks(), Date.now() / 1000);
      tell(null);
      setStep({ name: "consent", challenge, desk });
    } catch (error) {
      setStep({ name: "scan" });
      tell(() => t.value(problemOf(error)));
    }
  }

  async function answer(agreed: HeldCredential, challenge: Challenge, desk: KnownDesk | null): Promise<void> {
    if (vault.value === null) return;
    const at = Math.floor(Date.now() / 1000);
    const { vault: marked, held } = await beginShowing(vault.value, agreed.id, at);
    const text = await createAnswer(
      preparePass(decodeBase64url(held.credential)),
      challenge,
      at,
      (message) => signWith(held.keyId, message),
      await createFresh(),
    );
    const shown = [{ vct: held.vct, claims: Object.keys(held.claims) }];
    await adopt(await recordShare(marked, { at, to: desk?.name ?? null, shown }));
    setStep({ name: "answered", text, expiresAt: challenge.expiresAt });
  }

  return (
    <main class={step.name === "answered" ? "shown" : ""}>
      <BackButton onClick={() => go({ name: "show", id: props.id })} />
      <h1>{t.value("challenge_title")}</h1>
      {problem === null ? null : <Problem>{problem}</Problem>}
      {step.name === "scan" ? <Reading onRead={read} /> : null}
      {step.name === "consent" ? (
        <Consent
          pass={pass}
          names={names}
          desk={step.desk}
          onAnswer={(shown) =>
            void answer(shown, step.challenge, step.desk).catch(() => tell(() => t.value("something_failed")))
          }
        />
      ) : null}
      {step.name === "answered" ? <Answer text={step.text} expiresAt={step.expiresAt} /> : null}
    </main>
  );
}

function problemOf(error: unknown): "challenge_over" | "challenge_forged" | "challenge_not" {
  if (error instanceof ChallengeOver) return "challenge_over";
  return error instanceof ForgedChallenge ? "challenge_forged" : "challenge_not";
}

function Reading(props: { onRead: (text: string) => Promise<void> }) {
  const [typed, setTyped] = useState("");
  return (
    <>
      <p>{t.value("challenge_scan")}</p>
      <Scanner
        onRead={(text) => {
          if (!isChallenge(text)) return false;
          void props.onRead(text);
          return true;
        }}
      />
      <Field label={t.value("challenge_paste")} value={typed} onInput={setTyped} />
      <Button kind="quiet" onClick={() => void props.onRead(typed)} disabled={typed.trim() === ""}>
        {t.value("next")}
      </Button>
    </>
  );
}

/** Who asks and what they would see. An unknown desk can be shown the health ID, or nothing. */
function Consent(props: {
  pass: HeldCredential;
  names: Names;
  desk: KnownDesk | null;
  onAnswer: (shown: HeldCredential) => void;
}) {
  const { pass, names, desk } = props;
  const shown = desk === null ? healthIdFor(pass, names) : pass;
  const type = shown === undefined ? undefined : typeOf(names, shown);
  const allowed = desk === null || type === undefined || desk.passes.includes(type.number);
  return (
    <>
      <p class={desk === null ? "asker unknown" : "asker"}>
        <strong>{desk?.name ?? t.value("challenge_unknown")}</strong>
        {desk === null ? null : <span>{t.value("verified")}</span>}
      </p>
      {desk === null ? (
        <Problem>{t.value(shown === undefined ? "challenge_unknown_none" : "challenge_unknown_advice")}</Problem>
      ) : null}
      {allowed ? null : <Problem>{t.value("challenge_not_allowed")}</Problem>}
      {shown === undefined || type === undefined ? null : (
        <>
          <Button onClick={() => props.onAnswer(shown)}>
            {t.value(desk === null ? "challenge_health_id" : "challenge_agree")}
          </Button>
          <Button kind="quiet" onClick={() => go({ name: "show", id: pass.id })}>
            {t.value("do_not_share")}
          </Button>
          <WouldSee shown={shown} type={type} names={names} />
        </>
      )}
    </>
  );
}

function WouldSee(props: { shown: HeldCredential; type: CredentialType; names: Names }) {
  const { shown, type, names } = props;
  return (
    <section class="claims">
      <p>{t.value("would_see")}</p>
      <h2>{type.labels[language.value ?? "en"]}</h2>
      <dl>
        {type.claims
          .filter(({ name, qr_key }) => qr_key !== null && shown.claims[name] !== undefined)
          .map((claim) => (
            <div key={claim.name}>
              <dt>{claim.labels[language.value ?? "en"]}</dt>
              <dd>{claimText(claim, shown.claims[claim.name] ?? "", names)}</dd>
            </div>
          ))}
      </dl>
    </section>
  );
}

function healthIdFor(pass: HeldCredential, names: Names): HeldCredential | undefined {
  const isHealthId = (held: HeldCredential) => held.format === "qr_pass" && typeOf(names, held)?.name === HEALTH_ID;
  if (isHealthId(pass)) return pass;
  const now = Date.now() / 1000;
  return vault.value?.content.credentials
    .filter((held) => isHealthId(held) && now < held.expiresAt)
    .sort((one, other) => other.issuedAt - one.issuedAt)[0];
}

function Answer(props: { text: string; expiresAt: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [now, setNow] = useState(Date.now() / 1000);
  useEffect(() => {
    if (canvas.current !== null) drawQrCode(canvas.current, props.text);
    const timer = setInterval(() => setNow(Date.now() / 1000), 1000);
    return () => clearInterval(timer);
  }, [props.text]);

  const left = Math.max(0, Math.ceil(props.expiresAt - now));
  const time = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  return (
    <>
      <div class="code-frame">
        <canvas class="code" ref={canvas} role="img" aria-label={t.value("challenge_shown")} />
      </div>
      <p class="show-advice" role="status">
        {t.value("challenge_shown")}
      </p>
      {left === 0 ? (
        <Problem>{t.value("challenge_over")}</Problem>
      ) : (
        <p class="countdown" aria-hidden="true">
          {t.value("challenge_left", { time })}
        </p>
      )}
    </>
  );
}
