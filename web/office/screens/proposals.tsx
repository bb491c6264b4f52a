/** What waits for a second pair of eyes: who proposed it, what and why, and the decision; below, what was decided. */

import { useState } from "preact/hooks";
import { numberText, t } from "../../shared/language";
import { Button, Field, Problem } from "../../shared/ui";
import type { Office, Person, Proposal } from "../api";
import { useListing } from "../listing";
import { actionName, momentText, principalName, reasonName, roleName } from "../names";
import { labelOf } from "../offered_types";
import { go, may, me, types } from "../state";
import { DecisionForm } from "./decision_form";

export function Proposals() {
  const [proposals, setProposals] = useState<Proposal[] | null>(null);
  const [people, setPeople] = useState<ReadonlyMap<string, Person>>(new Map());
  const { problem, change } = useListing(load);

  async function load(asked: Office): Promise<void> {
    const listed = await asked.proposals({});
    setProposals(listed);
    const waiting = listed.filter(isOnPerson).map(({ record_id }) => record_id);
    const found = await Promise.allSettled([...new Set(waiting)].map((id) => asked.person(id)));
    const loaded = found.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    setPeople(new Map(loaded.map((person) => [person.person_id, person])));
  }

  const waiting = proposals?.filter(({ state }) => state === "waiting") ?? [];
  const past = proposals?.filter(({ state }) => state !== "waiting") ?? [];
  return (
    <>
      <h2>{t.value("proposals_title")}</h2>
      {problem === null ? null : <Problem>{problem}</Problem>}
      {proposals !== null && waiting.length === 0 ? (
        <p class="quiet-text" role="status">
          {t.value("proposals_none")}
        </p>
      ) : null}
      <ul class="list proposals">
        {waiting.map((proposal) => (
          <Waiting
            key={proposal.id}
            proposal={proposal}
            person={people.get(proposal.record_id)}
            onApprove={() => change((asked) => asked.approve(proposal.id))}
            onReject={(note) => change((asked) => asked.reject(proposal.id, note))}
          />
        ))}
      </ul>
      {past.length === 0 ? null : (
        <section>
          <h3>{t.value("proposals_past")}</h3>
          <ul class="list proposals">
            {past.map((proposal) => (
              <li key={proposal.id}>
                <What proposal={proposal} />
                <Decision proposal={proposal} />
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

const isOnPerson = ({ state, action }: Proposal) =>
  state === "waiting" && ["suspend", "restore", "revoke"].includes(action);

function Waiting(props: {
  proposal: Proposal;
  person: Person | undefined;
  onApprove: () => void;
  onReject: (note: string) => void;
}) {
  const { proposal, person } = props;
  const [rejecting, setRejecting] = useState(false);
  const [note, setNote] = useState("");
  return (
    <li>
      <What proposal={proposal} />
      {person === undefined ? null : (
        <button type="button" class="link" onClick={() => go({ name: "person", person })}>
          {person.name} <span class="quiet-text">{person.name_latin}</span>
        </button>
      )}
      <p class="quiet-text">{t.value("proposals_until", { time: momentText(proposal.expires_at) })}</p>
      {!may("approver") ? null : rejecting ? (
        <DecisionForm
          submit={t.value("proposals_reject")}
          complete={note.trim() !== ""}
          onDecide={() => props.onReject(note.trim())}
          onCancel={() => setRejecting(false)}
        >
          <Field label={t.value("proposals_why_not")} value={note} onInput={setNote} maxLength={500} />
        </DecisionForm>
      ) : (
        <div class="actions">
          {proposal.proposed_by === me.value?.id ? (
            <p class="waiting">{t.value("proposals_own")}</p>
          ) : (
            <Button kind={proposal.action.startsWith("revoke") ? "danger" : "main"} onClick={props.onApprove}>
              {t.value("proposals_approve", { action: actionName(proposal.action) })}
            </Button>
          )}
          <Button kind="quiet" onClick={() => setRejecting(true)}>
            {t.value("proposals_reject")}
          </Button>
        </div>
      )}
    </li>
  );
}

function What({ proposal }: { proposal: Proposal }) {
  const { action, parameters, reason, note, proposed_by, proposed_at } = proposal;
  const type = types.value.find(({ name }) => name === parameters.credential_type);
  return (
    <>
      <strong>
        {actionName(action)}
        {type === undefined ? null : `: ${labelOf(type.labels)}`}
        {parameters.name === undefined ? null : `: ${parameters.name}`}
        {parameters.roles === undefined ? null : ` (${parameters.roles.map(roleName).join(", ")})`}
        {parameters.people === undefined
          ? null
          : ` (${t.value("jobs_count", { count: numberText(parameters.people) })})`}
      </strong>
      {reason === "" ? null : (
        <p>
          {reasonName(reason)}
          {note === "" ? null : `: ${note}`}
        </p>
      )}
      <p class="quiet-text">
        {t.value("proposals_by", { name: principalName(proposed_by), time: momentText(proposed_at) })}
      </p>
    </>
  );
}

function Decision({ proposal }: { proposal: Proposal }) {
  const { state, decided_by, decided_at, decision_note } = proposal;
  return (
    <p>
      <span class={`status ${state === "done" ? "" : "revoked"}`}>{t.value(`proposals_state_${state}`)}</span>{" "}
      {decided_by === null || decided_at === null ? null : (
        <span class="quiet-text">
          {principalName(decided_by)}, {momentText(decided_at)}
        </span>
      )}{" "}
      {decision_note}
    </p>
  );
}
