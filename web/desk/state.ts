/** What the desk shows: which screen, the words for verdicts, and who the desk is. */

import { effect, signal } from "@preact/signals";
import { language } from "../shared/language";
import { type DeskState, verifier, type Words } from "./api";

export type Screen =
  | { name: "check" }
  | { name: "challenge" }
  | { name: "ask" }
  | { name: "today" }
  | { name: "settings" }
  | { name: "staff" };

export const screen = signal<Screen>({ name: "check" });
export const words = signal<Words | null>(null);
export const desk = signal<DeskState | null>(null);

const ASK_STATE_MS = 30_000;

export function go(to: Screen): void {
  screen.value = to;
  scrollTo(0, 0);
}

/** Keeps the words in the language that is read, and asks for the desk's state now and then. */
export function follow(): void {
  effect(() => void loadWords(language.value ?? "th"));
  void loadState();
  setInterval(() => void loadState(), ASK_STATE_MS);
}

async function loadWords(wanted: string): Promise<void> {
  const loaded = await verifier.words(wanted).catch(() => null);
  if (loaded !== null && wanted === language.peek()) words.value = loaded;
}

async function loadState(): Promise<void> {
  desk.value = (await verifier.state().catch(() => null)) ?? desk.value;
  if (desk.value !== null && words.value?.language !== language.value) await loadWords(language.value ?? "th");
}
