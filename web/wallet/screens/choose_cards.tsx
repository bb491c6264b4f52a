/** Which cards to get from an issuer that has offered nothing: it is asked what it has. */

import { useEffect, useState } from "preact/hooks";
import { useAttempt } from "../../shared/attempt";
import { language, t } from "../../shared/language";
import { BackButton, Button, Problem, Progress } from "../../shared/ui";
import { describeOffer } from "../issuance";
import { type KnownIssuer, type Obtainable, obtainableFrom, writeOffer } from "../known_issuers";
import { describedOffer, go, leaveOffer, screen, vault, waitingOffer } from "../state";
import { problemOf } from "./add_card";
import { Offline } from "./offline";

export function ChooseCards({ issuer }: { issuer: KnownIssuer }) {
  const [obtainable, setObtainable] = useState<readonly Obtainable[]>([]);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const { problem, working, attempt } = useAttempt(problemOf);

  async function ask(): Promise<void> {
    const found = await obtainableFrom(issuer);
    setObtainable(found);
    setChosen(found.filter(({ type }) => !isHeld(type.vct)).map(({ type }) => type.vct));
  }

  async function goOn(): Promise<void> {
    const shown = screen.value;
    const offer = writeOffer(
      issuer,
      obtainable.filter(({ type }) => chosen.includes(type.vct)),
    );
    const described = await describeOffer(offer);
    // Left meanwhile, it is not what is wanted any more.
    if (screen.value !== shown) return;
    waitingOffer.value = offer;
    describedOffer.value = described;
    go({ name: "add" });
  }

  useEffect(() => void attempt(ask), []);

  return (
    <main>
      <BackButton onClick={() => void leaveOffer()} />
      <h1>{t.value("get_which")}</h1>
      <p class="quiet-text">{t.value("get_advice", { name: issuer.name })}</p>
      <Offline />
      <div class="choices">
        {obtainable.map(({ type }) => (
          <label key={type.vct} class="choice-line">
            <input
              type="checkbox"
              checked={chosen.includes(type.vct)}
              onChange={(event) =>
                setChosen([
                  ...chosen.filter((vct) => vct !== type.vct),
                  ...(event.currentTarget.checked ? [type.vct] : []),
                ])
              }
            />
            <span>{type.labels[language.value ?? "en"]}</span>
          </label>
        ))}
      </div>
      {problem === null ? null : <Problem>{problem}</Problem>}
      {working ? <Progress>{t.value("asking")}</Progress> : null}
      {obtainable.length > 0 ? (
        <Button disabled={working || chosen.length === 0} onClick={() => void attempt(goOn)}>
          {t.value("next")}
        </Button>
      ) : working ? null : (
        <Button onClick={() => void attempt(ask)}>{t.value("page_try_again")}</Button>
      )}
    </main>
  );
}

function isHeld(vct: string): boolean {
  return vault.value?.content.credentials.some((held) => held.vct === vct) ?? false;
}
