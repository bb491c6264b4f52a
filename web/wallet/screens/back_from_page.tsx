/** Back from an issuer's page: the code that it gave brings the cards, or it says why there are none. */

import { useEffect, useState } from "preact/hooks";
import { useAttempt } from "../../shared/attempt";
import { t } from "../../shared/language";
import { Button, Problem, Progress } from "../../shared/ui";
import { redeemCodes, takeResponse } from "../authorization";
import { OfferError, readOffer } from "../issuance";
import {
  adopt,
  dropOffer,
  dropResponse,
  go,
  goToStart,
  lock,
  people,
  screen,
  vault,
  waitingOffer,
  waitingResponse,
} from "../state";
import type { Vault } from "../vault";
import { problemOf } from "./add_card";
import { Offline } from "./offline";

export function BackFromPage() {
  const { problem, working, tell, attempt } = useAttempt(problemOf);
  const [failure, setFailure] = useState<OfferError | null>(null);

  async function goOn(): Promise<void> {
    setFailure(null);
    try {
      if (await bringCards()) tell(() => t.value("problem_refused"));
    } catch (error) {
      if (error instanceof OfferError) setFailure(error);
      throw error;
    }
  }

  useEffect(() => void attempt(goOn), []);

  return (
    <main>
      <h1>{t.value("page_back")}</h1>
      <Offline />
      {problem === null ? null : <Problem>{problem}</Problem>}
      {working ? <Progress>{t.value("accepting")}</Progress> : null}
      {working || problem === null ? null : (
        <div class="choices">
          {failure?.problem === "not_reached" ? (
            <Button onClick={() => void attempt(goOn)}>{t.value("page_try_again")}</Button>
          ) : failure?.problem === "page_not_waited_for" && vault.value !== null && people.value.length > 1 ? (
            <Button onClick={lock}>{t.value("page_other_wallet")}</Button>
          ) : failure != null && failure.offer !== null ? (
            <Button onClick={() => beginAgain(failure.offer ?? "")}>{t.value("page_begin_again")}</Button>
          ) : null}
          <Button kind="quiet" onClick={leave}>
            {t.value(vault.value === null ? "next" : "page_to_cards")}
          </Button>
        </div>
      )}
    </main>
  );
}

/** Whether some of what was offered was refused; the cards are shown where none was. Throws `OfferError`. */
async function bringCards(): Promise<boolean> {
  const opened = vault.value;
  const response = waitingResponse.value;
  if (opened === null) throw new OfferError("page_not_waited_for");
  const now = Math.floor(Date.now() / 1000);
  try {
    const current = response === null ? opened : await takeWaiting(opened, response, now);
    const taken = await redeemCodes(current, now);
    await adopt(taken.vault);
    if (vault.value?.id !== opened.id || screen.value.name !== "back_from_page") return false;
    dropOffer();
    if (!taken.refused) go({ name: "cards" });
    return taken.refused;
  } catch (error) {
    await adopt(opened);
    throw error;
  }
}

/** What this wallet waited for is dealt with, whatever it says; what it did not may be another one's. */
async function takeWaiting(
  opened: Vault,
  response: NonNullable<typeof waitingResponse.value>,
  now: number,
): Promise<Vault> {
  try {
    const current = await takeResponse(opened, response, now);
    dropResponse();
    return current;
  } catch (error) {
    if (error instanceof OfferError && error.problem !== "page_not_waited_for") {
      dropResponse();
      dropOffer();
    }
    throw error;
  }
}

function beginAgain(offer: string): void {
  waitingOffer.value = readOffer(offer);
  go({ name: "add" });
}

function leave(): void {
  dropResponse();
  dropOffer();
  if (vault.value === null) void goToStart();
  else go({ name: "cards" });
}
