/** Cards that wallets have asked for and that wait for an approver: what each would say, and the decision. */

import { useState } from "preact/hooks";
import { t } from "../../shared/language";
import { Button, Problem } from "../../shared/ui";
import type { Office, Person, WaitingSet } from "../api";
import { useListing } from "../listing";
import { momentText } from "../names";
import { labelOf } from "../offered_types";
import { may, types } from "../state";
import { DecisionForm } from "./decision_form";
import { ReasonField } from "./reason_form";

const REASONS = ["not_entitled", "documents_missing", "identity_unclear", "other"] as const;
type Reason = (typeof REASONS)[number];

interface Listed {
  set: WaitingSet;
  person: Person;
}

export function WaitingIssuances() {
  const [waiting, setWaiting] = useState<Listed[] | null>(null);
  const { problem, ask } = useListing(load);

  async function load(asked: Office): Promise<void> {
    const sets = await asked.waitingSets();
    setWaiting(await Promise.all(sets.map(async (set) => ({ set, person: await asked.person(set.person_id) }))));
  }

  /** What is refused may have been decided by another: it is looked at anew then, too. */
  const decide = (work: (asked: Office) => Promise<void>) => ask((asked) => work(asked).finally(() => load(asked)));

  return (
    <>
      <h2>{t.value("waiting_title")}</h2>
      {problem === null ? null : <Problem>{problem}</Problem>}
      {waiting?.length === 0 ? (
        <p class="quiet-text" role="status">
          {t.value("waiting_none")}
        </p>
      ) : null}
      <ul class="list jobs">
        {waiting?.map(({ set, person }) => (
          <Waiting
            key={set.id}
            set={set}
            person={person}
            onApprove={() => decide((asked) => asked.approveSet(set.id))}
            onRefuse={(reason) => decide((asked) => asked.refuseSet(set.id, reason))}
          />
        ))}
      </ul>
    </>
  );
}

function Waiting(props: Listed & { onApprove: () => void; onRefuse: (reason: Reason) => void }) {
  const { set, person } = props;
  const [refusing, setRefusing] = useState(false);
  const [reason, setReason] = useState<Reason | "">("");
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
        <DecisionForm
          submit={t.value("waiting_refuse")}
          dangerous
          complete={reason !== ""}
          onDecide={() => reason !== "" && props.onRefuse(reason)}
          onCancel={() => setRefusing(false)}
        >
          <ReasonField
            reasons={REASONS}
            nameOf={(each) => t.value(`waiting_reason_${each}`)}
            reason={reason}
            onChoose={setReason}
          />
        </DecisionForm>
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
