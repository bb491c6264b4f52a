/** Asking a phone: what for, then a code for the patient's wallet to scan, then the verdict on what it shows. */

import { useEffect, useState } from "preact/hooks";
import { Button, Problem } from "../../shared/ui";
import { type AskedRequest, Refused, verifier } from "../api";
import { show } from "../checking";
import { Icon } from "../icons";
import { words } from "../state";
import "./ask.css";

const LOOK_MS = 1500;
/** The labels of the states in which there is still something to wait for, and of those that end without a verdict. */
const WAITING: Record<string, string> = { created: "ask_waiting", fetched: "ask_reading", returning: "ask_reading" };
const ENDED: Record<string, string> = { refused: "ask_declined", expired: "ask_over" };
const PROBLEMS: Record<string, string> = { not_accredited: "ask_not_accredited", conflict: "ask_no_key" };

export function Ask() {
  const [asked, setAsked] = useState<{ id: string; picture: string } | null>(null);
  const [notice, setNotice] = useState<string | null>(null);
  const known = words.value;
  if (known === null) return null;

  async function ask(policy: string): Promise<void> {
    setNotice(null);
    try {
      const { id } = await verifier.createRequest(policy);
      setAsked({ id, picture: URL.createObjectURL(await verifier.requestPicture(id)) });
    } catch (error) {
      setNotice((error instanceof Refused ? PROBLEMS[error.code] : undefined) ?? "ask_over");
    }
  }

  function end(label: string | null): void {
    if (asked !== null) URL.revokeObjectURL(asked.picture);
    setAsked(null);
    setNotice(label);
  }

  return (
    <section class="asking">
      <h1>{known.labels.ask}</h1>
      {notice === null ? null : <Problem>{known.labels[notice]}</Problem>}
      {asked === null ? (
        <fieldset class="choices">
          <legend>{known.labels.ask_what}</legend>
          {known.policies.map(({ policy, label }) => (
            <Button key={policy} kind="quiet" onClick={() => void ask(policy)}>
              <Icon name="phone" />
              {label}
            </Button>
          ))}
        </fieldset>
      ) : (
        <Waiting asked={asked} onEnd={end} />
      )}
    </section>
  );
}

function Waiting(props: { asked: { id: string; picture: string }; onEnd: (label: string | null) => void }) {
  const { asked, onEnd } = props;
  const [state, setState] = useState("created");
  const labels = words.value?.labels ?? {};

  useEffect(() => {
    let left = false;
    let timer = setTimeout(look, LOOK_MS);
    /** One look at a time, however slow the link; an answer that comes when nobody waits here any more is not taken. */
    async function look(): Promise<void> {
      const answer = await verifier.request(asked.id).catch(() => null);
      if (left || (answer !== null && hasEnded(answer))) return;
      timer = setTimeout(look, LOOK_MS);
    }
    return () => {
      left = true;
      clearTimeout(timer);
    };
  }, [asked.id]);

  /** Whether there is nothing more to wait for; where there is a verdict, it is shown. */
  function hasEnded(answer: AskedRequest): boolean {
    if (answer.verdict !== null) {
      onEnd(null);
      show(answer);
      return true;
    }
    setState(answer.state);
    if (!(answer.state in ENDED)) return false;
    onEnd(ENDED[answer.state] ?? null);
    return true;
  }

  return (
    <>
      <img src={asked.picture} alt={labels.ask_scan ?? ""} width="320" height="320" />
      <p>{labels.ask_scan}</p>
      <p class="quiet-text" role="status">
        {labels[WAITING[state] ?? "ask_waiting"]}
      </p>
      <Button kind="quiet" onClick={() => onEnd(null)}>
        {labels.ask_back}
      </Button>
    </>
  );
}
