/** One step of several that ask others: what is going on meanwhile, and what went wrong, so that it can be tried again. */

import { useState } from "preact/hooks";
import { t } from "../../shared/language";
import { OfferError } from "../issuance";
import { RequestError } from "../presentation";

export interface Attempt {
  /** What went wrong the last time, in words. */
  problem: string | null;
  /** What is going on, in words. */
  working: string | null;
  tell: (problem: string | null) => void;
  attempt: (progress: string, work: () => Promise<void>) => Promise<void>;
}

export function useAttempt(): Attempt {
  const [problem, tell] = useState<string | null>(null);
  const [working, setWorking] = useState<string | null>(null);

  async function attempt(progress: string, work: () => Promise<void>): Promise<void> {
    tell(null);
    setWorking(progress);
    try {
      await work();
    } catch (error) {
      const known = error instanceof OfferError || error instanceof RequestError;
      tell(known ? t.value(`problem_${error.problem}`) : t.value("something_failed"));
    }
    setWorking(null);
  }

  return { problem, working, tell, attempt };
}
