/** One person: what was issued, withdrawing it, and offering something new. */

import { useState } from "preact/hooks";
import { dateText, t } from "../../shared/language";
import { BackButton, Button, Problem, Progress } from "../../shared/ui";
import {
  type IssuedCredential,
  type OfferOrder,
  type Office,
  type Person,
  type Proposal,
  type Reasoned,
  Refused,
  type Status,
} from "../api";
import { useListing } from "../listing";
import { actionName } from "../names";
import { labelOf } from "../offered_types";
import { problemText } from "../problem_text";
import { REASONS_OF } from "../reasons";
import { go, may, types } from "../state";
import { OfferForm } from "./offer_form";
import { Photo } from "./photo";
import { ReasonForm } from "./reason_form";
import { SignInCode } from "./sign_in_code";

const REASONS = { valid: REASONS_OF.restore, suspended: REASONS_OF.suspend, revoked: REASONS_OF.revoke } as const;
const LABELS = { valid: "office_restore", suspended: "office_suspend", revoked: "office_revoke_for_good" } as const;

const PAUSE_MS = 500;

type OnChange = (type: string, status: Status, reasoned: Reasoned) => void;

export function PersonScreen({ person }: { person: Person }) {
  const [issued, setIssued] = useState<IssuedCredential[]>([]);
  const [ended, setEnded] = useState<string[]>([]);
  const [waiting, setWaiting] = useState<Proposal[]>([]);
  const [renewal, setRenewal] = useState<"none" | "under way" | "done">("none");
  const [withoutCode, setWithoutCode] = useState<OfferOrder | null>(null);
  const { problem, tell, ask, change, reload } = useListing(load);

  async function offer(asked: Office, order: OfferOrder): Promise<void> {
    setWithoutCode(null);
    try {
      const offer = await asked.offer(person.person_id, order);
      go({ name: "offer", person, offer });
    } catch (error) {
      if (!(error instanceof Refused && error.code === "too_long_for_qr_pass")) throw error;
      setWithoutCode({ ...order, configurations: order.configurations.filter((each) => !each.endsWith("_qr_pass")) });
    }
  }

  /** The issuer renews within a second or two; meanwhile it is asked again. */
  async function renew(asked: Office, type: string): Promise<void> {
    setRenewal("under way");
    try {
      let job = await asked.renew(person.person_id, type);
      while (job.state === "running") {
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
        job = await asked.job(job.id);
      }
      setRenewal(job.done > 0 ? "done" : "none");
      if (job.done === 0) throw new Refused("conflict", "");
      await reload();
    } catch (error) {
      setRenewal("none");
      const conflict = error instanceof Refused && error.code === "conflict";
      tell(() => (conflict ? t.value("office_nothing_to_renew") : problemText(error)));
    }
  }

  async function load(asked: Office): Promise<void> {
    const record_id = person.person_id;
    const { credentials, entitlement_ended } = await asked.issued(record_id);
    setIssued(credentials);
    setEnded(entitlement_ended);
    setWaiting(await asked.proposals({ record_id, state: "waiting" }));
  }

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
      {renewal === "under way" ? <Progress>{t.value("office_renew")}…</Progress> : null}
      {renewal === "done" ? (
        <p class="good" role="status">
          {t.value("office_renewed")}
        </p>
      ) : null}
      <Photo personId={person.person_id} />
      <Issued
        issued={issued}
        ended={ended}
        onRenew={(type) => ask((asked) => renew(asked, type))}
        waiting={waiting}
        onChange={(type, status, reasoned) =>
          change((asked) => asked.changeStatus(person.person_id, type, status, reasoned))
        }
      />
      {may("officer") ? <OfferForm person={person} onOffer={(order) => ask((asked) => offer(asked, order))} /> : null}
      {withoutCode === null ? null : (
        <>
          <Problem>{t.value("office_too_long_for_code")}</Problem>
          <Button onClick={() => ask((asked) => offer(asked, withoutCode))}>
            {t.value("office_offer_without_code")}
          </Button>
        </>
      )}
      {may("officer") ? <SignInCode personId={person.person_id} /> : null}
    </>
  );
}

interface IssuedProps {
  ended: string[];
  waiting: Proposal[];
  onChange: OnChange;
  onRenew: (type: string) => void;
}

function Issued(props: IssuedProps & { issued: IssuedCredential[] }) {
  const names = [...new Set(props.issued.map(({ credential_type }) => credential_type))];
  return (
    <section>
      <h3>{t.value("office_issued")}</h3>
      {names.length === 0 ? <p class="quiet-text">{t.value("office_nothing_issued")}</p> : null}
      {names.map((name) => {
        const [newest] = props.issued.filter(({ credential_type }) => credential_type === name);
        const waiting = props.waiting.filter(({ parameters }) => parameters.credential_type === name);
        return newest === undefined ? null : <IssuedType key={name} {...props} newest={newest} waiting={waiting} />;
      })}
    </section>
  );
}

function IssuedType(props: IssuedProps & { newest: IssuedCredential }) {
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
        {props.ended.includes(name) ? <p class="waiting">{t.value("office_entitlement_ended")}</p> : null}
        {props.waiting.map(({ id, action }) => (
          <p key={id} class="waiting">
            {t.value("proposals_waits", { action: actionName(action) })}
          </p>
        ))}
      </div>
      <span class={`status ${status}`}>{t.value(`office_status_${status}`)}</span>
      {!may("officer") || status === "revoked" ? null : asked === null ? (
        <div class="actions">
          {status === "valid" ? (
            <Button kind="quiet" onClick={() => props.onRenew(name)}>
              {t.value("office_renew")}
            </Button>
          ) : null}
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
