/** A screen that shows what the issuer has, and lets it be changed. */

import { useEffect, useState } from "preact/hooks";
import { type Attempt, useAttempt } from "../shared/attempt";
import { createTurns } from "../shared/in_turn";
import type { Office } from "./api";
import { problemText } from "./problem_text";
import { office } from "./state";

type Work = (asked: Office) => Promise<unknown>;

export interface Listing extends Pick<Attempt, "problem" | "tell"> {
  /** Asks the issuer, if somebody is signed in still. */
  ask: (work: Work) => void;
  /** Asks the issuer for a change, and loads again what it has then. */
  change: (work: Work) => void;
  /** Loads again what the issuer has; of several loads the last one stays. */
  reload: () => Promise<unknown>;
}

/** `load` is what the screen begins with. */
export function useListing(load: Work): Listing {
  const { problem, tell, attempt } = useAttempt(problemText);
  const asked = async (work: Work) => (office.value === null ? undefined : work(office.value));
  const [inTurn] = useState(createTurns<unknown>);
  const reload = () => inTurn(() => asked(load));
  const ask = (work: Work) => void attempt(() => asked(work));
  const change = (work: Work) =>
    void attempt(async () => {
      await asked(work);
      await reload();
    });
  useEffect(() => void attempt(reload), []);
  return { problem, tell, ask, change, reload };
}
