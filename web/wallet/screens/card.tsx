/** One card in full: how it stands, what it is for, and all that it says. */

import { useEffect, useState } from "preact/hooks";
import { claimText, useNames } from "../../shared/claim_text";
import { language, t } from "../../shared/language";
import { BackButton, Button, Problem, Progress } from "../../shared/ui";
import { cardWith, passOf, type Standing, standingOf } from "../cards";
import { checkNow } from "../catch_up";
import { copiesOf, unusedCopies } from "../copies";
import { SignPicture } from "../pictures";
import { go, vault } from "../state";
import { CardFace, typeOf } from "./card_face";

export function Card(props: { id: string }) {
  const names = useNames();
  const opened = vault.value;
  const card = opened === null ? undefined : cardWith(opened.content.credentials, props.id);
  // One from a backup turned out to be bad: the first screen says so.
  useEffect(() => {
    if (opened !== null && card === undefined) go({ name: "cards" });
  }, [opened, card === undefined]);
  if (card === undefined) return null;
  const now = Date.now() / 1000;
  const type = typeOf(names, card.held);
  const pass = passOf(card, now);
  return (
    <main>
      <BackButton onClick={() => go({ name: "cards" })} />
      <h1 class="unseen">{type?.labels[language.value ?? "en"]}</h1>
      <CardFace card={card} names={names} />
      {pass === undefined ? null : (
        <Button onClick={() => go({ name: "show", id: pass.id })}>
          <SignPicture sign="code" />
          {t.value("show")}
        </Button>
      )}
      <StandingAdvice standing={standingOf(card, opened?.content.statuses, now)} />
      {type === undefined ? null : (
        <section class="purpose">
          <h2>{t.value("purpose")}</h2>
          <p>{t.value(`purpose_${type.name}` as "purpose_HealthId")}</p>
        </section>
      )}
      <CopiesLeft copies={unusedCopies(copiesOf(opened?.content.credentials ?? [], pass ?? card.held), now)} />
      <dl class="claims">
        {type?.claims
          .filter(({ name, kind }) => kind !== "image" && card.held.claims[name] !== undefined)
          .map((claim) => (
            <div key={claim.name}>
              <dt>{claim.labels[language.value ?? "en"]}</dt>
              <dd>{claimText(claim, card.held.claims[claim.name] ?? "", names)}</dd>
            </div>
          ))}
      </dl>
      {pass === undefined ? null : (
        <Button kind="quiet" onClick={() => go({ name: "print", id: pass.id })}>
          {t.value("print_button")}
        </Button>
      )}
    </main>
  );
}

function CopiesLeft({ copies }: { copies: number | null }) {
  return copies === null ? null : <p class="quiet-text">{t.value("copies_left", { count: copies })}</p>;
}

/** What a card's standing means for its holder, and the way to ask anew. */
function StandingAdvice({ standing }: { standing: Standing }) {
  const [state, setState] = useState<"idle" | "asking" | "failed">("idle");
  const { kind } = standing;

  async function check(): Promise<void> {
    if (vault.value === null) return;
    setState("asking");
    const failed = await checkNow(vault.value).catch(() => 1);
    setState(failed === 0 ? "idle" : "failed");
  }

  return (
    <section class="standing" aria-live="polite">
      {kind === "good" || kind === "no_list" ? null : <p>{t.value(`advice_${kind}`)}</p>}
      {state === "asking" ? <Progress>{t.value("checking")}</Progress> : null}
      {state === "failed" ? <Problem>{t.value("check_failed")}</Problem> : null}
      {kind === "no_list" || kind === "expired" ? null : (
        <Button kind="quiet" onClick={() => void check()} disabled={state === "asking"}>
          {t.value("check_now")}
        </Button>
      )}
    </section>
  );
}
