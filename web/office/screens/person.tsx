/** One person: what was issued, withdrawing it, and offering something new. */

import { useEffect, useState } from "preact/hooks";
import { dateText, t } from "../../shared/language";
import { BackButton, Button, Field, Problem } from "../../shared/ui";
import type { IssuedCredential, Person, Status } from "../api";
import { labelOf, type OfferedType } from "../offered_types";
import { problemText } from "../problem_text";
import { go, office, types } from "../state";

export function PersonScreen({ person }: { person: Person }) {
  const [issued, setIssued] = useState<IssuedCredential[]>([]);
  const [problem, setProblem] = useState<string | null>(null);

  async function attempt(work: () => Promise<unknown>): Promise<void> {
    setProblem(null);
    try {
      await work();
    } catch (error) {
      setProblem(problemText(error));
    }
  }

  const reload = async () => setIssued((await office.value?.issued(person.person_id)) ?? []);
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
        onChange={(type, status) =>
          void attempt(async () => {
            await office.value?.changeStatus(person.person_id, type, status);
            await reload();
          })
        }
      />
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
    </>
  );
}

function Issued(props: { issued: IssuedCredential[]; onChange: (type: string, status: Status) => void }) {
  const names = [...new Set(props.issued.map(({ credential_type }) => credential_type))];
  return (
    <section>
      <h3>{t.value("office_issued")}</h3>
      {names.length === 0 ? <p class="quiet-text">{t.value("office_nothing_issued")}</p> : null}
      {names.map((name) => {
        const [newest] = props.issued.filter(({ credential_type }) => credential_type === name);
        return newest === undefined ? null : <IssuedType key={name} newest={newest} onChange={props.onChange} />;
      })}
    </section>
  );
}

function IssuedType(props: { newest: IssuedCredential; onChange: (type: string, status: Status) => void }) {
  const { credential_type: name, status, issued_at, expires_at } = props.newest;
  const type = types.value.find((each) => each.name === name);
  const [asking, setAsking] = useState(false);
  const change = (to: Status) => {
    setAsking(false);
    props.onChange(name, to);
  };
  return (
    <article class="issued">
      <div>
        <strong>{labelOf(type?.labels ?? { en: name })}</strong>
        <p class="quiet-text">
          {dateText(issued_at)} – {dateText(expires_at - 1)}
        </p>
      </div>
      <span class={`status ${status}`}>{t.value(`office_status_${status}`)}</span>
      <div class="actions">
        {status === "valid" ? (
          <Button kind="quiet" onClick={() => change("suspended")}>
            {t.value("office_suspend")}
          </Button>
        ) : null}
        {status === "suspended" ? (
          <Button kind="quiet" onClick={() => change("valid")}>
            {t.value("office_restore")}
          </Button>
        ) : null}
        {status === "revoked" ? null : asking ? (
          <Button kind="danger" onClick={() => change("revoked")}>
            {t.value("office_revoke_for_good")}
          </Button>
        ) : (
          <Button kind="quiet" onClick={() => setAsking(true)}>
            {t.value("office_revoke")}
          </Button>
        )}
      </div>
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
