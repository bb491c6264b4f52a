/** Why something is done: one of a few reasons. */

import { useState } from "preact/hooks";
import { t } from "../../shared/language";
import { Choice, Field } from "../../shared/ui";
import type { Reasoned } from "../api";
import { reasonName } from "../names";
import { DecisionForm } from "./decision_form";

const NOTE_LENGTH = 500;

/** The reason, and a note that only the office keeps, which `other` needs. */
export function ReasonForm(props: {
  reasons: readonly string[];
  submit: string;
  dangerous: boolean;
  onReason: (reasoned: Reasoned) => void;
  onCancel: () => void;
}) {
  const [reason, setReason] = useState("");
  const [note, setNote] = useState("");
  return (
    <DecisionForm
      submit={props.submit}
      dangerous={props.dangerous}
      complete={reason !== "" && (reason !== "other" || note.trim() !== "")}
      onDecide={() => props.onReason({ reason, note: note.trim() })}
      onCancel={props.onCancel}
    >
      <ReasonField reasons={props.reasons} nameOf={reasonName} reason={reason} onChoose={setReason} />
      <Field label={t.value("reason_note")} value={note} onInput={setNote} maxLength={NOTE_LENGTH} />
    </DecisionForm>
  );
}

/** The reason is empty until one is chosen. */
export function ReasonField<Reason extends string>(props: {
  reasons: readonly Reason[];
  nameOf: (reason: Reason) => string;
  reason: Reason | "";
  onChoose: (reason: Reason) => void;
}) {
  return (
    <Choice
      label={t.value("reason_title")}
      value={props.reason}
      onChoose={(chosen) => props.onChoose(chosen as Reason)}
      required
    >
      <option value="" disabled>
        {t.value("reason_choose")}
      </option>
      {props.reasons.map((each) => (
        <option key={each} value={each}>
          {props.nameOf(each)}
        </option>
      ))}
    </Choice>
  );
}
