/** Where the verifier wants to know who asks: a passkey, or the desk's password where there can be none. */

import { useState } from "preact/hooks";
import { t } from "../../shared/language";
import { PasskeyButton } from "../../shared/passkey_button";
import { Button, Field } from "../../shared/ui";
import { Refused, usePassword } from "../api";
import { Icon } from "../icons";
import { me, signIn } from "../staff";
import { desk } from "../state";
import "./sign_in.css";

export function SignIn() {
  const [password, setPassword] = useState("");
  return (
    <section class="sign-in">
      <Icon name="lock" />
      <h1>{t.value(me.value === null ? "desk_sign_in" : "desk_session_ended")}</h1>
      <p>{me.value?.name ?? desk.value?.facility_name}</p>
      <PasskeyButton work={signIn} explain={explain}>
        {t.value("desk_use_passkey")}
      </PasskeyButton>
      <details>
        <summary>{t.value("desk_no_passkey")}</summary>
        <p>{t.value("desk_ask_supervisor")}</p>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            usePassword(password);
          }}
        >
          <Field kind="secret" label={t.value("desk_password")} value={password} onInput={setPassword} />
          <Button submit kind="quiet">
            {t.value("desk_sign_in")}
          </Button>
        </form>
      </details>
    </section>
  );
}

function explain(problem: unknown): string | null {
  return problem instanceof Refused && problem.code === "unauthenticated" ? t.value("desk_passkey_unknown") : null;
}
