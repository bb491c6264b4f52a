/** Whose a new wallet on this phone is: a PIN, and a name where there is another wallet to tell it from. */

import { useEffect, useState } from "preact/hooks";
import { t } from "../../shared/language";
import { Field } from "../../shared/ui";
import { people, seePeople } from "../state";
import { NewPinFields } from "./pin_field";

/** `name` is null for the first wallet on a phone, which has to be told from no other. */
export interface NewOwner {
  name: string | null;
  pin: string;
}

/** Another window has made a wallet meanwhile: this one needs a name. */
export class NameNeeded extends Error {}

const NAME_LENGTH = 40;

/** `onInput` gets the owner once they are complete, and null until then. */
export function NewOwnerFields(props: { onInput: (owner: NewOwner | null) => void }) {
  const [typed, setTyped] = useState("");
  const [pin, setPin] = useState<string | null>(null);
  const isFirst = people.value.length === 0;

  useEffect(() => void seePeople(), []);

  function take(typed: string, pin: string | null): void {
    setTyped(typed);
    setPin(pin);
    const name = typed.trim() || null;
    props.onInput(pin === null || (name === null && !isFirst) ? null : { name, pin });
  }

  return (
    <>
      {isFirst ? null : <NameField value={typed} onInput={(name) => take(name, pin)} />}
      <NewPinFields onInput={(pin) => take(typed, pin)} />
    </>
  );
}

export function NameField(props: { value: string; onInput: (name: string) => void }) {
  return <Field label={t.value("your_name")} value={props.value} onInput={props.onInput} maxLength={NAME_LENGTH} />;
}
