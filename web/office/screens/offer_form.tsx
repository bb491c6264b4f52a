/** What is offered to a person: which cards, what the roster does not say of them, and how the code gets to the person. */

import { useState } from "preact/hooks";
import type { Claim } from "../../shared/credential_types";
import { t } from "../../shared/language";
import { Button, Choice, Field, Problem } from "../../shared/ui";
import type { OfferOrder, Person } from "../api";
import { labelOf, type OfferedType } from "../offered_types";
import { types } from "../state";

/** What the person's record has, whatever an officer states: a photo is added to it beside this form. */
const OF_THE_RECORD = ["birth_year", "portrait"];
/** As many digits as a number keeps exactly; no claim has more. */
const MAX_DIGITS = 15;

export function OfferForm(props: { person: Person; onOffer: (order: OfferOrder) => void }) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [claims, setClaims] = useState<Record<string, Record<string, string>>>({});
  const [delivery, setDelivery] = useState<OfferOrder["delivery"]>("in_person");
  const [needsApproval, setNeedsApproval] = useState(false);
  const offered = types.value.filter(({ name }) => chosen.has(name));

  function toggle(name: string): void {
    const now = new Set(chosen);
    if (!now.delete(name)) now.add(name);
    setChosen(now);
  }

  /** What the roster doesn't say of a person, the officer does. */
  const asked = (type: OfferedType) =>
    type.claims.filter(({ name }) => !OF_THE_RECORD.includes(name) && !props.person[name]);
  const written = (type: OfferedType, { name }: Claim) => claims[type.name]?.[name]?.trim() ?? "";
  const stated = (type: OfferedType) =>
    Object.fromEntries(
      asked(type)
        .filter((claim) => written(type, claim) !== "")
        .map((claim) => [claim.name, claim.kind === "integer" ? Number(written(type, claim)) : written(type, claim)]),
    );
  const broken = (type: OfferedType, claim: Claim) => claim.kind === "integer" && /[^0-9]/.test(written(type, claim));
  const complete = offered.every((type) =>
    asked(type).every((claim) => !broken(type, claim) && (!claim.required || written(type, claim) !== "")),
  );
  const offer = () =>
    props.onOffer({
      configurations: offered.flatMap(({ configurations }) => configurations),
      claims: Object.fromEntries(
        offered.map((type) => [type.name, stated(type)] as const).filter(([, each]) => Object.keys(each).length > 0),
      ),
      delivery,
      needsApproval,
    });

  return (
    <section>
      <h3>{t.value("office_new_offer")}</h3>
      <fieldset aria-label={t.value("office_new_offer")}>
        {types.value.map((type) => (
          <label key={type.name} class="choice">
            <input type="checkbox" checked={chosen.has(type.name)} onChange={() => toggle(type.name)} />
            {labelOf(type.labels)}
          </label>
        ))}
      </fieldset>
      {offered.flatMap((type) =>
        asked(type).map((claim) => [
          <ClaimField
            key={`${type.name} ${claim.name}`}
            claim={claim}
            value={claims[type.name]?.[claim.name] ?? ""}
            onInput={(value) => setClaims({ ...claims, [type.name]: { ...claims[type.name], [claim.name]: value } })}
          />,
          broken(type, claim) ? (
            <Problem key={`${type.name} ${claim.name} broken`}>
              {t.value("offer_whole_number", { label: labelOf(claim.labels) })}
            </Problem>
          ) : null,
        ]),
      )}
      {props.person.phone ? (
        <Choice
          label={t.value("offer_delivery")}
          value={delivery}
          onChoose={(chosen) => setDelivery(chosen as OfferOrder["delivery"])}
        >
          <option value="in_person">{t.value("offer_in_person")}</option>
          <option value="sms">{t.value("offer_by_sms", { phone: props.person.phone })}</option>
        </Choice>
      ) : null}
      <label class="choice">
        <input type="checkbox" checked={needsApproval} onChange={() => setNeedsApproval(!needsApproval)} />
        {t.value("offer_needs_approval")}
      </label>
      <Button disabled={offered.length === 0 || !complete} onClick={offer}>
        {t.value("office_offer")}
      </Button>
    </section>
  );
}

/** What an officer states of a claim: one of its choices where it has some, a day, a number or words. */
function ClaimField(props: { claim: Claim; value: string; onInput: (value: string) => void }) {
  const { choices, kind, labels, required } = props.claim;
  const label = `${labelOf(labels)}${required ? " *" : ""}`;
  if (choices !== null) {
    return (
      <Choice label={label} value={props.value} onChoose={props.onInput} required={required}>
        <option value="" />
        {Object.entries(choices).map(([value, each]) => (
          <option key={value} value={value}>
            {labelOf(each)}
          </option>
        ))}
      </Choice>
    );
  }
  return (
    <Field
      label={label}
      value={props.value}
      onInput={props.onInput}
      kind={kind === "integer" || kind === "date" ? kind : "text"}
      maxLength={kind === "integer" ? MAX_DIGITS : 200}
    />
  );
}
