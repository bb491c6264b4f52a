/** A desk asks for something: its code, who it is, what it would see, and yes or no. */

import { useEffect, useState } from "preact/hooks";
import { useAttempt } from "../../shared/attempt";
import { claimText, type Names, useNames } from "../../shared/claim_text";
import type { Claim } from "../../shared/credential_types";
import { dateText, language, t } from "../../shared/language";
import { Portrait } from "../../shared/portrait";
import { Scanner } from "../../shared/scanner";
import { BackButton, Button, Field, focusHeading, Problem, Progress } from "../../shared/ui";
import { recordShare } from "../history";
import { SignPicture } from "../pictures";
import {
  type Asked,
  answer,
  choose,
  fetchRequest,
  type ReadRequest,
  RequestError,
  readRequest,
  refuse,
  type Shown,
  withOptional,
} from "../presentation";
import { adopt, go, screen, vault, waitingRequest } from "../state";
import type { Vault } from "../vault";

type Step =
  | { name: "link" }
  | { name: "host"; read: ReadRequest }
  | { name: "consent"; asked: Asked }
  | { name: "sent" };

export function AnswerDesk() {
  const waiting = waitingRequest.value;
  const [step, setStep] = useState<Step>(waiting === null ? { name: "link" } : { name: "host", read: waiting });
  const [text, setText] = useState("");
  const { problem, working, tell, attempt } = useAttempt(problemOf);

  useEffect(focusHeading, [step.name]);

  function leave(): void {
    waitingRequest.value = null;
    go({ name: "cards" });
  }

  function takeUp(given: string): boolean {
    try {
      setStep({ name: "host", read: readRequest(given) });
      tell(null);
      return true;
    } catch {
      tell(() => t.value("problem_not_a_request"));
      return false;
    }
  }

  return (
    <main>
      <BackButton onClick={leave} />
      <h1>{t.value("answer_desk")}</h1>
      {step.name === "link" ? (
        <>
          <Scanner onRead={takeUp} />
          <Field label={t.value("paste_request")} kind="link" value={text} onInput={setText} />
          <Button onClick={() => takeUp(text)} disabled={text.trim() === ""}>
            {t.value("next")}
          </Button>
        </>
      ) : null}
      {step.name === "host" ? (
        <>
          <p>{t.value("ask_desk", { host: step.read.host })}</p>
          <Button
            disabled={working}
            onClick={() =>
              void attempt(async () =>
                setStep({
                  name: "consent",
                  asked: await fetchRequest(step.read, vault.value?.content.credentials ?? []),
                }),
              )
            }
          >
            {t.value("next")}
          </Button>
        </>
      ) : null}
      {step.name === "consent" ? (
        <Consent
          asked={step.asked}
          working={working}
          onChoose={(choice) => setStep({ name: "consent", asked: choose(step.asked, choice) })}
          onShare={() =>
            void attempt(async () => {
              if (vault.value === null) return;
              await share(vault.value, step.asked);
              setStep({ name: "sent" });
            })
          }
          onRefuse={() =>
            void attempt(async () => {
              await refuse(step.asked);
              if (screen.value.name === "answer") leave();
            })
          }
        />
      ) : null}
      {step.name === "sent" ? (
        <>
          <p class="done" role="status">
            <span aria-hidden="true">✓ </span>
            {t.value("shared")}
          </p>
          <Button onClick={leave}>{t.value("next")}</Button>
        </>
      ) : null}
      {problem === null ? null : <Problem>{problem}</Problem>}
      {working ? <Progress>{t.value(step.name === "host" ? "asking" : "sharing")}</Progress> : null}
    </main>
  );
}

function problemOf(error: unknown): string {
  return t.value(error instanceof RequestError ? `problem_${error.problem}` : "something_failed");
}

/** Answers, and notes it in the vault that answered, whichever is open by then. */
async function share(mine: Vault, asked: Asked): Promise<void> {
  try {
    await answer(mine, asked);
  } catch (error) {
    // The desk may have it, even if it did not say so.
    if (error instanceof RequestError && error.problem === "not_taken") await remember(mine, asked);
    throw error;
  }
  await remember(mine, asked);
}

/** Notes in the vault what was shown to whom. */
async function remember(mine: Vault, { verifier, shown }: Asked): Promise<void> {
  const entry = {
    at: Math.floor(Date.now() / 1000),
    to: verifier.name,
    shown: shown.map(({ held, claims }) => ({ vct: held.vct, claims })),
  };
  await adopt(await recordShare(mine, entry));
}

function Consent(props: {
  asked: Asked;
  working: boolean;
  onChoose: (choice: Shown) => void;
  onShare: () => void;
  onRefuse: () => void;
}) {
  const { verifier, shown, choices } = props.asked;
  const accredited = shown.every((each) => each.accredited);
  return (
    <>
      <p class="asker">
        <strong>{verifier.name}</strong>
        <span class={accredited ? "chip good" : "chip warned"}>
          <SignPicture sign={accredited ? "good" : "unknown"} />
          {t.value(accredited ? "asker_accredited" : "asker_not_accredited")}
        </span>
      </p>
      <p>{t.value("would_see")}</p>
      {shown.map((each) => (
        <Choice key={each.queryId} chosen={each} choices={choices[each.queryId] ?? []} onChoose={props.onChoose} />
      ))}
      {shown.map((each) => (
        <ShownCredential key={each.queryId} shown={each} onChange={props.onChoose} />
      ))}
      <Button onClick={props.onShare} disabled={props.working}>
        {t.value("share")}
      </Button>
      <Button kind="quiet" onClick={props.onRefuse} disabled={props.working}>
        {t.value("do_not_share")}
      </Button>
    </>
  );
}

/** Where several cards would do, which one; nothing where there is no choice. */
function Choice(props: { chosen: Shown; choices: Shown[]; onChoose: (choice: Shown) => void }) {
  const { chosen, choices } = props;
  if (choices.length < 2) return null;
  return (
    <fieldset class="choice">
      <legend>{t.value("choose_card")}</legend>
      {choices.map((each) => (
        <label key={each.held.id}>
          <input
            type="radio"
            name={chosen.queryId}
            checked={each.held.id === chosen.held.id}
            onChange={() => props.onChoose(each)}
          />
          <span>
            {each.type.labels[language.value ?? "en"]}, {each.held.claims.name_latin ?? each.held.issuerName}
            <br />
            {t.value("valid_until", { date: dateText(each.held.expiresAt - 1) })}
          </span>
        </label>
      ))}
    </fieldset>
  );
}

function Value(props: { claim: Claim; value: string | number; names: Names }) {
  const { claim, value, names } = props;
  if (claim.kind !== "image") return <>{claimText(claim, value, names)}</>;
  return <Portrait picture={String(value)} label={claim.labels[language.value ?? "en"]} />;
}

function ShownCredential({ shown, onChange }: { shown: Shown; onChange: (changed: Shown) => void }) {
  const allNames = useNames();
  const notAllowed = shown.notAllowed.filter((name) => shown.claims.includes(name));
  const labels = (names: string[]) =>
    shown.type.claims
      .filter(({ name }) => names.includes(name))
      .map((claim) => claim.labels[language.value ?? "en"])
      .join(", ");
  return (
    <section class="claims">
      <h2>{shown.type.labels[language.value ?? "en"]}</h2>
      <dl>
        {shown.type.claims
          .filter(({ name }) => shown.claims.includes(name))
          .map((claim) => (
            <div key={claim.name}>
              <dt>{claim.labels[language.value ?? "en"]}</dt>
              <dd>
                <Value claim={claim} value={shown.held.claims[claim.name] ?? ""} names={allNames} />
              </dd>
            </div>
          ))}
      </dl>
      {shown.optional.map((name) => (
        <label key={name} class="choice-line">
          <input
            type="checkbox"
            checked={shown.claims.includes(name)}
            onChange={(event) => onChange(withOptional(shown, name, event.currentTarget.checked))}
          />
          <span>{t.value("share_optional", { claim: labels([name]) })}</span>
        </label>
      ))}
      {shown.withheld.length === 0 ? null : (
        <p class="quiet-text">{t.value("stays_hidden", { claims: labels(shown.withheld) })}</p>
      )}
      {notAllowed.length === 0 ? null : <Problem>{t.value("not_allowed", { claims: labels(notAllowed) })}</Problem>}
    </section>
  );
}
