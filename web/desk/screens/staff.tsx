/** Oneself and, for supervisors, who works here: invitations, roles, and who no longer does. */

import { useEffect, useState } from "preact/hooks";
import { useAttempt } from "../../shared/attempt";
import { createTurns } from "../../shared/in_turn";
import { dateText, t, timeText } from "../../shared/language";
import { NoPasskey } from "../../shared/passkey";
import { QrPicture } from "../../shared/qr_picture";
import { BackButton, Button, Choice, Field, focusHeading, Problem, Progress } from "../../shared/ui";
import { type Invitation, type ListedMember, me, type Role, signOut, staff } from "../staff";
import { SignIn } from "./sign_in";
import "./staff.css";

export function Staff() {
  const [members, setMembers] = useState<ListedMember[] | null>(null);
  const [invited, setInvited] = useState<Invitation | null>(null);
  const { problem, attempt } = useAttempt(problemOf);
  const [inTurn] = useState(createTurns<ListedMember[]>);
  const self = me.value;

  /** Does something of the supervisor's, and shows what became of the staff. */
  const act = (work: () => Promise<Invitation | unknown>) =>
    attempt(async () => {
      const answer = await work();
      if (typeof answer === "object" && answer !== null && "link" in answer) setInvited(answer as Invitation);
      if (me.value?.role === "supervisor") setMembers(await inTurn(staff.members));
    });

  useEffect(() => void (self === null ? null : act(async () => null)), [self]);

  if (self === null) return <SignIn />;
  if (invited !== null) return <Invited invitation={invited} onBack={() => setInvited(null)} />;
  return (
    <section class="staff">
      <h1>{self.name}</h1>
      <p>{roleText(self.role)}</p>
      {problem === null ? null : <Problem>{problem}</Problem>}
      <div class="ways">
        <Button kind="quiet" onClick={() => void act(() => staff.invite(self.id))}>
          {t.value("staff_another_device")}
        </Button>
        <Button kind="quiet" onClick={() => void signOut()}>
          {t.value("desk_sign_out")}
        </Button>
      </div>
      {self.role !== "supervisor" ? null : members === null ? (
        problem === null && <Progress>{t.value("staff_loading")}</Progress>
      ) : (
        <>
          <h2>{t.value("staff_who")}</h2>
          <NewMember onInvite={(name, role) => act(() => staff.inviteNew(name, role))} />
          <ul class="list members">
            {members.map((member) => (
              <MemberLine key={member.id} member={member} isSelf={member.id === self.id} act={act} />
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function NewMember(props: { onInvite: (name: string, role: Role) => Promise<void> }) {
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("desk");
  return (
    <form
      class="new-member"
      onSubmit={(event) => {
        event.preventDefault();
        void props.onInvite(name, role).then(() => setName(""));
      }}
    >
      <Field label={t.value("staff_name")} value={name} onInput={setName} maxLength={80} />
      <RoleField role={role} onChoose={setRole} />
      <Button submit disabled={name.trim() === ""}>
        {t.value("staff_invite")}
      </Button>
    </form>
  );
}

function RoleField(props: { role: Role; onChoose: (role: Role) => void }) {
  return (
    <Choice label={t.value("staff_role")} value={props.role} onChoose={(role) => props.onChoose(role as Role)}>
      <option value="desk">{t.value("staff_role_desk")}</option>
      <option value="supervisor">{t.value("staff_role_supervisor")}</option>
    </Choice>
  );
}

function MemberLine(props: {
  member: ListedMember;
  isSelf: boolean;
  act: (work: () => Promise<unknown>) => Promise<void>;
}) {
  const { member, act } = props;
  return (
    <li class={member.active ? "" : "gone"}>
      <details>
        <summary>
          <span class="member-name">{member.name}</span>
          <span class="quiet-text">{[roleText(member.role), stateText(member)].join(" · ")}</span>
        </summary>
        {!member.active ? (
          <Button kind="quiet" onClick={() => void act(() => staff.change(member.id, { active: true }))}>
            {t.value("staff_activate")}
          </Button>
        ) : (
          <div class="actions">
            <Button kind="quiet" onClick={() => void act(() => staff.invite(member.id))}>
              {t.value("staff_invite_again")}
            </Button>
            {props.isSelf ? null : <OfOthers member={member} act={act} />}
          </div>
        )}
      </details>
    </li>
  );
}

/** What nobody does to themselves by a slip of the finger. */
function OfOthers(props: { member: ListedMember; act: (work: () => Promise<unknown>) => Promise<void> }) {
  const { member, act } = props;
  return (
    <>
      <RoleField role={member.role} onChoose={(role) => void act(() => staff.change(member.id, { role }))} />
      {member.passkeys === 0 ? null : (
        <Button kind="quiet" onClick={() => void act(() => staff.forgetPasskeys(member.id))}>
          {t.value("staff_lost_device")}
        </Button>
      )}
      <Button kind="danger" onClick={() => void act(() => staff.change(member.id, { active: false }))}>
        {t.value("staff_deactivate")}
      </Button>
    </>
  );
}

function Invited(props: { invitation: Invitation; onBack: () => void }) {
  const { member, link, expires_at } = props.invitation;
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    scrollTo(0, 0);
    focusHeading();
  }, []);
  return (
    <section class="staff invited">
      <BackButton onClick={props.onBack} />
      <h1>{member.name}</h1>
      <p>{t.value("staff_invitation_what", { time: timeText(expires_at) })}</p>
      <QrPicture text={link} label={t.value("staff_invitation_code")} />
      <Button kind="quiet" onClick={() => void navigator.clipboard.writeText(link).then(() => setCopied(true))}>
        {t.value("staff_copy_link")}
      </Button>
      <p role="status">{copied ? t.value("staff_copied") : ""}</p>
    </section>
  );
}

function problemOf(error: unknown): string {
  return t.value(error instanceof NoPasskey ? "passkey_none" : "staff_failed");
}

function roleText(role: Role): string {
  return t.value(role === "desk" ? "staff_role_desk" : "staff_role_supervisor");
}

function stateText(member: ListedMember): string {
  if (!member.active) return t.value("staff_gone");
  if (member.invited_until !== null) return t.value("staff_invited_until", { time: timeText(member.invited_until) });
  if (member.passkeys === 0) return t.value("staff_without_passkey");
  const last = member.last_signed_in_at;
  return last === null ? t.value("staff_never") : t.value("staff_last", { date: dateText(last) });
}
