/** Today's checks at this desk: when, what came of each, and whether the face was compared. Of whom, nobody keeps. */

import { useEffect, useState } from "preact/hooks";
import { t, timeText } from "../../shared/language";
import { Problem, Progress } from "../../shared/ui";
import { type Today, verifier } from "../api";
import { Icon } from "../icons";
import { words } from "../state";
import "./today.css";

export function TodayScreen() {
  const [today, setToday] = useState<Today | "failed" | null>(null);

  useEffect(() => {
    verifier
      .today()
      .then(setToday)
      .catch(() => setToday("failed"));
  }, []);

  if (today === null) return <Progress>{t.value("desk_today")}</Progress>;
  if (today === "failed") return <Problem>{t.value("desk_unreachable")}</Problem>;
  return (
    <section class="today">
      <h1>{t.value("desk_today")}</h1>
      <p>{t.value("desk_today_counts", { accepted: today.accepted, rejected: today.rejected })}</p>
      <p class="quiet-text">{t.value("desk_today_no_names")}</p>
      {today.checks.length === 0 ? null : (
        <table>
          <thead>
            <tr>
              <th scope="col">{t.value("desk_today_time")}</th>
              <th scope="col">{t.value("desk_today_answer")}</th>
              <th scope="col">{t.value("desk_today_face")}</th>
            </tr>
          </thead>
          <tbody>
            {today.checks.map((check) => (
              <Line key={check.check_id} check={check} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Line(props: { check: Today["checks"][number] }) {
  const { check } = props;
  const known = words.value;
  const type = check.credential_type === null ? null : known?.credential_types[check.credential_type]?.label;
  const reason = check.verdict === "accepted" ? null : known?.reasons[check.code];
  return (
    <tr>
      <td class="number">{timeText(check.checked_at)}</td>
      <td>
        <strong class={check.verdict}>
          <Icon name={check.verdict} /> {known?.labels[check.verdict]}
        </strong>
        <span>{[type, reason, check.checked_by].filter(Boolean).join(" · ")}</span>
      </td>
      <td>{faceText(check.same_person)}</td>
    </tr>
  );
}

function faceText(samePerson: boolean | null): string {
  if (samePerson === null) return "–";
  return t.value(samePerson ? "desk_face_same" : "desk_face_other");
}
