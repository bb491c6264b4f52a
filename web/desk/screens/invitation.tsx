/** The first time: whoever holds an invitation sees whom it is for, and makes a passkey. */

import { useEffect, useState } from "preact/hooks";
import { useProblem } from "../../shared/attempt";
import { t } from "../../shared/language";
import { PasskeyButton } from "../../shared/passkey_button";
import { Problem, Progress } from "../../shared/ui";
import { Refused } from "../api";
import { Icon } from "../icons";
import { acceptInvitation, type Member, openInvitation } from "../staff";
import { desk } from "../state";
import "./sign_in.css";

export function Invitation(props: { code: string }) {
  const [member, setMember] = useState<Member | null>(null);
  const [problem, tell] = useProblem();
  useEffect(() => {
    openInvitation(props.code).then(setMember, (error) => tell(() => explain(error) ?? t.value("desk_unreachable")));
  }, [props.code]);

  if (problem !== null) return <Problem>{problem}</Problem>;
  if (member === null) return <Progress>{t.value("desk_invitation_opening")}</Progress>;
  return (
    <section class="sign-in">
      <Icon name="person" />
      <h1>{t.value("desk_welcome", { name: member.name })}</h1>
      <p>
        {desk.value?.facility_name} · {t.value(member.role === "desk" ? "staff_role_desk" : "staff_role_supervisor")}
      </p>
      <p>{t.value("desk_passkey_what")}</p>
      <PasskeyButton work={() => acceptInvitation(props.code)} explain={explain}>
        {t.value("desk_make_passkey")}
      </PasskeyButton>
    </section>
  );
}

function explain(problem: unknown): string | null {
  if (!(problem instanceof Refused)) return null;
  if (problem.code === "not_found") return t.value("desk_invitation_over");
  return problem.code === "conflict" ? t.value("desk_passkey_taken") : null;
}
