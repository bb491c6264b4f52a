/** A card on paper, for somebody without a phone: made with a PIN of its own, and printed by the browser. */

import { useEffect, useRef, useState } from "preact/hooks";
import { useAttempt } from "../../shared/attempt";
import { decodeBase64url } from "../../shared/base64url";
import { useNames } from "../../shared/claim_text";
import { dateText, language, t } from "../../shared/language";
import { drawQrCode } from "../../shared/qr_code";
import { BackButton, Button, Field, Problem, Progress } from "../../shared/ui";
import { takeCopy } from "../copies";
import type { HeldCredential } from "../held_credential";
import { signWith } from "../holder_keys";
import { createPrintedCard, PIN_DIGITS, type PrintedCard } from "../printed_card";
import { adopt, go, vault } from "../state";
import { typeOf } from "./card_face";
import "./print_card.css";

interface Made {
  held: HeldCredential;
  card: PrintedCard;
}

export function PrintCard(props: { id: string }) {
  const [made, setMade] = useState<Made | null>(null);
  return (
    <main class="printing">
      <BackButton onClick={() => go({ name: "card", id: props.id })} />
      <h1>{t.value("print_title")}</h1>
      {made === null ? <ChoosePin id={props.id} onMade={setMade} /> : <Sheet {...made} />}
    </main>
  );
}

function ChoosePin(props: { id: string; onMade: (made: Made) => void }) {
  const [pin, setPin] = useState("");
  const [again, setAgain] = useState("");
  const { problem, working, tell, attempt } = useAttempt(() => t.value("something_failed"));

  function submit(event: Event): void {
    event.preventDefault();
    if (!new RegExp(`^[0-9]{${PIN_DIGITS}}$`).test(pin)) tell(() => t.value("print_pin_digits"));
    else if (pin !== again) tell(() => t.value("print_pin_differs"));
    else void attempt(make);
  }

  async function make(): Promise<void> {
    if (vault.value === null) return;
    const now = Math.floor(Date.now() / 1000);
    const { vault: marked, held } = await takeCopy(vault.value, props.id, now);
    await adopt(marked);
    const pass = decodeBase64url(held.credential);
    const card = await createPrintedCard(pass, now, pin, (message) => signWith(held.keyId, message));
    props.onMade({ held, card });
  }

  return (
    <form class="choices" onSubmit={submit}>
      <p>{t.value("print_why")}</p>
      <p class="warning">{t.value("print_copied")}</p>
      <Field label={t.value("print_pin")} value={pin} onInput={setPin} kind="pin" maxLength={PIN_DIGITS} />
      <Field label={t.value("print_pin_again")} value={again} onInput={setAgain} kind="pin" maxLength={PIN_DIGITS} />
      {problem === null ? null : <Problem>{problem}</Problem>}
      {working ? <Progress>{t.value("print_making")}</Progress> : null}
      <Button submit disabled={working}>
        {t.value("print_make")}
      </Button>
    </form>
  );
}

/** The two sides of a card of the size of a bank card, to be cut out and folded. */
function Sheet({ held, card }: Made) {
  const names = useNames();
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (canvas.current !== null) drawQrCode(canvas.current, card.text);
  }, [card.text]);

  return (
    <>
      <p>{t.value("print_check")}</p>
      <div class="sheet">
        <section class="front">
          <div>
            <h2>{typeOf(names, held)?.labels[language.value ?? "en"]}</h2>
            {[held.claims.name, held.claims.name_latin].map((name) =>
              name === undefined ? null : (
                <p key={name} class="name">
                  {name}
                </p>
              ),
            )}
            <p>{t.value("printed_until", { date: dateText(card.expiresAt - 1) })}</p>
            <p>{held.issuerName}</p>
            <p>{t.value("printed_card")}</p>
          </div>
          <div class="paper-code">
            <canvas ref={canvas} role="img" aria-label={t.value("printed_card")} />
          </div>
        </section>
        <section class="reverse">
          <p>{t.value("printed_for")}</p>
          <p>{t.value("printed_keep")}</p>
          <p>{t.value("printed_lost", { issuer: held.issuerName })}</p>
        </section>
        <p class="cut">{t.value("printed_cut")}</p>
      </div>
      <Button onClick={() => print()}>{t.value("print_now")}</Button>
    </>
  );
}
