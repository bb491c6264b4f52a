/** The cards in the wallet, and one of them in full. A credential that came in two formats is one card. */

import { useEffect, useState } from "preact/hooks";
import { dateText, language, t } from "../../shared/language";
import { BackButton, Button } from "../../shared/ui";
import { type Claim, type CredentialType, credentialTypes } from "../credential_types";
import type { HeldCredential } from "../held_credential";
import { go, lock, vault } from "../state";

export function useCredentialTypes(): readonly CredentialType[] {
  const [types, setTypes] = useState<readonly CredentialType[]>([]);
  useEffect(() => {
    // Cards are shown without their labels until these are to be had.
    credentialTypes().then(setTypes, () => undefined);
  }, []);
  return types;
}

/** The fullest credential of each type from each issuer, the newest first. */
function cardsOf(credentials: readonly HeldCredential[]): HeldCredential[] {
  const newest = [...credentials].sort(
    (one, other) => other.issuedAt - one.issuedAt || (one.format === "dc+sd-jwt" ? -1 : 1),
  );
  const found = new Map<string, HeldCredential>();
  for (const each of newest) {
    const key = `${each.vct} ${each.issuer}`;
    const known = found.get(key);
    if (known === undefined || (known.format === "qr_pass" && each.format === "dc+sd-jwt")) found.set(key, each);
  }
  return [...found.values()];
}

export function Cards() {
  const types = useCredentialTypes();
  const opened = vault.value;
  if (opened === null) return null;
  const cards = cardsOf(opened.content.credentials);
  return (
    <main>
      <div class="top">
        <h1>{t.value("app_name")}</h1>
        <Button kind="quiet" onClick={() => go({ name: "settings" })}>
          {t.value("settings")}
        </Button>
        <Button kind="quiet" onClick={lock}>
          {t.value("lock")}
        </Button>
      </div>
      {cards.length === 0 ? <p class="quiet-text">{t.value("no_cards")}</p> : null}
      <div class="choices">
        {cards.map((held) => (
          <CardFace key={held.id} held={held} type={types.find(({ vct }) => vct === held.vct)} />
        ))}
        <Button onClick={() => go({ name: "add" })}>{t.value("add_card")}</Button>
        {cards.length === 0 ? null : (
          <Button kind="quiet" onClick={() => go({ name: "answer" })}>
            {t.value("answer_desk")}
          </Button>
        )}
      </div>
    </main>
  );
}

function CardFace(props: { held: HeldCredential; type: CredentialType | undefined }) {
  const { held, type } = props;
  const expired = held.expiresAt * 1000 <= Date.now();
  return (
    <button
      type="button"
      class={expired ? "card expired" : "card"}
      style={{ "--card": type?.color ?? "#4a5a66" }}
      onClick={() => go({ name: "card", id: held.id })}
    >
      <strong>{type?.labels[language.value ?? "en"] ?? held.vct}</strong>
      <span>{t.value("issued_by", { issuer: held.issuerName })}</span>
      <span class="name">{held.claims.name ?? held.claims.name_latin}</span>
      <span>{held.claims.name === undefined ? null : held.claims.name_latin}</span>
      <span>{expired ? t.value("expired") : t.value("valid_until", { date: dateText(held.expiresAt - 1) })}</span>
    </button>
  );
}

export function Card(props: { id: string }) {
  const types = useCredentialTypes();
  const held = vault.value?.content.credentials.find(({ id }) => id === props.id);
  if (held === undefined) return null;
  const type = types.find(({ vct }) => vct === held.vct);
  const pass = passFor(held);
  return (
    <main>
      <BackButton onClick={() => go({ name: "cards" })} />
      <CardFace held={held} type={type} />
      {pass === undefined ? null : <Button onClick={() => go({ name: "show", id: pass.id })}>{t.value("show")}</Button>}
      <dl class="claims">
        {type?.claims
          .filter(({ name }) => held.claims[name] !== undefined)
          .map((claim) => (
            <div key={claim.name}>
              <dt>{claim.labels[language.value ?? "en"]}</dt>
              <dd>{claimText(claim, held.claims[claim.name] ?? "")}</dd>
            </div>
          ))}
      </dl>
    </main>
  );
}

/** The newest QR pass of the same kind from the same issuer that is still valid. */
function passFor(held: HeldCredential): HeldCredential | undefined {
  return vault.value?.content.credentials
    .filter(({ format, vct, issuer }) => format === "qr_pass" && vct === held.vct && issuer === held.issuer)
    .filter(({ expiresAt }) => Date.now() < expiresAt * 1000)
    .sort((one, other) => other.issuedAt - one.issuedAt)[0];
}

/** A claim's value for the reader: dates and choices in the language, everything else as it is. */
export function claimText(claim: Claim, value: string | number): string {
  if (claim.kind === "date") return dateText(String(value));
  return claim.choices?.[value]?.[language.value ?? "en"] ?? String(value);
}
