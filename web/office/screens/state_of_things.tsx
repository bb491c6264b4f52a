/** How full the status lists are and what was published of them; what the registry says of us; and what to see to. */

import { useState } from "preact/hooks";
import { dateText, numberText, t } from "../../shared/language";
import { Button, Problem, Progress } from "../../shared/ui";
import type { KeyState, ListState, ListsState, Organisation, RegistryState } from "../api";
import { useListing } from "../listing";
import { momentText } from "../names";
import { labelOf } from "../offered_types";
import { ProgressBar } from "../progress_bar";
import { may, types } from "../state";

/** Credential types as the reader calls them. */
const namesOf = (typeNames: readonly string[]) =>
  typeNames.map((each) => labelOf(types.value.find(({ name }) => name === each)?.labels ?? { en: each })).join(", ");

export function StateOfThings() {
  const [lists, setLists] = useState<ListsState | null>(null);
  const [registry, setRegistry] = useState<RegistryState | null>(null);
  const { problem, ask } = useListing(async (asked) => {
    setRegistry(await asked.registry());
    setLists(await asked.lists());
  });

  return (
    <>
      <h2>{t.value("state_title")}</h2>
      {problem === null ? null : <Problem>{problem}</Problem>}
      {registry === null ? <Progress>{t.value("state_loading")}</Progress> : <Warnings registry={registry} />}
      {lists === null ? null : (
        <Lists lists={lists} onPublish={() => ask(async (asked) => setLists(await asked.publishLists()))} />
      )}
      {registry === null ? null : <Registry registry={registry} />}
    </>
  );
}

function Warnings({ registry }: { registry: RegistryState }) {
  if (registry.warnings.length === 0) return <p class="good">{t.value("state_all_well")}</p>;
  return (
    <>
      {registry.warnings.map(({ code, of }) => (
        <Problem key={`${code} ${of}`}>
          {t.value(`state_warning_${code}`, { of: of.includes(":") ? of : namesOf([of]) })}
        </Problem>
      ))}
    </>
  );
}

function Lists({ lists, onPublish }: { lists: ListsState; onPublish: () => void }) {
  return (
    <section>
      <h3>{t.value("state_lists")}</h3>
      <ul class="list jobs">
        {lists.lists.map((list) => (
          <List key={list.id} list={list} />
        ))}
      </ul>
      <p>
        {t.value("state_waiting", { count: numberText(lists.waiting) })}{" "}
        {lists.anchored_at === null ? null : t.value("state_anchored_at", { time: momentText(lists.anchored_at) })}
      </p>
      {may("officer") ? (
        <Button kind="quiet" onClick={onPublish}>
          {t.value("state_publish")}
        </Button>
      ) : null}
    </section>
  );
}

function List({ list }: { list: ListState }) {
  return (
    <li>
      <div class="title">
        <strong>{namesOf(list.credential_types)}</strong>
        <span class={`status ${list.anchored_version === null ? "neutral" : ""}`}>
          {list.anchored_version === null
            ? t.value("state_not_anchored")
            : t.value("state_anchored", { version: numberText(list.anchored_version) })}
        </span>
      </div>
      <ProgressBar done={list.used} total={list.capacity}>
        {t.value("state_used", { used: numberText(list.used), capacity: numberText(list.capacity) })}
      </ProgressBar>
      <p>{t.value("state_withdrawn", { suspended: numberText(list.suspended), revoked: numberText(list.revoked) })}</p>
      <p class="quiet-text">
        {list.version === null || list.published_at === null
          ? t.value("state_never")
          : t.value("state_published", { version: numberText(list.version), time: momentText(list.published_at) })}{" "}
        {list.due_at * 1000 <= Date.now()
          ? t.value("state_due_now")
          : t.value("state_due", { time: momentText(list.due_at) })}
      </p>
      <p class="quiet-text">
        {list.id} · {list.issuer}
      </p>
    </li>
  );
}

function Registry({ registry }: { registry: RegistryState }) {
  return (
    <section>
      <h3>{t.value("state_registry")}</h3>
      {registry.block_number === null || registry.block_time === null ? null : (
        <p>
          {t.value("state_block", {
            number: numberText(registry.block_number),
            chain: String(registry.chain_id),
            time: momentText(registry.block_time),
          })}{" "}
          {t.value("state_synced", { time: momentText(registry.synced_at) })}
        </p>
      )}
      <ul class="list jobs">
        {registry.organisations.map((each) => (
          <OrganisationItem key={each.did} organisation={each} />
        ))}
      </ul>
    </section>
  );
}

function OrganisationItem({ organisation }: { organisation: Organisation }) {
  return (
    <li>
      <strong>{organisation.name}</strong>
      <p class="quiet-text">{organisation.did}</p>
      <h4>{t.value("state_accreditations")}</h4>
      <ul class="list lines">
        {organisation.accreditations.map(({ credential_type, valid_until, given_by }) => (
          <li key={credential_type}>
            <strong>{namesOf([credential_type])}</strong>
            <p>
              {valid_until === null
                ? t.value("state_not_accredited")
                : t.value("state_accredited", {
                    time: dateText(valid_until - 1),
                    name: given_by || t.value("state_governance"),
                  })}
            </p>
          </li>
        ))}
      </ul>
      <h4>{t.value("state_keys")}</h4>
      <ul class="list lines">
        {organisation.keys.map((key) => (
          <Key key={key.verification_method} state={key} />
        ))}
      </ul>
    </li>
  );
}

function Key({ state }: { state: KeyState }) {
  const { signs, signs_lists, valid_until } = state;
  return (
    <li>
      <strong>#{state.verification_method.split("#")[1]}</strong> <span class="quiet-text">{state.algorithm}</span>
      {signs.length === 0 ? null : <p>{t.value("state_signs", { types: namesOf(signs) })}</p>}
      {signs_lists.length === 0 ? null : <p>{t.value("state_signs_lists", { types: namesOf(signs_lists) })}</p>}
      {signs.length + signs_lists.length === 0 ? <p>{t.value("state_not_used")}</p> : null}
      <p class="quiet-text">
        {valid_until === null
          ? t.value("state_key_missing")
          : t.value("state_key_until", { time: dateText(valid_until) })}
      </p>
    </li>
  );
}
