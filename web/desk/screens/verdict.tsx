/** The answer in one second: colour, sign and word, what to do next, and who is covered where and until when. */

import { useLayoutEffect } from "preact/hooks";
import { numberText, t, timeText } from "../../shared/language";
import { Portrait } from "../../shared/portrait";
import { Button } from "../../shared/ui";
import type { CredentialTypeWords, Verdict, Words } from "../api";
import { clear } from "../checking";
import { Icon } from "../icons";
import { words } from "../state";
import { ageText, dateText, yearText } from "../wording";
import { Face } from "./face";

const CLEAR_AFTER_MS = 120_000;

export function VerdictScreen(props: { verdict: Verdict }) {
  useClearing();
  const known = words.value;
  if (known === null) return null;
  const { verdict } = props;
  const accepted = verdict.verdict === "accepted";
  return (
    <article class={`verdict ${verdict.verdict} ${verdict.assurance ?? ""}`}>
      <Band verdict={verdict} words={known} />
      {verdict.person === null ? null : <Person person={verdict.person} words={known} />}
      {verdict.coverage === null ? null : <Coverage coverage={verdict.coverage} words={known} />}
      {accepted && verdict.coverage === null ? <Claims verdict={verdict} words={known} /> : null}
      <div class="after">
        {accepted && verdict.check_id !== null ? (
          <Face
            key={verdict.check_id}
            checkId={verdict.check_id}
            withPhoto={(verdict.person?.portrait ?? null) !== null}
          />
        ) : null}
        <Button kind={accepted ? "quiet" : "main"} onClick={clear}>
          {t.value("desk_next_patient")} <kbd>Esc</kbd>
        </Button>
      </div>
      <Evidence verdict={verdict} words={known} />
    </article>
  );
}

export function Band(props: { verdict: Verdict; words: Words }) {
  const { verdict, words: known } = props;
  const accepted = verdict.verdict === "accepted";
  return (
    <div class="band">
      <Icon name={verdict.assurance === "printed_card" ? "printed" : verdict.verdict} />
      <div>
        <h1>{accepted ? known.labels.accepted : known.labels.rejected}</h1>
        {verdict.assurance === "printed_card" ? <p class="reason">{known.labels.printed_card}</p> : null}
        {accepted ? null : <p class="reason">{known.reasons[verdict.code]}</p>}
        <p class="next">{known.next_actions[verdict.code]}</p>
      </div>
    </div>
  );
}

function Person(props: { person: NonNullable<Verdict["person"]>; words: Words }) {
  const { person, words: known } = props;
  const labels = known.credential_types.InsuranceCoverage?.claims ?? {};
  return (
    <section class={person.portrait === null ? "person" : "person pictured"}>
      {person.portrait === null ? null : (
        <Portrait picture={person.portrait} label={known.credential_types.HealthId?.claims.portrait?.label ?? ""} />
      )}
      {person.name === null ? null : (
        <p class="name" dir="auto">
          <bdi>{person.name}</bdi>
        </p>
      )}
      {person.name_latin === null ? null : (
        <p class="latin" lang="en">
          <bdi>{person.name_latin}</bdi>
        </p>
      )}
      <dl>
        {person.birth_year === null ? null : (
          <div>
            <dt>{labels.birth_year?.label}</dt>
            <dd>{yearText(person.birth_year, known.labels)}</dd>
          </div>
        )}
        {person.health_id === null ? null : (
          <div>
            <dt>{labels.health_id?.label}</dt>
            <dd class="number">{person.health_id}</dd>
          </div>
        )}
      </dl>
    </section>
  );
}

function Coverage(props: { coverage: NonNullable<Verdict["coverage"]>; words: Words }) {
  const { coverage, words: known } = props;
  const claims = known.credential_types.InsuranceCoverage?.claims ?? {};
  return (
    <section class="coverage">
      <p class="scheme">{known.schemes[coverage.scheme] ?? coverage.scheme}</p>
      <table>
        <thead>
          <tr>
            <th scope="col" colSpan={2}>
              {known.labels.hospital}
            </th>
            <th scope="col">{known.labels.here}</th>
          </tr>
        </thead>
        <tbody>
          {coverage.hospitals.map(({ kind, hospital_code, here }) => (
            <tr key={kind} class={here ? "here" : ""}>
              <th scope="row">{claims[`${kind}_hospital`]?.label}</th>
              <td class="number">{hospital_code}</td>
              <td>{here ? `✓ ${known.labels.yes}` : known.labels.no}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {coverage.copay_baht === null ? null : (
        <p class="copay">
          {claims.copay_baht?.label} <strong>{numberText(coverage.copay_baht)}</strong>
        </p>
      )}
      <p>
        {claims.covered_until?.label} <strong>{dateText(coverage.covered_until, known.labels)}</strong>
      </p>
    </section>
  );
}

function Claims(props: { verdict: Verdict; words: Words }) {
  const type = typeWords(props.verdict, props.words);
  return (
    <section class="coverage">
      <p class="scheme">{type?.label}</p>
      <dl>
        {props.verdict.claims.map(({ name, label, value }) => {
          const claim = type?.claims[name];
          const text =
            claim?.kind === "date"
              ? dateText(String(value), props.words.labels)
              : (claim?.choices[value] ?? String(value));
          return (
            <div key={name}>
              <dt>{claim?.label ?? label}</dt>
              <dd>
                <bdi>{text}</bdi>
              </dd>
            </div>
          );
        })}
      </dl>
    </section>
  );
}

/** What the verdict rests on: the code, who signed, when, and how old what is known is. */
function Evidence(props: { verdict: Verdict; words: Words }) {
  const { verdict, words: known } = props;
  const { labels } = known;
  const ages: [string | undefined, number | null][] = [
    [labels.registry_age, verdict.ages.registry_seconds],
    [labels.trust_age, verdict.ages.trust_seconds],
  ];
  if (typeWords(verdict, known)?.has_status ?? true) ages.push([labels.status_age, verdict.ages.status_seconds]);
  return (
    <dl class="evidence">
      <div>
        <dt>{labels.reason_code}</dt>
        <dd class="number">{verdict.code}</dd>
      </div>
      {verdict.issuer === null ? null : (
        <div>
          <dt>{labels.issuer}</dt>
          <dd>
            <bdi>{verdict.issuer.name}</bdi>
          </dd>
        </div>
      )}
      <div>
        <dt>{labels.checked_at}</dt>
        <dd>{timeText(verdict.checked_at)}</dd>
      </div>
      <div>
        <dt>{labels.data_age}</dt>
        <dd>{ages.map(([label, seconds]) => `${label}: ${ageText(seconds, labels)}`).join(" · ")}</dd>
      </div>
    </dl>
  );
}

function typeWords(verdict: Verdict, known: Words): CredentialTypeWords | undefined {
  return verdict.credential_type === null ? undefined : known.credential_types[verdict.credential_type];
}

/** Whoever has left the desk leaves nobody's name on the screen. */
function useClearing(): void {
  useLayoutEffect(() => {
    let timer = setTimeout(clear, CLEAR_AFTER_MS);
    const ended = new AbortController();
    for (const sign of ["keydown", "pointerdown", "pointermove"])
      document.addEventListener(
        sign,
        () => {
          clearTimeout(timer);
          timer = setTimeout(clear, CLEAR_AFTER_MS);
        },
        { signal: ended.signal },
      );
    return () => {
      clearTimeout(timer);
      ended.abort();
    };
  }, []);
}
