/** From something read to the verdict that is shown; of two that overlap the later one counts. */

import { signal } from "@preact/signals";
import { Unreachable, type Verdict, verifier } from "./api";
import { go } from "./state";
import { soundVerdict } from "./tones";

export const shown = signal<Verdict | null>(null);
export const checking = signal(false);
/** Why there is no verdict, where there is none: the network, or a request that was not taken. */
export const failure = signal<"unreachable" | "not_taken" | null>(null);

/** What was read: a code's text, or a picture of one. */
export type Presented = string | Blob;

/** The printed card that was read last, as long as its PIN is to be asked for. */
export const cardWithoutPin = signal<Presented | null>(null);
const PIN_WANTED = ["PIN_NEEDED", "WRONG_PIN"];

let latest = 0;

export function checkText(text: string): void {
  void check(text);
}

/** Shows the verdict, with what the person says who shows a printed card. */
export async function check(presented: Presented, pin?: string): Promise<void> {
  const verdict = await follow(verifier.check(presented, pin));
  if (verdict !== null && PIN_WANTED.includes(verdict.code)) cardWithoutPin.value = presented;
}

/** Shows a verdict, however it came about: what was still being checked comes too late. */
export function show(verdict: Verdict): void {
  clear();
  shown.value = verdict;
  if (verdict.code !== "PIN_NEEDED") soundVerdict(verdict.verdict);
}

/** The next patient: nothing of the last one stays. */
export function clear(): void {
  latest += 1;
  shown.value = null;
  cardWithoutPin.value = null;
  failure.value = null;
  checking.value = false;
}

/** The verdict that is shown now; null where there is none, or a later one took its place. */
async function follow(answer: Promise<Verdict>): Promise<Verdict | null> {
  clear();
  go({ name: "check" });
  const mine = latest;
  checking.value = true;
  try {
    const verdict = await answer;
    if (mine !== latest) return null;
    show(verdict);
    return verdict;
  } catch (error) {
    if (mine !== latest) return null;
    clear();
    failure.value = error instanceof Unreachable ? "unreachable" : "not_taken";
    return null;
  }
}
