/** The record of what was done at the office, for auditors: whether its chain holds, and a search. */

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useAttempt, useProblem } from "../../shared/attempt";
import { createTurns } from "../../shared/in_turn";
import { t } from "../../shared/language";
import { Button, Choice, Field, Problem, Progress } from "../../shared/ui";
import type { AuditEntry, ChainState } from "../api";
import { actionName, momentText, outcomeName, principalName } from "../names";
import { problemText } from "../problem_text";
import { colleagues, office } from "../state";

const ACTIONS = [
  "revoke",
  "revoke_many",
  "suspend_many",
  "restore_many",
  "suspend",
  "restore",
  "issue",
  "offer",
  "sign_in_code",
  "import_roster",
  "job_plan",
  "job_start",
  "job_pause",
  "job_cancel",
  "status_batch",
  "vc_api_issue",
  "vc_api_status",
  "sign_in",
  "invite_officer",
  "use_invitation",
  "admit_officer",
  "change_officer",
  "remove_passkeys",
  "request",
] as const;

export function AuditScreen() {
  const [wanted, setWanted] = useState<Record<string, string>>({});
  const [entries, setEntries] = useState<AuditEntry[] | null>(null);
  const [next, setNext] = useState<number | null>(null);
  const { problem, attempt } = useAttempt(problemText);
  const [inTurn] = useState(createTurns<void>);

  async function load(before?: number): Promise<void> {
    if (office.value === null) return;
    const page = await office.value.audit(before === undefined ? wanted : { ...wanted, before: String(before) });
    setEntries(before === undefined ? page.entries : [...(entries ?? []), ...page.entries]);
    setNext(page.next);
  }
  useEffect(() => {
    void attempt(() => inTurn(load));
  }, [wanted]);

  return (
    <>
      <h2>{t.value("audit_title")}</h2>
      <Chain />
      <details class="search">
        <summary>{t.value("audit_search")}</summary>
        <Search onSearch={setWanted} />
      </details>
      {problem === null ? null : <Problem>{problem}</Problem>}
      {entries?.length === 0 ? (
        <p class="quiet-text" role="status">
          {t.value("audit_nothing")}
        </p>
      ) : null}
      <ol class="list audit">
        {entries?.map((entry) => (
          <Entry key={entry.number} entry={entry} />
        ))}
      </ol>
      {next === null ? null : (
        <Button kind="quiet" onClick={() => void attempt(() => load(next))}>
          {t.value("office_more")}
        </Button>
      )}
    </>
  );
}

/** Computed anew by the issuer each time that this opens. The last hash is for the auditor to keep elsewhere. */
function Chain() {
  const [state, setState] = useState<ChainState | null>(null);
  const [problem, tell] = useProblem();
  useEffect(() => {
    office.value?.verifyAudit().then(setState, (error: unknown) => tell(() => problemText(error)));
  }, []);
  if (problem !== null) return <Problem>{problem}</Problem>;
  if (state === null) return <Progress>{t.value("audit_checking")}</Progress>;
  const { finding } = state.ledger;
  const agrees = finding === "log_proven" || finding === "log_not_anchored";
  return (
    <section class={`chain ${state.intact && agrees ? "whole" : "broken"}`} role="status">
      {state.intact ? null : (
        <Verdict good={false}>{t.value("audit_broken", { number: state.broken_at ?? 0 })}</Verdict>
      )}
      {agrees ? null : (
        <Verdict good={false}>
          {faultText(state)} <code>{finding}</code>
        </Verdict>
      )}
      {state.intact && agrees ? <Verdict good>{t.value("audit_whole", { count: state.entries })}</Verdict> : null}
      <Proven state={state} />
      <p>
        {t.value("audit_head")} <code>{state.head}</code>
      </p>
    </section>
  );
}

function Verdict(props: { good: boolean; children: ComponentChildren }) {
  return (
    <strong>
      <span aria-hidden="true">{props.good ? "✓ " : "✗ "}</span>
      {props.children}
    </strong>
  );
}

/** How the log does not agree with the ledger. */
function faultText({ entries, ledger }: ChainState): string {
  const when = ledger.failed_at === null ? "" : momentText(ledger.failed_at);
  const last = ledger.failed_number ?? 0;
  switch (ledger.finding) {
    case "log_shortened":
      return t.value("audit_shortened", { when, last, count: entries });
    case "log_forked":
      return t.value("audit_forked", { when, first: ledger.number + 1, last });
    case "root_unknown":
      return t.value("audit_root_unknown", { when });
    case "mirror_differs":
      return t.value("audit_mirror_differs");
    default:
      return t.value("audit_rewritten", { when, first: ledger.number + 1, last });
  }
}

/** As far as the ledger proves the log, and what is newer than that. */
function Proven({ state }: { state: ChainState }) {
  const { finding, number, proven_at, asked } = state.ledger;
  const newer = state.entries - number;
  return (
    <>
      {proven_at === null ? null : <p>{t.value("audit_proven", { number, when: momentText(proven_at) })}</p>}
      {finding === "log_proven" && newer > 0 ? <p>{t.value("audit_newer", { count: newer })}</p> : null}
      {finding === "log_not_anchored" ? <p>{t.value("audit_not_anchored")}</p> : null}
      {asked ? null : <p>{t.value("audit_unasked")}</p>}
    </>
  );
}

const BANGKOK = "+07:00";
const DAY_SECONDS = 86_400;
const startOf = (day: string) => Date.parse(`${day}T00:00:00${BANGKOK}`) / 1000;

function Search(props: { onSearch: (wanted: Record<string, string>) => void }) {
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const [action, setAction] = useState("");
  const [officer, setOfficer] = useState("");
  const [record, setRecord] = useState("");

  function search(): void {
    const wanted = {
      action,
      principal_id: officer,
      record_id: record.trim(),
      since: from === "" ? "" : String(startOf(from)),
      until: to === "" ? "" : String(startOf(to) + DAY_SECONDS),
    };
    props.onSearch(Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== "")));
  }

  return (
    <form
      class="row"
      onSubmit={(event) => {
        event.preventDefault();
        search();
      }}
    >
      <Day label={t.value("audit_from")} value={from} onInput={setFrom} />
      <Day label={t.value("audit_to")} value={to} onInput={setTo} />
      <Choice label={t.value("audit_action")} value={action} onChoose={setAction}>
        <option value="">{t.value("audit_all")}</option>
        {ACTIONS.map((each) => (
          <option key={each} value={each}>
            {actionName(each)}
          </option>
        ))}
      </Choice>
      <Choice label={t.value("audit_officer")} value={officer} onChoose={setOfficer}>
        <option value="">{t.value("audit_all")}</option>
        {[...colleagues.value.map(({ id }) => id), "token"].map((id) => (
          <option key={id} value={id}>
            {principalName(id)}
          </option>
        ))}
      </Choice>
      <Field label={t.value("audit_record")} value={record} onInput={setRecord} maxLength={64} />
      <Button submit>{t.value("audit_search")}</Button>
    </form>
  );
}

function Day(props: { label: string; value: string; onInput: (value: string) => void }) {
  return (
    <label class="field">
      <span>{props.label}</span>
      <input type="date" value={props.value} onInput={(event) => props.onInput(event.currentTarget.value)} />
    </label>
  );
}

function Entry({ entry }: { entry: AuditEntry }) {
  const { number, at, principal_id, action, record_id, detail, outcome } = entry;
  return (
    <li value={number}>
      <strong>
        {actionName(action)}: {outcomeName(outcome)}
      </strong>
      <p>
        {t.value("audit_line", { number })}: {principalName(principal_id)}, {momentText(at)}
      </p>
      {record_id === "" && detail === "" ? null : (
        <p class="quiet-text">
          {detail} {record_id === "" ? null : <code>{principalName(record_id)}</code>}
        </p>
      )}
    </li>
  );
}
