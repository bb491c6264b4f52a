/** A PIN that is typed: one that opens a wallet, or a new one, twice. */

import { useState } from "preact/hooks";
import { t } from "../../shared/language";
import { Field, Problem } from "../../shared/ui";
import { PIN_DIGITS } from "../vault";

export function isPin(text: string): boolean {
  return /^[0-9]+$/.test(text) && text.length === PIN_DIGITS;
}

export function PinField(props: { label: string; value: string; onInput: (value: string) => void }) {
  return <Field label={props.label} kind="pin" value={props.value} onInput={props.onInput} maxLength={PIN_DIGITS} />;
}

/** `onInput` gets the PIN once it has been typed twice, and null until then. */
export function NewPinFields(props: { onInput: (pin: string | null) => void }) {
  const [pin, setPin] = useState("");
  const [again, setAgain] = useState("");

  function take(first: string, second: string): void {
    setPin(first);
    setAgain(second);
    props.onInput(isPin(first) && first === second ? first : null);
  }

  return (
    <>
      <PinField
        label={t.value("new_pin", { digits: PIN_DIGITS })}
        value={pin}
        onInput={(typed) => take(typed, again)}
      />
      <PinField label={t.value("repeat_pin")} value={again} onInput={(typed) => take(pin, typed)} />
      {again.length === PIN_DIGITS && again !== pin ? <Problem>{t.value("pins_differ")}</Problem> : null}
    </>
  );
}
