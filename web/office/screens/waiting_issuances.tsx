/** Cards that wallets have asked for and that wait for an approver: what each would say, and the decision. */

import { useEffect, useState } from "preact/hooks";
import { t } from "../../shared/language";
import { Button, Problem } from "../../shared/ui";
import type { Person, WaitingSet } from "../api";
import { momentText } from "../names";
import { labelOf } from "../offered_types";
import { problemText } from "../problem_text";
import { may, office, types } from "../state";

const REASONS = ["not_entitled", "documents_missing", "identity_unclear", "other"] as const;

interface Listed {
  set: WaitingSet;
  person: Person;
}

export function WaitingIssuances() {
  const [waiting, setWaiting] = useState<Listed[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);

  async function reload(): Promise<void> {
    const asked = office.value;
    if (asked === null) return;
    const sets = await asked.waitingSets();
    setWaiting(await Promise.all(sets.map(async (set) => ({ set, person: await asked.person(set.person_id) }))));
  }
  async function attempt(work: () => Promise<unknown>): Promise<void> {
    setProblem(null);
    try {
      await work();
    } catch (error) {
      setProblem(problemText(error));
    }
    await reload().catch((error: unknown) => setProblem(problemText(error)));
  }
  useEffect(() => {
    void attempt(async () => {});
  }, []);

  return (
    <>
      <h2>{t.value("waiting_title")}</h2>
      {problem === null ? null : <Problem>{problem}</Problem>}
      {waiting?.length === 0 ? (
        <p class="quiet-text" role="status">
          {t.value("waiting_none")}
        </p>
      ) : null}
      <ul class="jobs">
        {waiting?.map(({ set, person }) => (
          <Waiting
            key={set.id}
            set={set}
            person={person}
            onApprove={() => void attempt(async () => office.value?.approveSet(set.id))}
            onRefuse={(reason) => void attempt(async () => office.value?.refuseSet(set.id, reason))}
          />
        ))}
      </ul>
    </>
  );
}

function Waiting(props: Listed & { onApprove: () => void; onRefuse: (reason: string) => void }) {
  const { set, person } = props;
  const [refusing, setRefusing] = useState(false);
  const [reason, setReason] = useState("");
  const type = types.value.find(({ configurations }) => configurations.includes(set.credential_configuration_id));
  return (
    <li>
      <div class="title">
        <strong>{labelOf(type?.labels ?? { en: set.credential_configuration_id })}</strong>
        <span class="quiet-text">{t.value("waiting_since", { time: momentText(set.created_at) })}</span>
      </div>
      <p>
        <strong>{person.name}</strong> {person.name_latin} <span class="quiet-text">{person.health_id}</span>
      </p>
      <dl class="said">
        {type?.claims.map(({ name, labels }) => {
          const value = set.claims?.[name] ?? (name === "birth_year" ? person.birth_date.slice(0, 4) : person[name]);
          return value === undefined || value === "" ? null : (
            <div key={name}>
              <dt>{labelOf(labels)}</dt>
              <dd>{value}</dd>
            </div>
          );
        })}
      </dl>
      {!may("approver") ? null : refusing ? (
        <form
          class="reason"
          onSubmit={(event) => {
            event.preventDefault();
            props.onRefuse(reason);
          }}
        >
          <label class="field">
            <span>{t.value("reason_title")}</span>
            <select value={reason} onChange={(event) => setReason(event.currentTarget.value)} required>
              <option value="" disabled>
                {t.value("reason_choose")}
              </option>
              {REASONS.map((each) => (
                <option key={each} value={each}>
                  {t.value(`waiting_reason_${each}`)}
                </option>
              ))}
            </select>
          </label>
          <div class="actions">
            <Button submit kind="danger" disabled={reason === ""}>
              {t.value("waiting_refuse")}
            </Button>
            <Button kind="quiet" onClick={() => setRefusing(false)}>
              {t.value("office_cancel")}
            </Button>
          </div>
        </form>
      ) : (
        <div class="actions">
          <Button onClick={props.onApprove}>{t.value("waiting_approve")}</Button>
          <Button kind="quiet" onClick={() => setRefusing(true)}>
            {t.value("waiting_refuse")}
          </Button>
        </div>
      )}
    </li>
  );
}
