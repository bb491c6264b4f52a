import { useState } from "preact/hooks";
import { t } from "../../shared/language";
import { BackButton, Problem, Progress } from "../../shared/ui";
import type { ImportReport } from "../api";
import { problemText } from "../problem_text";
import { go, office } from "../state";

/** A roster file in; what became of it, row by row where something is to be said. */
export function ImportRoster() {
  const [report, setReport] = useState<ImportReport | null>(null);
  const [working, setWorking] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  async function take(file: File | undefined): Promise<void> {
    if (file === undefined || office.value === null) return;
    setWorking(true);
    setProblem(null);
    setReport(null);
    try {
      setReport(await office.value.importRoster(file));
    } catch (error) {
      setProblem(problemText(error));
    }
    setWorking(false);
  }

  return (
    <>
      <BackButton onClick={() => go({ name: "people" })} />
      <h2>{t.value("office_import")}</h2>
      <label class="file">
        {t.value("office_choose_file")}
        <input type="file" accept=".csv,text/csv" onChange={(event) => void take(event.currentTarget.files?.[0])} />
      </label>
      {working ? <Progress>{t.value("office_importing")}</Progress> : null}
      {problem === null ? null : <Problem>{problem}</Problem>}
      {report === null ? null : (
        <section role="status">
          <p>
            {t.value("office_imported", {
              imported: report.imported,
              updated: report.updated,
              unchanged: report.unchanged,
            })}
          </p>
          <Lines title={t.value("office_rows_left_out", { count: report.problems.length })} lines={report.problems} />
          <Lines title={t.value("office_rows_to_look_at", { count: report.warnings.length })} lines={report.warnings} />
        </section>
      )}
    </>
  );
}

function Lines(props: { title: string; lines: { line: number; reason: string }[] }) {
  if (props.lines.length === 0) return null;
  return (
    <>
      <h3>{props.title}</h3>
      <ul class="lines">
        {props.lines.map(({ line, reason }) => (
          <li key={line}>
            <strong>{line}</strong> {reason}
          </li>
        ))}
      </ul>
    </>
  );
}
