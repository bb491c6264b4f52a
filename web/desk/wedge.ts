/**
 * Reading from a wedge scanner, which types what it reads: into the field, wherever the focus was, ended by Enter, by Tab
 * or by silence. Which keyboard layout the computer has is not looked at: the verifier recovers what it garbled.
 */

const SILENCE_MS = 250;
const SHORTEST_SCAN = 16;
/** Between two keys; people need more. */
const SLOWEST_SCANNER_MS = 40;

/** Calls `onText` with each text that was scanned, pasted or typed and sent; returns what ends that. */
export function readFromWedge(field: HTMLInputElement, onText: (text: string) => void): () => void {
  const ended = new AbortController();
  let first = 0;
  let last = 0;
  let silence: ReturnType<typeof setTimeout> | undefined;

  const typedByScanner = () =>
    field.value.length >= SHORTEST_SCAN && last - first <= SLOWEST_SCANNER_MS * field.value.length;

  function send(text: string): void {
    clearTimeout(silence);
    field.value = "";
    if (text.trim() !== "") onText(text);
  }

  function noteInput(event: Event): void {
    last = event.timeStamp;
    if (field.value.length <= 1) first = last;
    clearTimeout(silence);
    silence = setTimeout(() => {
      if (typedByScanner()) send(field.value);
    }, SILENCE_MS);
  }

  function takeKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (document.activeElement === field) {
      if (event.key === "Enter" || (event.key === "Tab" && typedByScanner())) {
        event.preventDefault();
        send(field.value);
      }
    } else if (event.key.length === 1 && event.key !== " " && !takesText(document.activeElement)) field.focus();
  }

  function takeFocus(): void {
    if (document.activeElement === null || document.activeElement === document.body)
      field.focus({ preventScroll: true });
  }

  function takePaste(event: ClipboardEvent): void {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (text === "" || (takesText(document.activeElement) && document.activeElement !== field)) return;
    event.preventDefault();
    send(text);
  }

  const { signal } = ended;
  field.addEventListener("input", noteInput, { signal });
  field.addEventListener("blur", () => setTimeout(takeFocus), { signal });
  document.addEventListener("keydown", takeKey, { signal, capture: true });
  document.addEventListener("click", () => setTimeout(takeFocus), { signal });
  document.addEventListener("paste", takePaste, { signal });
  document.addEventListener("visibilitychange", takeFocus, { signal });
  addEventListener("focus", takeFocus, { signal });
  takeFocus();
  return () => {
    clearTimeout(silence);
    ended.abort();
  };
}

/** Whether typing belongs to this element. A list of choices does not count: it is used by arrows as well. */
function takesText(element: Element | null): boolean {
  if (element instanceof HTMLTextAreaElement) return true;
  return element instanceof HTMLInputElement && !["checkbox", "radio", "file", "button"].includes(element.type);
}
