/** What a screen does when asked to: whether that is going on, and what went wrong, so that it can be tried again. */

import { useState } from "preact/hooks";

export interface Attempt {
  /** What went wrong the last time, in words. */
  problem: string | null;
  working: boolean;
  tell: (problem: string | null) => void;
  attempt: (work: () => Promise<unknown>) => Promise<void>;
}

/** `describe` puts what the work throws in words, and what to do next. */
export function useAttempt(describe: (error: unknown) => string): Attempt {
  const [problem, tell] = useState<string | null>(null);
  const [working, setWorking] = useState(false);

  async function attempt(work: () => Promise<unknown>): Promise<void> {
    tell(null);
    setWorking(true);
    try {
      await work();
    } catch (error) {
      tell(describe(error));
    }
    setWorking(false);
  }

  return { problem, working, tell, attempt };
}
