/** What a screen does when asked to: whether that is going on, and what went wrong, so that it can be tried again. */

import { useState } from "preact/hooks";

/** Puts something in words; done anew whenever it is shown, so that it is in the language that is read then. */
export type Words = () => string;

export interface Attempt {
  /** What went wrong the last time, in words of the language that is read now. */
  problem: string | null;
  working: boolean;
  tell: (problem: Words | null) => void;
  attempt: (work: () => Promise<unknown>) => Promise<void>;
}

/** A problem that a screen tells, in words of the language that is read now; null where there is none. */
export function useProblem(): [string | null, (problem: Words | null) => void] {
  const [words, setWords] = useState<Words | null>(null);
  return [words?.() ?? null, (problem) => setWords(() => problem)];
}

/** `describe` puts what the work throws in words, and what to do next. */
export function useAttempt(describe: (error: unknown) => string): Attempt {
  const [problem, tell] = useProblem();
  const [working, setWorking] = useState(false);

  async function attempt(work: () => Promise<unknown>): Promise<void> {
    tell(null);
    setWorking(true);
    try {
      await work();
    } catch (error) {
      tell(() => describe(error));
    }
    setWorking(false);
  }

  return { problem, working, tell, attempt };
}
