/** Messages: the list, one of them, and "this wasn't me". */

import { useEffect, useState } from "preact/hooks";
import { hospitalText, type Names, useNames } from "../../shared/claim_text";
import { dateText, type TextKey, t, timeText } from "../../shared/language";
import { BackButton, Button, Problem, Progress } from "../../shared/ui";
import { dispute, openMessage, refreshInbox } from "../inbox";
import { isDisputable, kindOf, type Message, messageText } from "../message";
import { adopt, go, vault } from "../state";
import { KindIcon } from "./icons";
import { Notifications } from "./notifications";

export function Inbox() {
  const [state, setState] = useState<"fetching" | "fetched" | "offline">("fetching");
  useEffect(() => {
    if (vault.value === null) return;
    refreshInbox(vault.value)
      .then(adopt)
      .then(
        () => setState("fetched"),
        () => setState("offline"),
      );
  }, []);
  const names = useNames();
  const content = vault.value?.content;
  if (content === undefined) return null;
  const messages = [...(content.inbox ?? [])].reverse();
  return (
    <main>
      <BackButton onClick={() => go({ name: "cards" })} />
      <h1>{t.value("inbox")}</h1>
      {content.device === undefined ? null : <Notifications />}
      {messages.length === 0 && state === "fetching" ? <Progress>{t.value("inbox_fetching")}</Progress> : null}
      {state === "offline" ? (
        <p class="quiet-text" role="status">
          {t.value("inbox_offline")}
        </p>
      ) : null}
      {messages.length === 0 && state === "fetched" ? (
        <p class="quiet-text">{t.value(content.device === undefined ? "inbox_needs_health_id" : "inbox_none")}</p>
      ) : null}
      <ul class="list messages">
        {messages.map((message) => (
          <li key={message.id}>
            <Line message={message} names={names} />
          </li>
        ))}
      </ul>
      <Button kind="quiet" onClick={() => go({ name: "history" })}>
        {t.value("history")}
      </Button>
    </main>
  );
}

function Line({ message, names }: { message: Message; names: Names }) {
  const kind = kindOf(message);
  const unread = message.opened_at === null;
  return (
    <button
      type="button"
      class={unread ? "message unread" : "message"}
      onClick={() => go({ name: "message", id: message.id })}
    >
      <KindIcon kind={kind} />
      <span class="message-words">
        <span class="message-head">
          <span>{t.value(`inbox_kind_${kind}`)}</span>
          {unread ? <span class="tag">{t.value("inbox_new")}</span> : null}
        </span>
        <span class="message-text">{textOf(message, names)}</span>
        <span class="quiet-text">{moment(message.created_at)}</span>
      </span>
    </button>
  );
}

export function OneMessage({ id }: { id: string }) {
  const names = useNames();
  const content = vault.value?.content;
  const message = content?.inbox?.find((each) => each.id === id);
  useEffect(() => {
    if (vault.value !== null) void openMessage(vault.value, id).then(adopt, () => undefined);
  }, [id]);
  if (message === undefined) return null;
  const kind = kindOf(message);
  return (
    <main>
      <BackButton onClick={() => go({ name: "inbox" })} />
      <div class="message-title">
        <KindIcon kind={kind} />
        <h1>{t.value(`inbox_kind_${kind}`)}</h1>
      </div>
      <p class="quiet-text">{moment(message.created_at)}</p>
      <p class="message-whole">{textOf(message, names)}</p>
      {isDisputable(message, content?.device?.id) ? <NotMe message={message} /> : null}
    </main>
  );
}

const CONSEQUENCE: Record<string, TextKey> = {
  card_shown: "dispute_sighting",
  claim_approved: "dispute_claim",
  device_registered: "dispute_device",
};

function NotMe({ message }: { message: Message }) {
  const [step, setStep] = useState<"closed" | "asking" | "sending" | "failed">("closed");
  if (message.disputed_at !== undefined)
    return (
      <p class="done" role="status">
        {t.value("dispute_sent", { date: dateText(message.disputed_at) })}{" "}
        {message.template === "device_registered" ? t.value("dispute_device_sent") : null}
      </p>
    );
  if (step === "closed")
    return (
      <Button kind="quiet" onClick={() => setStep("asking")}>
        {t.value("dispute_not_me")}
      </Button>
    );

  async function send(): Promise<void> {
    if (vault.value === null) return;
    setStep("sending");
    await dispute(vault.value, message.id).then(adopt, () => setStep("failed"));
  }

  return (
    <section class="panel">
      <p>{t.value(CONSEQUENCE[message.template] ?? "dispute_sighting")}</p>
      {step === "failed" ? <Problem>{t.value("dispute_failed")}</Problem> : null}
      {step === "sending" ? <Progress>{t.value("sharing")}</Progress> : null}
      <Button onClick={() => void send()} disabled={step === "sending"}>
        {t.value("dispute_send")}
      </Button>
      <Button kind="quiet" onClick={() => setStep("closed")} disabled={step === "sending"}>
        {t.value("dispute_cancel")}
      </Button>
    </section>
  );
}

function textOf(message: Message, names: Names): string {
  const device = vault.value?.content.device;
  const hospital = (code: string) => hospitalText(code, names);
  return messageText(message, device === undefined ? { hospital } : { device: device.id, hospital });
}

export function moment(seconds: number): string {
  return `${dateText(seconds)}, ${timeText(seconds)}`;
}
