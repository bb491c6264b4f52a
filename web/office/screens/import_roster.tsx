/** A roster file in: checked first, then taken portion by portion, so that it can be paused and gone on with. */

import { useRef, useState } from "preact/hooks";
import { useProblem } from "../../shared/attempt";
import { numberText, type TextKey, t } from "../../shared/language";
import { saveFile } from "../../shared/save_file";
import { BackButton, Button, Problem, Progress } from "../../shared/ui";
import { type ImportReport, type LineNote, Refused } from "../api";
import { problemText } from "../problem_text";
import { ProgressBar } from "../progress_bar";
import { COLUMNS, faultsFile, linesOf, MAX_ROWS, portionsOf, rowCount } from "../roster_file";
import { go, office } from "../state";

const SHOWN = 50;

type Step =
  | { name: "choose" }
  | { name: "checking" }
  | { name: "checked"; lines: string[]; report: ImportReport }
  | { name: "taking"; lines: string[]; report: ImportReport; portion: number; done: number; total: number }
  | { name: "done"; lines: string[]; report: ImportReport };

export function ImportRoster() {
  const [step, setStep] = useState<Step>({ name: "choose" });
  const [stopped, setStopped] = useState(false);
  const [problem, tell] = useProblem();
  const pausing = useRef(false);

  async function check(file: File | undefined): Promise<void> {
    if (file === undefined || office.value === null) return;
    tell(null);
    setStep({ name: "checking" });
    try {
      const lines = linesOf(new TextDecoder().decode(await file.arrayBuffer()));
      if (rowCount(lines) > MAX_ROWS) throw new Refused("payload_too_large", "");
      const report = await office.value.importRoster(file, { dryRun: true });
      setStep({ name: "checked", lines, report });
    } catch (error) {
      tell(() => fileProblem(error));
      setStep({ name: "choose" });
    }
  }

  /** Takes portion after portion. Each may be sent twice: who is in the roster already stays as they are. */
  async function take(lines: string[], report: ImportReport, first: number): Promise<void> {
    if (office.value === null) return;
    pausing.current = false;
    setStopped(false);
    tell(null);
    const portions = portionsOf(lines, new Set(report.problems.map(({ line }) => line)));
    const total = portions.reduce((sum, { rows }) => sum + rows, 0);
    let done = portions.slice(0, first).reduce((sum, { rows }) => sum + rows, 0);
    try {
      for (const [portion, { file, rows }] of portions.entries()) {
        if (portion < first) continue;
        setStep({ name: "taking", lines, report, portion, done, total });
        if (pausing.current) return setStopped(true);
        await office.value.importRoster(file, { dryRun: false });
        done += rows;
      }
      setStep({ name: "done", lines, report });
    } catch (error) {
      tell(() => problemText(error));
      setStopped(true);
    }
  }

  return (
    <>
      <BackButton onClick={() => go({ name: "people" })} />
      <h2>{t.value("office_import")}</h2>
      {step.name === "taking" ? null : <ChooseFile onChoose={(file) => void check(file)} />}
      {problem === null ? null : <Problem>{problem}</Problem>}
      {step.name === "checking" ? <Progress>{t.value("roster_checking")}</Progress> : null}
      {step.name === "checked" ? (
        <Checked report={step.report} onTake={() => void take(step.lines, step.report, 0)} />
      ) : null}
      {step.name === "taking" ? (
        <Taking
          {...step}
          stopped={stopped}
          onPause={() => {
            pausing.current = true;
          }}
          onContinue={() => void take(step.lines, step.report, step.portion)}
        />
      ) : null}
      {step.name === "done" ? (
        <section role="status">
          <p class="good">{t.value("roster_done")}</p>
          <Counts report={step.report} />
        </section>
      ) : null}
      {step.name === "checked" || step.name === "done" ? <Notes report={step.report} lines={step.lines} /> : null}
    </>
  );
}

function fileProblem(error: unknown): string {
  const code = error instanceof Refused ? error.code : "";
  if (code === "payload_too_large") return t.value("roster_too_large", { rows: numberText(MAX_ROWS) });
  if (code === "invalid_request") return t.value("roster_not_a_roster", { columns: COLUMNS });
  return problemText(error);
}

function ChooseFile(props: { onChoose: (file: File | undefined) => void }) {
  return (
    <>
      <p class="quiet-text">{t.value("roster_advice", { rows: numberText(MAX_ROWS) })}</p>
      <label class="file">
        {t.value("office_choose_file")}
        <input
          class="unseen"
          type="file"
          accept=".csv,text/csv"
          onChange={(event) => {
            props.onChoose(event.currentTarget.files?.[0]);
            event.currentTarget.value = "";
          }}
        />
      </label>
    </>
  );
}

function Checked(props: { report: ImportReport; onTake: () => void }) {
  const { imported, updated } = props.report;
  return (
    <section role="status">
      <Counts report={props.report} />
      {imported + updated > 0 ? (
        <Button onClick={props.onTake}>{t.value("roster_take")}</Button>
      ) : (
        <p>{t.value("roster_nothing_new")}</p>
      )}
    </section>
  );
}

function Counts({ report }: { report: ImportReport }) {
  const counts: [TextKey, number][] = [
    ["roster_new", report.imported],
    ["roster_changed", report.updated],
    ["roster_same", report.unchanged],
    ["roster_faulty", report.problems.length],
  ];
  return (
    <dl class="counts">
      {counts.map(([key, count]) => (
        <div key={key}>
          <dt>{t.value(key)}</dt>
          <dd>{numberText(count)}</dd>
        </div>
      ))}
    </dl>
  );
}

function Taking(props: { done: number; total: number; stopped: boolean; onPause: () => void; onContinue: () => void }) {
  return (
    <section>
      <ProgressBar done={props.done} total={props.total}>
        {t.value("roster_progress", { done: numberText(props.done), total: numberText(props.total) })}
      </ProgressBar>
      {props.stopped ? <p role="status">{t.value("roster_paused")}</p> : null}
      <Button kind={props.stopped ? "main" : "quiet"} onClick={props.stopped ? props.onContinue : props.onPause}>
        {t.value(props.stopped ? "roster_continue" : "roster_pause")}
      </Button>
    </section>
  );
}

const describe = (code: string) => t.value(`roster_fault_${code}` as TextKey);

function Notes({ report, lines }: { report: ImportReport; lines: string[] }) {
  const { problems, warnings } = report;
  const titles = (["roster_csv_row", "roster_csv_column", "roster_csv_error", "roster_csv_content"] as const).map(
    (key) => t.value(key),
  );
  return (
    <section>
      <Lines title={t.value("roster_left_out", { count: numberText(problems.length) })} notes={problems} />
      <Lines title={t.value("roster_to_look_at", { count: numberText(warnings.length) })} notes={warnings} />
      {problems.length + warnings.length === 0 ? null : (
        <Button
          kind="quiet"
          onClick={() => saveFile(faultsFile(titles, [...problems, ...warnings], lines, describe), "roster-errors.csv")}
        >
          {t.value("roster_download")}
        </Button>
      )}
    </section>
  );
}

function Lines({ title, notes }: { title: string; notes: LineNote[] }) {
  if (notes.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul class="list lines">
        {notes.slice(0, SHOWN).map(({ line, faults }) => (
          <li key={line}>
            <strong>{t.value("roster_row", { line: numberText(line) })}</strong>
            {faults.map(({ code, column }) => (
              <p key={`${code} ${column}`}>
                {column === null ? null : <code>{column}</code>} {describe(code)}
              </p>
            ))}
          </li>
        ))}
      </ul>
      {notes.length > SHOWN ? (
        <p class="quiet-text">{t.value("roster_more_rows", { count: numberText(notes.length - SHOWN) })}</p>
      ) : null}
    </>
  );
}
