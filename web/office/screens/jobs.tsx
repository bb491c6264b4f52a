/** What is done for many people at once: counted first, then begun, followed, paused; and whom it left out and why. */

import { useEffect, useState } from "preact/hooks";
import { numberText, type TextKey, t } from "../../shared/language";
import { Button, Problem } from "../../shared/ui";
import type { Job, JobFailure, Office, Proposal, Reasoned } from "../api";
import { useListing } from "../listing";
import { actionName, momentText } from "../names";
import { labelOf } from "../offered_types";
import { ProgressBar } from "../progress_bar";
import { REASONS_OF } from "../reasons";
import { may, office, types } from "../state";
import { NewJob } from "./new_job";
import { ReasonForm } from "./reason_form";

const PAUSE_MS = 1000;

export function Jobs() {
  const [jobs, setJobs] = useState<Job[] | null>(null);
  const [waiting, setWaiting] = useState<Proposal[]>([]);
  const { problem, ask, change, reload } = useListing(load);

  async function load(asked: Office): Promise<void> {
    setWaiting(await asked.proposals({ state: "waiting" }));
    setJobs(await asked.jobs());
  }

  const running = jobs?.some(({ state }) => state === "running") ?? false;
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => ask(reload), PAUSE_MS);
    return () => clearInterval(timer);
  }, [running]);

  return (
    <>
      <h2>{t.value("jobs_title")}</h2>
      {problem === null ? null : <Problem>{problem}</Problem>}
      {may("officer") ? <NewJob onPlanned={() => ask(reload)} /> : null}
      {jobs?.length === 0 ? <p class="quiet-text">{t.value("jobs_none")}</p> : null}
      <ul class="list jobs">
        {jobs?.map((job) => (
          <JobItem
            key={job.id}
            job={job}
            proposal={waiting.find(({ record_id }) => record_id === job.id)}
            onMove={(step) => change((asked) => asked.moveJob(job.id, step))}
            onBegin={(reasoned) => change((asked) => asked.beginJob(job.id, reasoned))}
          />
        ))}
      </ul>
    </>
  );
}

interface JobProps {
  job: Job;
  proposal: Proposal | undefined;
  onMove: (step: "start" | "pause" | "cancel") => void;
  onBegin: (reasoned: Reasoned) => void;
}

const LOOK: Record<Job["state"], string> = {
  planned: "neutral",
  running: "valid",
  paused: "suspended",
  finished: "valid",
  cancelled: "neutral",
};

function JobItem(props: JobProps) {
  const { job, proposal } = props;
  const type = types.value.find(({ name }) => name === job.credential_type);
  const over = job.done + job.refused;
  return (
    <li>
      <div class="title">
        <strong>
          {t.value(`jobs_kind_${job.kind}`)}: {labelOf(type?.labels ?? { en: job.credential_type })}
          {job.scheme === null ? null : ` · ${job.scheme}`}
        </strong>
        <span class={`status ${LOOK[job.state]}`}>{t.value(`jobs_state_${job.state}`)}</span>
      </div>
      <p class="quiet-text">{momentText(job.created_at)}</p>
      {job.state === "planned" ? (
        <p>{t.value("jobs_count", { count: numberText(job.total) })}</p>
      ) : (
        <ProgressBar done={over} total={job.total}>
          {t.value("jobs_progress", { done: numberText(over), total: numberText(job.total) })}
        </ProgressBar>
      )}
      {job.state === "running" ? <p class="quiet-text">{t.value("jobs_keeps_going")}</p> : null}
      {proposal === undefined ? null : (
        <p class="waiting">{t.value("proposals_waits", { action: actionName(proposal.action) })}</p>
      )}
      {(may("officer") || mayCancel(job)) && !job.by_command && proposal === undefined ? <Steps {...props} /> : null}
      {job.by_command && job.state === "running" ? <p>{t.value("jobs_by_command")}</p> : null}
      {job.refused === 0 ? null : <Failures job={job} />}
    </li>
  );
}

/** What has begun under four eyes an approver ends; other jobs an officer. */
function mayCancel(job: Job): boolean {
  return (job.state === "planned" || job.state === "paused") && may(job.approved ? "approver" : "officer");
}

function Steps({ job, onMove, onBegin }: JobProps) {
  const [asking, setAsking] = useState(false);
  if (job.kind !== "renew" && asking && job.state === "planned")
    return (
      <ReasonForm
        reasons={REASONS_OF[job.kind]}
        submit={t.value("jobs_start")}
        dangerous={job.kind === "revoke"}
        onReason={(reasoned) => {
          setAsking(false);
          onBegin(reasoned);
        }}
        onCancel={() => setAsking(false)}
      />
    );
  const begin = () => (job.kind === "renew" ? onMove("start") : setAsking(true));
  return (
    <div class="actions">
      {job.state === "planned" ? <Button onClick={begin}>{t.value("jobs_start")}</Button> : null}
      {job.state === "paused" && may("officer") ? (
        <Button onClick={() => onMove("start")}>{t.value("roster_continue")}</Button>
      ) : null}
      {job.state === "running" ? (
        <Button kind="quiet" onClick={() => onMove("pause")}>
          {t.value("roster_pause")}
        </Button>
      ) : null}
      {mayCancel(job) ? (
        <Button kind="quiet" onClick={() => onMove("cancel")}>
          {t.value("office_cancel")}
        </Button>
      ) : null}
    </div>
  );
}

function Failures({ job }: { job: Job }) {
  const [failures, setFailures] = useState<JobFailure[] | null>(null);
  const load = async () => setFailures((await office.value?.jobFailures(job.id)) ?? null);
  return (
    <details onToggle={(event) => event.currentTarget.open && void load()}>
      <summary>{t.value("jobs_failed", { count: numberText(job.refused) })}</summary>
      <ul class="list lines">
        {failures?.map(({ person_id, person_ref, name, failure }) => (
          <li key={person_id}>
            <strong>{name}</strong> <span class="quiet-text">{person_ref}</span>
            <p>{t.value(`jobs_failure_${failure}` as TextKey)}</p>
          </li>
        ))}
      </ul>
    </details>
  );
}
