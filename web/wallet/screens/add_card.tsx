/** Taking an offer: its link, the question whether to ask the office, what it offers, and the code. */

import { useEffect, useState } from "preact/hooks";
import { useAttempt, type Words } from "../../shared/attempt";
import { language, t } from "../../shared/language";
import { Scanner } from "../../shared/scanner";
import { BackButton, Button, Field, focusHeading, Problem, Progress } from "../../shared/ui";
import { acceptOffer, type DescribedOffer, describeOffer, OfferError, readOffer } from "../issuance";
import { isOnItsWay } from "../pending";
import { SignPicture } from "../pictures";
import { readRequest } from "../presentation";
import {
  adopt,
  describedOffer,
  dropOffer,
  go,
  leaveOffer,
  screen,
  vault,
  waitingOffer,
  waitingRequest,
} from "../state";
import { KnownIssuers } from "./known_issuers";
import { Offline } from "./offline";

export function AddCard() {
  const waiting = waitingOffer.value;
  const described = describedOffer.value;
  const { problem, working, tell, attempt } = useAttempt(problemOf);

  useEffect(focusHeading, [waiting, described]);

  /** Goes on with a text that is an offer, or that a desk's request is; nobody is asked anything yet. */
  function takeUp(text: string): boolean {
    const read = firstOf(() => readOffer(text));
    if (read !== null) {
      waitingOffer.value = read;
      if (vault.value !== null && isOnItsWay(vault.value.content, read.link)) void leaveOffer();
      tell(null);
      return true;
    }
    waitingRequest.value = firstOf(() => readRequest(text));
    if (waitingRequest.value === null) tell(() => t.value("problem_not_an_offer"));
    else go({ name: "answer" });
    return waitingRequest.value !== null;
  }

  async function ask(): Promise<void> {
    if (waiting === null) return;
    const found = await describeOffer(waiting);
    // Left meanwhile, it is not what is waited for any more.
    if (waitingOffer.value === waiting) describedOffer.value = found;
  }

  return (
    <main>
      <BackButton onClick={() => void leaveOffer()} />
      <h1>
        {described === null
          ? t.value("add_card")
          : t.value("consent", { host: described.issuerName ?? described.host })}
      </h1>
      <Offline />
      {waiting === null ? (
        <>
          <Scanner onRead={takeUp} />
          <OfferLink onGiven={takeUp} />
          <KnownIssuers />
        </>
      ) : described === null ? (
        <>
          <p>{t.value("ask_host", { host: waiting.host })}</p>
          <Button disabled={working} onClick={() => void attempt(ask)}>
            {t.value("next")}
          </Button>
        </>
      ) : (
        <>
          <Offered described={described} />
          {described.pageHost === null ? null : (
            <Page host={described.pageHost} isKnown={described.issuerName !== null} />
          )}
          {vault.value === null ? (
            <Button onClick={() => go({ name: "new_profile" })}>{t.value("next")}</Button>
          ) : described.pageHost !== null ? (
            <Button disabled={working} onClick={() => void attempt(() => leave(described))}>
              {t.value("page_go", { host: described.pageHost })}
            </Button>
          ) : (
            <Agree
              described={described}
              working={working}
              onAgree={(code) => void attempt(() => take(described, code, tell))}
            />
          )}
        </>
      )}
      {problem === null ? null : <Problem>{problem}</Problem>}
      {working ? <Progress>{t.value(described === null ? "asking" : "accepting")}</Progress> : null}
    </main>
  );
}

/** The offer is kept meanwhile: who comes back without an answer may begin again. */
async function leave(described: DescribedOffer): Promise<void> {
  if (vault.value === null) return;
  const { leaveForPage } = await import("../authorization");
  const current = vault.value;
  const address = await leaveForPage(current, described, Math.floor(Date.now() / 1000));
  await adopt(current);
  // Left meanwhile, or for another offer, the holder goes nowhere.
  if (vault.value?.id === current.id && describedOffer.value === described) location.assign(address);
}

async function take(described: DescribedOffer, code: string | null, tell: (problem: Words) => void): Promise<void> {
  if (vault.value === null) return;
  const current = vault.value;
  const taken = await acceptOffer(current, described, code).catch(async (error) => {
    // Of what did not come, it has what there was of it.
    await adopt(current);
    throw error;
  });
  // The cards are on the disk. They are shown where this wallet is open still, and this screen is still the one shown.
  if (vault.value?.id !== taken.vault.id) return;
  vault.value = taken.vault;
  if (screen.value.name !== "add") return;
  dropOffer();
  if (!taken.refused) go({ name: "cards" });
  else tell(() => t.value("problem_refused"));
}

export function problemOf(error: unknown): string {
  return t.value(error instanceof OfferError ? `problem_${error.problem}` : "something_failed");
}

/** What a reader gives, null where it refuses the text. */
function firstOf<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

export function OfferLink(props: { onGiven: (text: string) => void }) {
  const [text, setText] = useState("");
  return (
    <>
      <Field label={t.value("paste_offer")} kind="link" value={text} onInput={setText} />
      <Button onClick={() => props.onGiven(text)} disabled={text.trim() === ""}>
        {t.value("next")}
      </Button>
    </>
  );
}

function Offered({ described }: { described: DescribedOffer }) {
  const names = new Set(described.credentials.map(({ type }) => type.labels[language.value ?? "en"]));
  const isKnown = described.issuerName !== null;
  return (
    <>
      <p class="asker">
        <span class={isKnown ? "chip good" : "chip warned"}>
          <SignPicture sign={isKnown ? "good" : "unknown"} />
          {t.value(isKnown ? "issuer_accredited" : "issuer_unknown")}
        </span>
        {isKnown ? <span class="quiet-text">{described.host}</span> : null}
      </p>
      <ul class="offered">
        {[...names].map((name) => (
          <li key={name}>{name}</li>
        ))}
      </ul>
    </>
  );
}

/** Where the holder has to say who they are; a warning before they do at a page that the registry knows nobody behind. */
function Page(props: { host: string; isKnown: boolean }) {
  return (
    <>
      <p>{t.value("page_advice", { host: props.host })}</p>
      {props.isKnown ? null : <p class="warning">{t.value("page_no_owner")}</p>}
    </>
  );
}

function Agree(props: { described: DescribedOffer; working: boolean; onAgree: (code: string | null) => void }) {
  const [code, setCode] = useState("");
  const { code: asked } = props.described;
  const complete = asked === null || (asked.length === null ? code !== "" : code.length === asked.length);
  return (
    <>
      {asked === null ? null : (
        <Field
          label={t.value("code")}
          kind={asked.numeric ? "code" : "text"}
          value={code}
          onInput={setCode}
          maxLength={asked.length ?? 64}
        />
      )}
      <Button onClick={() => props.onAgree(asked === null ? null : code)} disabled={!complete || props.working}>
        {t.value("accept")}
      </Button>
    </>
  );
}
