/** Planning a job: what is to be done, to which credentials, of whom; counted before anything is done. */

import { useState } from "preact/hooks";
import { useAttempt } from "../../shared/attempt";
import { numberText, t } from "../../shared/language";
import { Button, Choice, Field, Problem, Progress } from "../../shared/ui";
import type { JobKind, PlannedJob } from "../api";
import { labelOf } from "../offered_types";
import { problemText } from "../problem_text";
import { office, types } from "../state";

const KINDS: readonly JobKind[] = ["renew", "suspend", "restore", "revoke"];
const SCHEMES = ["UCS", "SSS", "OFC", "8401", "8402", "8405", "8407"];
const DAYS = 60;

const linesOf = (text: string) =>
  text
    .split(/[\s,;]+/)
    .map((each) => each.trim())
    .filter((each) => each !== "");

export function NewJob({ onPlanned }: { onPlanned: () => void }) {
  const [kind, setKind] = useState<JobKind>("renew");
  const [type, setType] = useState(types.value.find(({ name }) => name === "InsuranceCoverage")?.name ?? "");
  const [scheme, setScheme] = useState("");
  const [days, setDays] = useState(String(DAYS));
  const [numbers, setNumbers] = useState("");
  const { problem, working, attempt } = useAttempt(problemText);
  const [planned, setPlanned] = useState<{ answer: PlannedJob; asked: string[] } | null>(null);
  const asked = kind === "renew" ? [] : linesOf(numbers);
  const complete =
    type !== "" &&
    (kind === "renew" ? Number(days) >= 1 && Number(days) <= 3650 : (scheme === "") !== (asked.length === 0));

  async function plan(): Promise<void> {
    if (office.value === null) return;
    setPlanned(null);
    const whose = scheme === "" ? {} : { scheme };
    const answer = await (kind === "renew"
      ? office.value.planRenewal({ credential_type: type, ending_within_days: Number(days), ...whose })
      : office.value.planStatusChange({ kind, credential_type: type, numbers: asked, ...whose }));
    setPlanned({ answer, asked });
    onPlanned();
  }

  return (
    <form
      class="panel"
      onSubmit={(event) => {
        event.preventDefault();
        void attempt(plan);
      }}
    >
      <h3>{t.value("jobs_new")}</h3>
      <fieldset class="choices" aria-label={t.value("jobs_new")}>
        {KINDS.map((each) => (
          <label key={each} class="choice">
            <input type="radio" name="kind" checked={kind === each} onChange={() => setKind(each)} />
            {t.value(`jobs_kind_${each}`)}
          </label>
        ))}
      </fieldset>
      <div class="row">
        <Choice label={t.value("jobs_type")} value={type} onChoose={setType}>
          {types.value.map((each) => (
            <option key={each.name} value={each.name}>
              {labelOf(each.labels)}
            </option>
          ))}
        </Choice>
        <Choice label={t.value("jobs_scheme")} value={scheme} onChoose={setScheme}>
          <option value="">{t.value(kind === "renew" ? "jobs_every_scheme" : "jobs_by_numbers")}</option>
          {SCHEMES.map((code) => (
            <option key={code}>{code}</option>
          ))}
        </Choice>
        {kind === "renew" ? (
          <Field label={t.value("jobs_days")} kind="code" value={days} onInput={setDays} maxLength={4} />
        ) : null}
      </div>
      {kind === "renew" || scheme !== "" ? null : (
        <label class="field">
          <span>{t.value("jobs_numbers")}</span>
          <textarea
            value={numbers}
            onInput={(event) => setNumbers(event.currentTarget.value)}
            spellcheck={false}
            maxLength={1_000_000}
          />
        </label>
      )}
      {problem === null ? null : <Problem>{problem}</Problem>}
      {working ? (
        <Progress>{t.value("jobs_counting")}</Progress>
      ) : (
        <Button submit kind="quiet" disabled={!complete}>
          {t.value("jobs_plan")}
        </Button>
      )}
      {planned === null ? null : <Planned {...planned} />}
    </form>
  );
}

function Planned({ answer, asked }: { answer: PlannedJob; asked: string[] }) {
  return (
    <div role="status">
      <p>
        {answer.job === undefined
          ? t.value("jobs_nothing")
          : t.value("jobs_planned", { count: numberText(answer.job.total) })}
      </p>
      {answer.not_found.length === 0 ? null : (
        <details class="list jobs">
          <summary>{t.value("jobs_not_found", { count: numberText(answer.not_found.length) })}</summary>
          <p>{answer.not_found.map((place) => asked[place]).join(", ")}</p>
        </details>
      )}
    </div>
  );
}
