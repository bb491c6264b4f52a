import { useState } from "preact/hooks";
import { t } from "../../shared/language";
import { Button, Field } from "../../shared/ui";
import type { Reasoned } from "../api";
import { reasonName } from "../names";

const NOTE_LENGTH = 500;

/** Why something is done: one of a few reasons, and a note that only the office keeps, which `other` needs. */
export function ReasonForm(props: {
  reasons: readonly string[];
  submit: string;
  dangerous: boolean;
  onReason: (reasoned: Reasoned) => void;
  onCancel: () => void;
}) {
  const [reason, setReason] = useState("");
  const [note, setNote] = useState("");
  const incomplete = reason === "" || (reason === "other" && note.trim() === "");
  return (
    <form
      class="reason"
      onSubmit={(event) => {
        event.preventDefault();
        props.onReason({ reason, note: note.trim() });
      }}
    >
      <label class="field">
        <span>{t.value("reason_title")}</span>
        <select value={reason} onChange={(event) => setReason(event.currentTarget.value)} required>
          <option value="" disabled>
            {t.value("reason_choose")}
          </option>
          {props.reasons.map((each) => (
            <option key={each} value={each}>
              {reasonName(each)}
            </option>
          ))}
        </select>
      </label>
      <Field label={t.value("reason_note")} value={note} onInput={setNote} maxLength={NOTE_LENGTH} />
      <div class="actions">
        <Button submit kind={props.dangerous ? "danger" : "main"} disabled={incomplete}>
          {props.submit}
        </Button>
        <Button kind="quiet" onClick={props.onCancel}>
          {t.value("office_cancel")}
        </Button>
      </div>
    </form>
  );
}
