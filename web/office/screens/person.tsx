/** One person: what was issued, withdrawing it, and offering something new. */

import { useEffect, useState } from "preact/hooks";
import { dateText, t } from "../../shared/language";
import { BackButton, Button, Field, Problem } from "../../shared/ui";
import type { IssuedCredential, Person, Proposal, Reasoned, Status } from "../api";
import { actionName } from "../names";
import { labelOf, type OfferedType } from "../offered_types";
import { problemText } from "../problem_text";
import { REASONS_OF } from "../reasons";
import { go, may, office, types } from "../state";
import { ReasonForm } from "./reason_form";

const REASONS = { valid: REASONS_OF.restore, suspended: REASONS_OF.suspend, revoked: REASONS_OF.revoke } as const;
const LABELS = { valid: "office_restore", suspended: "office_suspend", revoked: "office_revoke_for_good" } as const;

type OnChange = (type: string, status: Status, reasoned: Reasoned) => void;

export function PersonScreen({ person }: { person: Person }) {
  const [issued, setIssued] = useState<IssuedCredential[]>([]);
  const [waiting, setWaiting] = useState<Proposal[]>([]);
  const [problem, setProblem] = useState<string | null>(null);

  async function attempt(work: () => Promise<unknown>): Promise<void> {
    setProblem(null);
    try {
      await work();
    } catch (error) {
      setProblem(problemText(error));
    }
  }

  async function reload(): Promise<void> {
    if (office.value === null) return;
    const record_id = person.person_id;
    setIssued(await office.value.issued(record_id));
    setWaiting(await office.value.proposals({ record_id, state: "waiting" }));
  }
  useEffect(() => {
    void attempt(reload);
  }, []);

  return (
    <>
      <BackButton onClick={() => go({ name: "people" })} />
      <h2>
        {person.name} <span class="quiet-text">{person.name_latin}</span>
      </h2>
      <p class="quiet-text">
        {person.health_id} · {dateText(person.birth_date)} · {person.identifier_value}
      </p>
      {problem === null ? null : <Problem>{problem}</Problem>}
      <Issued
        issued={issued}
        waiting={waiting}
        onChange={(type, status, reasoned) =>
          void attempt(async () => {
            await office.value?.changeStatus(person.person_id, type, status, reasoned);
            await reload();
          })
        }
      />
      {may("officer") ? (
        <OfferForm
          person={person}
          onOffer={(chosen, claims) =>
            void attempt(async () => {
              const configurations = chosen.flatMap(({ configurations: each }) => each);
              const offer = await office.value?.offer(person.person_id, configurations, claims);
              if (offer !== undefined) go({ name: "offer", person, offer });
            })
          }
        />
      ) : null}
    </>
  );
}

function Issued(props: { issued: IssuedCredential[]; waiting: Proposal[]; onChange: OnChange }) {
  const names = [...new Set(props.issued.map(({ credential_type }) => credential_type))];
  return (
    <section>
      <h3>{t.value("office_issued")}</h3>
      {names.length === 0 ? <p class="quiet-text">{t.value("office_nothing_issued")}</p> : null}
      {names.map((name) => {
        const [newest] = props.issued.filter(({ credential_type }) => credential_type === name);
        const waiting = props.waiting.filter(({ parameters }) => parameters.credential_type === name);
        return newest === undefined ? null : (
          <IssuedType key={name} newest={newest} waiting={waiting} onChange={props.onChange} />
        );
      })}
    </section>
  );
}

function IssuedType(props: { newest: IssuedCredential; waiting: Proposal[]; onChange: OnChange }) {
  const { credential_type: name, status, issued_at, expires_at } = props.newest;
  const type = types.value.find((each) => each.name === name);
  const [asked, setAsked] = useState<Status | null>(null);
  return (
    <article class="issued">
      <div>
        <strong>{labelOf(type?.labels ?? { en: name })}</strong>
        <p class="quiet-text">
          {dateText(issued_at)} – {dateText(expires_at - 1)}
        </p>
        {props.waiting.map(({ id, action }) => (
          <p key={id} class="waiting">
            {t.value("proposals_waits", { action: actionName(action) })}
          </p>
        ))}
      </div>
      <span class={`status ${status}`}>{t.value(`office_status_${status}`)}</span>
      {!may("officer") || status === "revoked" ? null : asked === null ? (
        <div class="actions">
          <Button kind="quiet" onClick={() => setAsked(status === "valid" ? "suspended" : "valid")}>
            {t.value(status === "valid" ? "office_suspend" : "office_restore")}
          </Button>
          <Button kind="quiet" onClick={() => setAsked("revoked")}>
            {t.value("office_revoke")}
          </Button>
        </div>
      ) : (
        <ReasonForm
          reasons={REASONS[asked]}
          submit={t.value(LABELS[asked])}
          dangerous={asked === "revoked"}
          onReason={(reasoned) => {
            setAsked(null);
            props.onChange(name, asked, reasoned);
          }}
          onCancel={() => setAsked(null)}
        />
      )}
    </article>
  );
}

type Claims = Record<string, Record<string, string>>;

function OfferForm(props: { person: Person; onOffer: (chosen: OfferedType[], claims: Claims) => void }) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [claims, setClaims] = useState<Claims>({});
  const offered = types.value.filter(({ name }) => chosen.has(name));

  function toggle(name: string): void {
    const now = new Set(chosen);
    if (!now.delete(name)) now.add(name);
    setChosen(now);
  }

  /** What the roster doesn't say of a person, the officer does. */
  const asked = (type: OfferedType) => type.claims.filter(({ name }) => name !== "birth_year" && !props.person[name]);
  const stated = (type: OfferedType) =>
    Object.fromEntries(Object.entries(claims[type.name] ?? {}).filter(([, value]) => value !== ""));
  const complete = offered.every((type) =>
    asked(type).every(({ name, required }) => !required || claims[type.name]?.[name]),
  );

  return (
    <section>
      <h3>{t.value("office_new_offer")}</h3>
      <fieldset aria-label={t.value("office_new_offer")}>
        {types.value.map((type) => (
          <label key={type.name} class="choice">
            <input type="checkbox" checked={chosen.has(type.name)} onChange={() => toggle(type.name)} />
            {labelOf(type.labels)}
          </label>
        ))}
      </fieldset>
      {offered.flatMap((type) =>
        asked(type).map((claim) => (
          <Field
            key={`${type.name} ${claim.name}`}
            label={`${labelOf(claim.labels)}${claim.required ? " *" : ""}`}
            value={claims[type.name]?.[claim.name] ?? ""}
            onInput={(value) => setClaims({ ...claims, [type.name]: { ...claims[type.name], [claim.name]: value } })}
            maxLength={200}
          />
        )),
      )}
      <Button
        disabled={offered.length === 0 || !complete}
        onClick={() =>
          props.onOffer(
            offered,
            Object.fromEntries(
              offered
                .map((type) => [type.name, stated(type)] as const)
                .filter(([, each]) => Object.keys(each).length > 0),
            ),
          )
        }
      >
        {t.value("office_offer")}
      </Button>
    </section>
  );
}
