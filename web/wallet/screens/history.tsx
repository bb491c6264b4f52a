/** Who saw the holder's cards: what was shown with this phone, and what hospitals say that they checked. */

import { hospitalText, type Names, useNames } from "../../shared/claim_text";
import { language, t } from "../../shared/language";
import { BackButton } from "../../shared/ui";
import { type Message, messageText } from "../message";
import type { Share } from "../shares";
import { go, vault } from "../state";
import { KindIcon } from "./icons";
import { moment } from "./inbox";

type Entry = { at: number; share: Share } | { at: number; sighting: Message };

export function History() {
  const names = useNames();
  const content = vault.value?.content;
  if (content === undefined) return null;
  const entries: Entry[] = [
    ...(content.history ?? []).map((share) => ({ at: share.at, share })),
    ...(content.inbox ?? [])
      .filter(({ template }) => template === "card_shown")
      .map((sighting) => ({ at: Number(sighting.parameters.checked_at), sighting })),
  ].sort((one, other) => other.at - one.at);
  return (
    <main>
      <BackButton onClick={() => go({ name: "inbox" })} />
      <h1>{t.value("history")}</h1>
      <p class="quiet-text">{t.value("history_advice")}</p>
      {entries.length === 0 ? <p>{t.value("history_none")}</p> : null}
      <ul class="list messages">
        {entries.map((entry) => (
          <li key={"share" in entry ? `share ${entry.at} ${entry.share.to}` : entry.sighting.id}>
            {"share" in entry ? (
              <Shown share={entry.share} names={names} />
            ) : (
              <Sighting message={entry.sighting} names={names} />
            )}
          </li>
        ))}
      </ul>
    </main>
  );
}

function Shown({ share, names }: { share: Share; names: Names }) {
  const read = language.value ?? "en";
  return (
    <div class="message">
      <KindIcon kind="seen" />
      <span class="message-words">
        <strong>{share.to === null ? t.value("history_qr") : t.value("history_to", { name: share.to })}</strong>
        {share.shown.map(({ vct, claims }) => {
          const type = names.credential_types.find((each) => each.vct === vct);
          const labels = type?.claims.filter(({ name }) => claims.includes(name)).map(({ labels }) => labels[read]);
          return (
            <span key={vct}>
              {type?.labels[read] ?? vct}
              {labels === undefined || labels.length === 0 ? "" : `: ${labels.join(", ")}`}
            </span>
          );
        })}
        <span class="quiet-text">{moment(share.at)}</span>
      </span>
    </div>
  );
}

function Sighting({ message, names }: { message: Message; names: Names }) {
  return (
    <button type="button" class="message" onClick={() => go({ name: "message", id: message.id })}>
      <KindIcon kind="security" />
      <span class="message-words">
        <span class="message-text">{messageText(message, { hospital: (code) => hospitalText(code, names) })}</span>
        {message.disputed_at === undefined ? null : <span class="tag">{t.value("history_disputed")}</span>}
      </span>
    </button>
  );
}
