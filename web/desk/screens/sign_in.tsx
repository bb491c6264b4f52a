/** Where the verifier wants to know who asks: the desk's password. */

import { useState } from "preact/hooks";
import { t } from "../../shared/language";
import { Button, Field } from "../../shared/ui";
import { signIn } from "../api";

export function SignIn() {
  const [password, setPassword] = useState("");
  return (
    <form
      class="sign-in"
      onSubmit={(event) => {
        event.preventDefault();
        signIn(password);
      }}
    >
      <h1>{t.value("desk_sign_in")}</h1>
      <Field kind="secret" label={t.value("desk_password")} value={password} onInput={setPassword} />
      <Button submit>{t.value("desk_sign_in")}</Button>
    </form>
  );
}
