/** Taking an offer: its link, the question whether to ask the office, what it offers, and the code. */

import { useEffect, useState } from "preact/hooks";
import { language, t } from "../../shared/language";
import { Scanner } from "../../shared/scanner";
import { BackButton, Button, Field, focusHeading, Problem, Progress } from "../../shared/ui";
import { acceptOffer, type DescribedOffer, describeOffer, OfferError, type ReadOffer, readOffer } from "../issuance";
import { go, screen, vault, waitingOffer } from "../state";

type Step = { name: "link" } | { name: "host"; read: ReadOffer } | { name: "consent"; described: DescribedOffer };

export function AddCard() {
  const waiting = waitingOffer.value;
  const [step, setStep] = useState<Step>(waiting === null ? { name: "link" } : { name: "host", read: waiting });
  const [problem, setProblem] = useState<string | null>(null);
  const [working, setWorking] = useState<string | null>(null);

  useEffect(focusHeading, [step.name]);

  /** Does one step; what goes wrong is shown, and the step can be tried again. */
  async function attempt(progress: string, work: () => Promise<void>): Promise<void> {
    setProblem(null);
    setWorking(progress);
    try {
      await work();
    } catch (error) {
      setProblem(error instanceof OfferError ? t.value(`problem_${error.problem}`) : t.value("something_failed"));
    }
    setWorking(null);
  }

  /** Goes on with a text that is an offer; nobody is asked anything yet. */
  function takeUp(text: string): boolean {
    try {
      setStep({ name: "host", read: readOffer(text) });
      setProblem(null);
      return true;
    } catch {
      setProblem(t.value("problem_not_an_offer"));
      return false;
    }
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
            disabled={working !== null}
            onClick={() =>
              void attempt(t.value("asking"), async () =>
                setStep({ name: "consent", described: await describeOffer(step.read) }),
              )
            }
          >
            {t.value("next")}
          </Button>
        </>
      ) : null}
      {step.name === "consent" ? (
        <Consent
          described={step.described}
          working={working !== null}
          onAccept={(code) => void attempt(t.value("accepting"), () => take(step.described, code, setProblem))}
        />
      ) : null}
      {problem === null ? null : <Problem>{problem}</Problem>}
      {working ? <Progress>{working}</Progress> : null}
    </main>
  );
}

async function take(described: DescribedOffer, code: string | null, setProblem: (text: string) => void): Promise<void> {
  if (vault.value === null) return;
  const taken = await acceptOffer(vault.value, described, code);
  // The cards are on the disk. They are shown where this wallet is open still, and this screen is still the one shown.
  if (vault.value?.id !== taken.vault.id) return;
  vault.value = taken.vault;
  if (screen.value.name !== "add") return;
  waitingOffer.value = null;
  if (taken.refused.length === 0) go({ name: "cards" });
  else setProblem(t.value("problem_refused"));
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
