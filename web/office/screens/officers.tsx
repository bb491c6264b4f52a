/** Who works at the office: inviting by a link that is shown as a QR code too, roles, lost devices, leaving. */

import { useState } from "preact/hooks";
import { t } from "../../shared/language";
import { QrPicture } from "../../shared/qr_picture";
import { Button, Field, Problem } from "../../shared/ui";
import type { Invitation, Office, OfficerRow, Proposal, Role } from "../api";
import { useListing } from "../listing";
import { actionName, momentText, roleName } from "../names";
import { colleagues, may, me } from "../state";
import { DecisionForm } from "./decision_form";

const ROLES: readonly Role[] = ["officer", "approver", "auditor"];

export function Officers() {
  const [inviting, setInviting] = useState(false);
  const [invitation, setInvitation] = useState<Invitation | null>(null);
  const [waiting, setWaiting] = useState<Proposal[]>([]);
  const { problem, change } = useListing(async (asked) => {
    colleagues.value = await asked.officers();
    setWaiting(await asked.proposals({ state: "waiting" }));
  });

  const invite = (work: (asked: Office) => Promise<Invitation>) =>
    change(async (asked) => {
      setInvitation(await work(asked));
      setInviting(false);
    });

  return (
    <>
      <h2>{t.value("officers_title")}</h2>
      {problem === null ? null : <Problem>{problem}</Problem>}
      {invitation === null ? null : <Link invitation={invitation} onClose={() => setInvitation(null)} />}
      {inviting ? (
        <NewOfficer
          onInvite={(name, roles) => invite((asked) => asked.inviteOfficer(name, roles))}
          onCancel={() => setInviting(false)}
        />
      ) : may("approver") && invitation === null ? (
        <div>
          <Button onClick={() => setInviting(true)}>{t.value("officers_invite")}</Button>
        </div>
      ) : null}
      {colleagues.value.length === 0 ? <p class="quiet-text">{t.value("officers_nobody")}</p> : null}
      <ul class="list officers">
        {colleagues.value.map((officer) => (
          <Row
            key={officer.id}
            officer={officer}
            waiting={waiting.filter(({ record_id }) => record_id === officer.id)}
            onChange={(wanted) => change((asked) => asked.changeOfficer(officer.id, wanted))}
            onInvite={() => invite((asked) => asked.inviteAgain(officer.id))}
            onLost={() => change((asked) => asked.removePasskeys(officer.id))}
          />
        ))}
      </ul>
    </>
  );
}

function Row(props: {
  officer: OfficerRow;
  waiting: readonly Proposal[];
  onChange: (change: { roles?: readonly Role[]; active?: boolean }) => void;
  onInvite: () => void;
  onLost: () => void;
}) {
  const { id, name, roles, active, passkeys, invited_until, last_signed_in_at } = props.officer;
  const [asked, setAsked] = useState<"roles" | "leave" | "lost" | null>(null);
  const close = () => setAsked(null);
  const mayChange = may("approver") && me.value?.id !== id;
  return (
    <li>
      <strong>{name}</strong>
      <p>{active ? roles.map(roleName).join(", ") : <span class="status revoked">{t.value("officers_left")}</span>}</p>
      <p class="quiet-text">
        {passkeys === 0 ? `${t.value("officers_no_passkey")} ` : null}
        {invited_until === null ? null : `${t.value("officers_invited", { time: momentText(invited_until) })} `}
        {last_signed_in_at === null ? null : t.value("officers_seen", { time: momentText(last_signed_in_at) })}
      </p>
      {props.waiting.map(({ id: proposal, action }) => (
        <p key={proposal} class="waiting">
          {t.value("proposals_waits", { action: actionName(action) })}
        </p>
      ))}
      {asked === "roles" ? (
        <RolesForm
          roles={roles}
          submit={t.value("officers_save")}
          onRoles={(chosen) => {
            close();
            props.onChange({ roles: chosen });
          }}
          onCancel={close}
        />
      ) : asked !== null ? (
        <div class="actions" role="group" aria-label={t.value("officers_sure")}>
          <p>{t.value(asked === "leave" ? "officers_leave_means" : "officers_lost_means")}</p>
          <Button
            kind="danger"
            onClick={() => {
              close();
              if (asked === "leave") props.onChange({ active: false });
              else props.onLost();
            }}
          >
            {t.value(asked === "leave" ? "officers_leave" : "officers_lost")}
          </Button>
          <Button kind="quiet" onClick={close}>
            {t.value("office_cancel")}
          </Button>
        </div>
      ) : !mayChange ? null : active ? (
        <div class="actions">
          <Button kind="quiet" onClick={() => setAsked("roles")}>
            {t.value("officers_roles")}
          </Button>
          <Button kind="quiet" onClick={props.onInvite}>
            {t.value("officers_link")}
          </Button>
          {passkeys === 0 ? null : (
            <Button kind="quiet" onClick={() => setAsked("lost")}>
              {t.value("officers_lost")}
            </Button>
          )}
          <Button kind="quiet" onClick={() => setAsked("leave")}>
            {t.value("officers_leave")}
          </Button>
        </div>
      ) : (
        <div class="actions">
          <Button kind="quiet" onClick={() => props.onChange({ active: true })}>
            {t.value("officers_return")}
          </Button>
        </div>
      )}
    </li>
  );
}

function NewOfficer(props: { onInvite: (name: string, roles: readonly Role[]) => void; onCancel: () => void }) {
  const [name, setName] = useState("");
  return (
    <section class="new-officer">
      <h3>{t.value("officers_invite")}</h3>
      <Field label={t.value("officers_name")} value={name} onInput={setName} maxLength={80} />
      <RolesForm
        roles={["officer"]}
        submit={t.value("officers_make_link")}
        disabled={name.trim() === ""}
        onRoles={(roles) => props.onInvite(name.trim(), roles)}
        onCancel={props.onCancel}
      />
    </section>
  );
}

function RolesForm(props: {
  roles: readonly Role[];
  submit: string;
  disabled?: boolean;
  onRoles: (roles: readonly Role[]) => void;
  onCancel: () => void;
}) {
  const [chosen, setChosen] = useState<readonly Role[]>(props.roles);
  const toggle = (role: Role) =>
    setChosen(ROLES.filter((each) => (each === role ? !chosen.includes(each) : chosen.includes(each))));
  return (
    <DecisionForm
      submit={props.submit}
      complete={props.disabled !== true && chosen.length > 0}
      onDecide={() => props.onRoles(chosen)}
      onCancel={props.onCancel}
    >
      <fieldset>
        <legend>{t.value("officers_roles")}</legend>
        {ROLES.map((role) => (
          <label key={role} class="choice">
            <input type="checkbox" checked={chosen.includes(role)} onChange={() => toggle(role)} />
            <span>
              {roleName(role)}
              <span class="quiet-text means">{t.value(`role_means_${role}`)}</span>
            </span>
          </label>
        ))}
      </fieldset>
    </DecisionForm>
  );
}

/** For the colleague's phone: read by its camera, or copied and sent. Whoever opens it first has it. */
function Link(props: { invitation: Invitation; onClose: () => void }) {
  const { name, link, expires_at } = props.invitation;
  const [copied, setCopied] = useState(false);
  return (
    <section class="invitation">
      <h3>{t.value("officers_for", { name })}</h3>
      <p>{t.value("officers_scan", { time: momentText(expires_at) })}</p>
      <QrPicture text={link} label={t.value("officers_code")} />
      <p class="link-text">{link}</p>
      <div class="actions">
        <Button
          kind="quiet"
          onClick={() =>
            void navigator.clipboard.writeText(link).then(
              () => setCopied(true),
              () => undefined,
            )
          }
        >
          {t.value("officers_copy")}
        </Button>
        <Button kind="quiet" onClick={props.onClose}>
          {t.value("officers_close")}
        </Button>
      </div>
      <p role="status">{copied ? t.value("officers_copied") : ""}</p>
    </section>
  );
}
