/** Whether somebody compared the person with the document, and what they saw: recorded once with the check. */

import { signal } from "@preact/signals";
import { useLayoutEffect, useState } from "preact/hooks";
import { t } from "../../shared/language";
import { Button, Problem } from "../../shared/ui";
import { verifier } from "../api";

type Answer = "same" | "other";

/** What the keys F8 and F9 answer to, while the question stands. */
export const faceAnswer = signal<((answer: Answer) => void) | null>(null);

export function Face(props: { checkId: string; withPhoto: boolean }) {
  const [recorded, setRecorded] = useState<Answer | null>(null);
  const [failed, setFailed] = useState(false);

  async function record(answer: Answer): Promise<void> {
    setFailed(false);
    await verifier
      .recordFace(props.checkId, answer === "same")
      .then(() => setRecorded(answer))
      .catch(() => setFailed(true));
  }

  useLayoutEffect(() => {
    faceAnswer.value = recorded === null ? (answer) => void record(answer) : null;
    return () => {
      faceAnswer.value = null;
    };
  }, [recorded]);

  if (recorded !== null)
    return (
      <p class={`face ${recorded}`} role="status">
        {t.value(recorded === "same" ? "desk_face_recorded" : "desk_face_other_recorded")}
      </p>
    );
  return (
    <fieldset class="face">
      <legend>{t.value(props.withPhoto ? "desk_face_question_photo" : "desk_face_question")}</legend>
      <Button kind="quiet" onClick={() => void record("same")}>
        {t.value("desk_face_same")} <kbd>F8</kbd>
      </Button>
      <Button kind="quiet" onClick={() => void record("other")}>
        {t.value("desk_face_other")} <kbd>F9</kbd>
      </Button>
      {failed ? <Problem>{t.value("desk_face_failed")}</Problem> : null}
    </fieldset>
  );
}
