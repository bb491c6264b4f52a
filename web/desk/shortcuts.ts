/** The keys that save a way to the mouse. A scanner types none of them. */

import { clear } from "./checking";
import { readingBy } from "./preferences";
import { faceAnswer } from "./screens/face";
import { go } from "./state";

const KEYS: Record<string, () => void> = {
  Escape: clear,
  F2: () => {
    clear();
    go({ name: "check" });
    readingBy.value = readingBy.value === "camera" ? "scanner" : "camera";
  },
  F4: () => {
    clear();
    go({ name: "ask" });
  },
  F8: () => faceAnswer.value?.("same"),
  F9: () => faceAnswer.value?.("other"),
};

/** Listens for them until the signal. */
export function takeShortcuts(signal: AbortSignal): void {
  document.addEventListener(
    "keydown",
    (event) => {
      const act = KEYS[event.key];
      if (act === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      act();
    },
    { signal },
  );
}
