/** Cards that wallets have asked for and that wait for an approver: what each would say, and the decision. */

import { useState } from "preact/hooks";
import { claimText, type Names, useNames } from "../../shared/claim_text";
import type { Claim } from "../../shared/credential_types";
import { t } from "../../shared/language";
import { Portrait } from "../../shared/portrait";
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

/** What stands above what the card says. */
const IN_THE_TITLE = ["name", "name_latin", "health_id"];

interface Listed {
  set: WaitingSet;
  person: Person;
  photo: Blob | null;
}

export function WaitingIssuances() {
  const [waiting, setWaiting] = useState<Listed[] | null>(null);
  const { problem, ask, reload } = useListing(load);
  const names = useNames();

  async function load(asked: Office): Promise<void> {
    const sets = await asked.waitingSets();
    setWaiting(await Promise.all(sets.map((set) => listed(asked, set))));
  }

  /** What is refused may have been decided by another: it is looked at anew then, too. */
  const decide = (work: (asked: Office) => Promise<void>) => ask((asked) => work(asked).finally(reload));

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
        {waiting?.map(({ set, ...of }) => (
          <Waiting
            key={set.id}
            set={set}
            {...of}
            names={names}
            onApprove={() => decide((asked) => asked.approveSet(set.id))}
            onRefuse={(reason) => decide((asked) => asked.refuseSet(set.id, reason))}
          />
        ))}
      </ul>
    </>
  );
}

const typeOf = (set: WaitingSet) =>
  types.value.find(({ configurations }) => configurations.includes(set.credential_configuration_id));

async function listed(asked: Office, set: WaitingSet): Promise<Listed> {
  const pictured = typeOf(set)?.claims.some(({ kind }) => kind === "image");
  const [person, photo] = await Promise.all([
    asked.person(set.person_id),
    pictured ? asked.portrait(set.person_id) : null,
  ]);
  return { set, person, photo };
}

/** A claim's value, as the officer stated it or else as the roster has it; nothing where neither does. */
function saidOf({ set, person }: Listed, { name }: Claim): string | number | undefined {
  const ofPerson = name === "birth_year" ? person.birth_date.slice(0, 4) : person[name];
  return set.claims?.[name] ?? (ofPerson === "" ? undefined : ofPerson);
}

function Waiting(props: Listed & { names: Names; onApprove: () => void; onRefuse: (reason: Reason) => void }) {
  const { set, person, photo } = props;
  const [refusing, setRefusing] = useState(false);
  const [reason, setReason] = useState<Reason | "">("");
  const type = typeOf(set);
  return (
    <li>
      <div>
        <h3>
          {person.name} <span class="quiet-text">{person.name_latin}</span>
        </h3>
        <p class="quiet-text">{person.health_id}</p>
      </div>
      <p>
        <strong>{labelOf(type?.labels ?? { en: set.credential_configuration_id })}</strong>{" "}
        <span class="quiet-text">{t.value("waiting_since", { time: momentText(set.created_at) })}</span>
      </p>
      {photo === null ? null : <Portrait picture={photo} label={t.value("office_photo")} />}
      <dl class="said">
        {type?.claims.map((claim) => {
          const value = IN_THE_TITLE.includes(claim.name) ? undefined : saidOf(props, claim);
          return value === undefined ? null : (
            <div key={claim.name}>
              <dt>{labelOf(claim.labels)}</dt>
              <dd>{claimText(claim, value, props.names)}</dd>
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
