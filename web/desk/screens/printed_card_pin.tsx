/** A printed card was read: its PIN is asked for before anything is told. */

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "../../shared/language";
import { Button, Field, Problem } from "../../shared/ui";
import type { Verdict } from "../api";
import { check, clear, type Presented } from "../checking";
import { Icon } from "../icons";
import { words } from "../state";
import "../challenge.css";

const PIN = /^[0-9]{6}$/;

export function PrintedCardPin(props: { card: Presented; verdict: Verdict }) {
  const [pin, setPin] = useState("");
  const form = useRef<HTMLFormElement>(null);
  // At once with the question, not after it was painted: the first digits would go to the scanner's field.
  useLayoutEffect(() => form.current?.querySelector("input")?.focus(), []);
  const known = words.value;
  if (known === null) return null;
  const wrong = props.verdict.code === "WRONG_PIN";

  function send(event: Event): void {
    event.preventDefault();
    if (PIN.test(pin)) void check(props.card, pin);
  }

  return (
    <article class="verdict pin-needed">
      <div class="band">
        <Icon name="printed" />
        <div>
          <h1>{known.reasons[props.verdict.code]}</h1>
          <p class="next">{known.next_actions[props.verdict.code]}</p>
        </div>
      </div>
      <form ref={form} onSubmit={send}>
        {wrong ? <Problem>{known.reasons.WRONG_PIN}</Problem> : null}
        <Field label={known.labels.card_pin ?? ""} value={pin} onInput={setPin} kind="pin" maxLength={6} />
        <Button submit disabled={!PIN.test(pin)}>
          {known.labels.check}
        </Button>
        <Button kind="quiet" onClick={clear}>
          {t.value("desk_next_patient")} <kbd>Esc</kbd>
        </Button>
      </form>
    </article>
  );
}
