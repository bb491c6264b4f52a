/** The wallet's first screen: the cards, and one tap to the code that a hospital scans. */

import { useEffect } from "preact/hooks";
import { t } from "../../shared/language";
import { Button } from "../../shared/ui";
import { cardsOf, inOrder, passOf } from "../cards";
import { catchUp } from "../catch_up";
import { type Sign, SignPicture } from "../pictures";
import { go, lock, vault } from "../state";
import { CardFace, useNames } from "./card_face";
import { InboxButton } from "./inbox_button";

export function Cards() {
  const names = useNames();
  const opened = vault.value;
  useEffect(() => {
    if (opened !== null) void catchUp(opened);
  }, [opened?.id]);
  if (opened === null) return null;
  const now = Date.now() / 1000;
  const { credentials, statuses } = opened.content;
  const cards = inOrder(cardsOf(credentials), statuses, now);
  const pass = cards.map((card) => passOf(card, now)).find((found) => found !== undefined);
  return (
    <main class="home">
      <div class="top">
        <h1>{t.value("app_name")}</h1>
        <InboxButton />
        <SignButton sign="settings" label={t.value("settings")} onClick={() => go({ name: "settings" })} />
        <SignButton sign="lock" label={t.value("lock")} onClick={lock} />
      </div>
      {cards.length === 0 ? <p class="quiet-text">{t.value("no_cards")}</p> : null}
      <div class="choices">
        {cards.map((card) => (
          <CardFace key={card.id} card={card} names={names} onClick={() => go({ name: "card", id: card.id })} />
        ))}
        <Button kind={cards.length === 0 ? "main" : "quiet"} onClick={() => go({ name: "add" })}>
          {t.value("add_card")}
        </Button>
        {cards.length === 0 ? null : (
          <Button kind="quiet" onClick={() => go({ name: "answer" })}>
            {t.value("answer_desk")}
          </Button>
        )}
      </div>
      {pass === undefined ? null : (
        <div class="dock">
          <Button onClick={() => go({ name: "show", id: pass.id })}>
            <SignPicture sign="code" />
            {t.value("show")}
          </Button>
        </div>
      )}
    </main>
  );
}

function SignButton(props: { sign: Sign; label: string; onClick: () => void }) {
  return (
    <button type="button" class="quiet" aria-label={props.label} title={props.label} onClick={props.onClick}>
      <SignPicture sign={props.sign} />
    </button>
  );
}
