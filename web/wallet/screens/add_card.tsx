/** Taking an offer: its link, the question whether to ask the office, what it offers, and the code. */

import { useEffect, useState } from "preact/hooks";
import { useAttempt } from "../../shared/attempt";
import { language, t } from "../../shared/language";
import { Scanner } from "../../shared/scanner";
import { BackButton, Button, Field, focusHeading, Problem, Progress } from "../../shared/ui";
import { acceptOffer, type DescribedOffer, describeOffer, OfferError, type ReadOffer, readOffer } from "../issuance";
import { readRequest } from "../presentation";
import { go, screen, vault, waitingOffer, waitingRequest } from "../state";

type Step = { name: "link" } | { name: "host"; read: ReadOffer } | { name: "consent"; described: DescribedOffer };

export function AddCard() {
  const waiting = waitingOffer.value;
  const [step, setStep] = useState<Step>(waiting === null ? { name: "link" } : { name: "host", read: waiting });
  const { problem, working, tell, attempt } = useAttempt(problemOf);

  useEffect(focusHeading, [step.name]);

  /** Goes on with a text that is an offer, or that a desk's request is; nobody is asked anything yet. */
  function takeUp(text: string): boolean {
    const read = firstOf(() => readOffer(text));
    if (read !== null) {
      setStep({ name: "host", read });
      tell(null);
      return true;
    }
    waitingRequest.value = firstOf(() => readRequest(text));
    if (waitingRequest.value === null) tell(t.value("problem_not_an_offer"));
    else go({ name: "answer" });
    return waitingRequest.value !== null;
  }

  function cancel(): void {
    waitingOffer.value = null;
    go({ name: "cards" });
  }

  return (
    <main>
      <BackButton onClick={cancel} />
      <h1>{step.name === "consent" ? t.value("consent", { host: step.described.host }) : t.value("add_card")}</h1>
      {step.name === "link" ? <Link onGiven={takeUp} /> : null}
      {step.name === "host" ? (
        <>
          <p>{t.value("ask_host", { host: step.read.host })}</p>
          <Button
            disabled={working}
            onClick={() =>
              void attempt(async () => setStep({ name: "consent", described: await describeOffer(step.read) }))
            }
          >
            {t.value("next")}
          </Button>
        </>
      ) : null}
      {step.name === "consent" ? (
        <Consent
          described={step.described}
          working={working}
          onAccept={(code) => void attempt(() => take(step.described, code, tell))}
        />
      ) : null}
      {problem === null ? null : <Problem>{problem}</Problem>}
      {working ? <Progress>{t.value(step.name === "consent" ? "accepting" : "asking")}</Progress> : null}
    </main>
  );
}

async function take(described: DescribedOffer, code: string | null, tell: (text: string) => void): Promise<void> {
  if (vault.value === null) return;
  const taken = await acceptOffer(vault.value, described, code);
  // The cards are on the disk. They are shown where this wallet is open still, and this screen is still the one shown.
  if (vault.value?.id !== taken.vault.id) return;
  vault.value = taken.vault;
  if (screen.value.name !== "add") return;
  waitingOffer.value = null;
  if (taken.refused.length === 0) go({ name: "cards" });
  else tell(t.value("problem_refused"));
}

function problemOf(error: unknown): string {
  return t.value(error instanceof OfferError ? `problem_${error.problem}` : "something_failed");
}

/** What a reader gives, null where it refuses the text. */
function firstOf<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

function Link(props: { onGiven: (text: string) => boolean }) {
  const [text, setText] = useState("");
  return (
    <>
      <Scanner onRead={props.onGiven} />
      <Field label={t.value("paste_offer")} kind="link" value={text} onInput={setText} />
      <Button onClick={() => props.onGiven(text)} disabled={text.trim() === ""}>
        {t.value("next")}
      </Button>
    </>
  );
}

function Consent(props: { described: DescribedOffer; working: boolean; onAccept: (code: string | null) => void }) {
  const [code, setCode] = useState("");
  const { code: asked, credentials } = props.described;
  const names = new Set(credentials.map(({ type }) => type.labels[language.value ?? "en"]));
  const complete = asked === null || (asked.length === null ? code !== "" : code.length === asked.length);
  return (
    <>
      <ul class="offered">
        {[...names].map((name) => (
          <li key={name}>{name}</li>
        ))}
      </ul>
      {asked === null ? null : (
        <Field
          label={t.value("code")}
          kind={asked.numeric ? "code" : "text"}
          value={code}
          onInput={setCode}
          maxLength={asked.length ?? 64}
        />
      )}
      <Button onClick={() => props.onAccept(asked === null ? null : code)} disabled={!complete || props.working}>
        {t.value("accept")}
      </Button>
    </>
  );
}
