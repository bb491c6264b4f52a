/** The field that a wedge scanner types into. It takes the focus back from everything but other fields and buttons. */

import { useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../shared/language";
import { Button } from "../shared/ui";
import { checkText, shown } from "./checking";
import { words } from "./state";
import { readFromWedge } from "./wedge";

const TOUCHED = matchMedia("(pointer: coarse)").matches;

/** `hidden` leaves it where it is, for the scanner only. */
export function ScanField(props: { hidden?: boolean }) {
  const field = useRef<HTMLInputElement>(null);
  // Before anything is painted: a scanner may type as soon as the page says that it waits for a code.
  useLayoutEffect(() => (field.current === null ? undefined : readFromWedge(field.current, checkText)), []);

  function send(): void {
    const text = field.current?.value ?? "";
    if (field.current !== null) field.current.value = "";
    if (text.trim() !== "") checkText(text);
  }

  const labels = words.value?.labels ?? {};
  return (
    <section class={props.hidden ? "scan away" : "scan"} aria-label={t.value("desk_check")}>
      <label>
        <span>{shown.value === null ? labels.scan : labels.scan_next}</span>
        {/* A keyboard on the screen would cover the verdict each time that the field takes the focus. */}
        <input
          ref={field}
          type="text"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          inputMode={TOUCHED ? "none" : "text"}
        />
      </label>
      <Button onClick={send}>{labels.check}</Button>
    </section>
  );
}
