/** A PIN that is typed: one that opens a wallet, or a new one, twice. */

import { t } from "../../shared/language";
import { Field, Problem } from "../../shared/ui";
import { PIN_DIGITS } from "../vault";

export function isPin(text: string): boolean {
  return /^[0-9]+$/.test(text) && text.length === PIN_DIGITS;
}

export function PinField(props: { label: string; value: string; onInput: (value: string) => void }) {
  return <Field label={props.label} kind="pin" value={props.value} onInput={props.onInput} maxLength={PIN_DIGITS} />;
}

/** `onInput` gets both as they are typed; they are to be used once they are the same, and a PIN. */
export function NewPinFields(props: { pin: string; again: string; onInput: (pin: string, again: string) => void }) {
  const { pin, again, onInput } = props;
  return (
    <>
      <PinField
        label={t.value("new_pin", { digits: PIN_DIGITS })}
        value={pin}
        onInput={(typed) => onInput(typed, again)}
      />
      <PinField label={t.value("repeat_pin")} value={again} onInput={(typed) => onInput(pin, typed)} />
      {again.length === PIN_DIGITS && again !== pin ? <Problem>{t.value("pins_differ")}</Problem> : null}
    </>
  );
}
