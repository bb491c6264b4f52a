/** Signing in: with a passkey where there can be one, with the office's token where the issuer takes it here. */

import { useEffect, useState } from "preact/hooks";
import { useAttempt } from "../../shared/attempt";
import { t } from "../../shared/language";
import { addressForPasskeys, passkeysWorkHere } from "../../shared/passkey";
import { Button, Field, Problem } from "../../shared/ui";
import { Refused } from "../api";
import { problemText } from "../problem_text";
import { type SignInWays, signInWays, signInWithPasskey, signInWithToken } from "../session";

export function SignIn() {
  const [ways, setWays] = useState<SignInWays | null>(null);
  const [token, setToken] = useState("");
  const { problem, attempt } = useAttempt(problemOf);
  useEffect(() => void attempt(async () => setWays(await signInWays())), []);

  const elsewhere = addressForPasskeys();
  return (
    <div class="narrow">
      <h2>{t.value("office_sign_in")}</h2>
      {problem === null ? null : <Problem>{problem}</Problem>}
      {ways?.passkey && passkeysWorkHere() ? (
        <>
          <Button onClick={() => void attempt(signInWithPasskey)}>
            <KeyPicture /> {t.value("office_use_passkey")}
          </Button>
          <p class="quiet-text">{t.value("office_passkey_advice")}</p>
        </>
      ) : null}
      {ways?.passkey && elsewhere !== null ? (
        <p>
          <a href={elsewhere}>{t.value("office_passkeys_elsewhere")}</a>
        </p>
      ) : null}
      {ways?.token ? (
        <form
          class="token"
          onSubmit={(event) => {
            event.preventDefault();
            void attempt(() => signInWithToken(token.trim()));
          }}
        >
          <Field label={t.value("office_token")} kind="secret" value={token} onInput={setToken} maxLength={200} />
          <Button submit kind={passkeysWorkHere() ? "quiet" : "main"} disabled={token.trim() === ""}>
            {t.value("office_sign_in")}
          </Button>
        </form>
      ) : null}
    </div>
  );
}

function problemOf(error: unknown): string {
  const notAdmitted = error instanceof Refused && error.code === "forbidden";
  return notAdmitted ? t.value("office_not_admitted") : problemText(error);
}

export function KeyPicture() {
  return (
    <svg
      viewBox="0 0 24 24"
      width="22"
      height="22"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      aria-hidden="true"
    >
      <circle cx="8" cy="12" r="4" />
      <path d="M12 12h9m-3 0v4m-3-4v3" />
    </svg>
  );
}
