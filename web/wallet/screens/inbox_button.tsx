/** The way to the messages, with how many are new. */

import { t } from "../../shared/language";
import { unreadCount } from "../message";
import { go, vault } from "../state";
import { KindIcon } from "./icons";
import "./inbox.css";

export function InboxButton() {
  const unread = vault.value === null ? 0 : unreadCount(vault.value.content);
  const count = unread > 9 ? "9+" : unread;
  return (
    <button
      type="button"
      class="quiet inbox-button"
      aria-label={unread === 0 ? t.value("inbox") : t.value("inbox_unread", { count })}
      onClick={() => go({ name: "inbox" })}
    >
      <KindIcon kind="other" />
      {unread === 0 ? null : (
        <span class="dot" aria-hidden="true">
          {count}
        </span>
      )}
    </button>
  );
}
