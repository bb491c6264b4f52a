import { useState } from "preact/hooks";
import { t } from "../../shared/language";
import { Button, Field, Problem } from "../../shared/ui";
import { officeOf } from "../api";
import { offeredTypes } from "../offered_types";
import { problemText } from "../problem_text";
import { me, office, types } from "../state";

/** The officer's token is kept in this page's memory only: closing or reloading the page signs out. */
export function SignIn() {
  const [token, setToken] = useState("");
  const [problem, setProblem] = useState<string | null>(null);

  async function signIn(): Promise<void> {
    setProblem(null);
    try {
      const asked = officeOf(token.trim());
      me.value = await asked.me();
      types.value = await offeredTypes();
      office.value = asked;
    } catch (error) {
      setProblem(problemText(error));
    }
  }

  return (
    <form
      class="narrow"
      onSubmit={(event) => {
        event.preventDefault();
        void signIn();
      }}
    >
      <h2>{t.value("office_sign_in")}</h2>
      <Field label={t.value("office_token")} kind="secret" value={token} onInput={setToken} maxLength={200} />
      {problem === null ? null : <Problem>{problem}</Problem>}
      <Button submit disabled={token.trim() === ""}>
        {t.value("office_sign_in")}
      </Button>
    </form>
  );
}
