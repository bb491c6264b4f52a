/** The wallet's first screen: the cards, and one tap to the code that a hospital scans. */

import { useEffect } from "preact/hooks";
import { type Names, useNames } from "../../shared/claim_text";
import { language, t } from "../../shared/language";
import { Button } from "../../shared/ui";
import { cardsOf, inOrder, passOf } from "../cards";
import { catchUp } from "../catch_up";
import type { Authorization, PendingCredential } from "../held_credential";
import { readOffer } from "../issuance";
import { forgetPending, openAuthorizations } from "../pending";
import { type Sign, SignPicture } from "../pictures";
import { forgetLeftOut } from "../restored_check";
import { adopt, go, lock, vault, waitingOffer } from "../state";
import type { Vault } from "../vault";
import { CardFace } from "./card_face";
import { InboxButton } from "./inbox_button";
import { NextStep } from "./next_step";

const ASK_EVERY_MS = 10_000;

export function Cards() {
  const names = useNames();
  const opened = vault.value;
  useEffect(() => {
    const ask = () => {
      if (vault.value !== null) void catchUp(vault.value);
    };
    ask();
    // What the office has to approve comes while its holder looks on.
    const timer = setInterval(ask, ASK_EVERY_MS);
    addEventListener("online", ask);
    return () => {
      clearInterval(timer);
      removeEventListener("online", ask);
    };
  }, [opened?.id]);
  if (opened === null) return null;
  const now = Date.now() / 1000;
  const { credentials, statuses, pending = [], leftOut } = opened.content;
  const begun = openAuthorizations(opened.content, now);
  const cards = inOrder(cardsOf(credentials), statuses, now);
  const pass = cards.map((card) => passOf(card, now)).find((found) => found !== undefined);
  return (
    <main class="home">
      <div class="home-head">
        <h1>{t.value("app_name")}</h1>
        <InboxButton />
        <SignButton sign="settings" label={t.value("settings")} onClick={() => go({ name: "settings" })} />
        <SignButton sign="lock" label={t.value("lock")} onClick={lock} />
      </div>
      {cards.length + pending.length + begun.length === 0 ? <p class="quiet-text">{t.value("no_cards")}</p> : null}
      <div class="choices">
        {leftOut === undefined ? null : <LeftOut opened={opened} count={leftOut} />}
        {cards.map((card) => (
          <CardFace key={card.id} card={card} names={names} onClick={() => go({ name: "card", id: card.id })} />
        ))}
        {pending.map((each) => (
          <PendingCard key={each.id} pending={each} names={names} />
        ))}
        {begun.map((each) => (
          <BegunCard key={each.state} begun={each} />
        ))}
        {cards.length === 0 ? null : <NextStep opened={opened} />}
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

/** That cards of a backup are not here, since their issuer does not stand by them. */
function LeftOut(props: { opened: Vault; count: number }) {
  return (
    <section class="pending" role="status">
      <span class="chip bad">
        <SignPicture sign="bad" />
        {t.value("left_out", { count: props.count })}
      </span>
      <p class="quiet-text">{t.value("left_out_advice")}</p>
      <Button kind="quiet" onClick={() => void forgetLeftOut(props.opened).then(adopt)}>
        {t.value("left_out_read")}
      </Button>
    </section>
  );
}

/** A card that is on its way, that an office has to approve first, or that it refused. */
function PendingCard(props: { pending: PendingCredential; names: Names }) {
  const { pending } = props;
  const type = props.names.credential_types.find(({ vct }) => vct === pending.vct);
  const waits = pending.state === "waiting";
  const state = waits && pending.transactionId === null ? "begun" : pending.state;

  async function forget(): Promise<void> {
    if (vault.value !== null) await adopt(await forgetPending(vault.value, pending));
  }

  return (
    <section class="pending">
      <strong>{type?.labels[language.value ?? "en"] ?? pending.vct}</strong>
      <span class={waits ? "chip warned" : "chip bad"}>
        <SignPicture sign={waits ? "waiting" : "bad"} />
        {t.value(`pending_${state}`)}
      </span>
      <p class="quiet-text">{t.value(`pending_advice_${state}`)}</p>
      <Button kind="quiet" onClick={() => void forget()}>
        {t.value("pending_forget")}
      </Button>
    </section>
  );
}

/** What its holder went to an issuer's page for, and is not back from. */
function BegunCard({ begun }: { begun: Authorization }) {
  async function forget(): Promise<void> {
    const { forgetAuthorization } = await import("../authorization");
    if (vault.value !== null) await adopt(await forgetAuthorization(vault.value, begun));
  }

  function goOn(): void {
    if (begun.code === null) waitingOffer.value = readOffer(begun.offer);
    go({ name: begun.code === null ? "add" : "back_from_page" });
  }

  return (
    <section class="pending">
      <strong>{t.value("page_begun", { host: new URL(begun.credentialIssuer).host })}</strong>
      <span class="chip warned">
        <SignPicture sign="waiting" />
        {t.value("page_begun_state")}
      </span>
      {begun.code === null ? <p class="quiet-text">{t.value("page_begun_advice")}</p> : null}
      <Button kind="quiet" onClick={goOn}>
        {t.value(begun.code === null ? "page_begin_again" : "page_try_again")}
      </Button>
      <Button kind="quiet" onClick={() => void forget()}>
        {t.value("pending_forget")}
      </Button>
    </section>
  );
}

function SignButton(props: { sign: Sign; label: string; onClick: () => void }) {
  return (
    <button type="button" class="quiet" aria-label={props.label} title={props.label} onClick={props.onClick}>
      <SignPicture sign={props.sign} />
    </button>
  );
}
