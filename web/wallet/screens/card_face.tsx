/** A card as it looks: its type and issuer, whose it is, what matters most of it, and how it stands. */

import { useEffect, useState } from "preact/hooks";
import { agoText, dateText, language, numberText, t, yearText } from "../../shared/language";
import { Portrait } from "../../shared/portrait";
import { type Card, type Standing, standingOf } from "../cards";
import {
  type Claim,
  type CredentialType,
  type Definitions,
  definitions,
  type HospitalNames,
  hospitalNames,
} from "../credential_types";
import type { HeldCredential } from "../held_credential";
import { type Sign, SignPicture, TypePicture } from "../pictures";
import { vault } from "../state";
import "./cards.css";

/** What cards are shown with: labels, and the names of schemes and hospitals. */
export interface Names extends Definitions {
  hospitals: HospitalNames;
}

const NO_NAMES: Names = { credential_types: [], schemes: {}, hospitals: {} };

export function useNames(): Names {
  const [names, setNames] = useState(NO_NAMES);
  useEffect(() => {
    // Cards are shown without their labels until these are to be had.
    Promise.all([definitions(), hospitalNames()]).then(
      ([known, hospitals]) => setNames({ ...known, hospitals }),
      () => undefined,
    );
  }, []);
  return names;
}

export function typeOf(names: Names, held: HeldCredential): CredentialType | undefined {
  return names.credential_types.find(({ vct }) => vct === held.vct);
}

/** A claim's value for the reader: dates, choices, schemes and hospitals in words, everything else as it is. */
export function claimText(claim: Claim, value: string | number, names: Names): string {
  const reader = language.value ?? "en";
  if (claim.kind === "date") return dateText(String(value));
  if (claim.name === "scheme") return names.schemes[value]?.[reader] ?? String(value);
  if (claim.name === "copay_baht") return numberText(Number(value));
  if (claim.name === "birth_year") return yearText(Number(value));
  if (claim.name === "nationality") return regionText(String(value));
  if (claim.name === "identifier_system") return documentText(String(value));
  if (claim.name === "hospital" || claim.name.endsWith("_hospital")) return hospitalText(String(value), names);
  return claim.choices?.[value]?.[reader] ?? String(value);
}

/** A hospital by its name, with its code; the code alone where the name is not known. */
export function hospitalText(code: string, names: Names): string {
  const name = names.hospitals[code];
  return name === undefined ? code : `${name[language.value === "th" ? "th" : "en"]} (${code})`;
}

/** A country of the neighbourhood by its name, any other by its three letters (ISO 3166). */
function regionText(code: string): string {
  return ["KHM", "LAO", "MMR", "THA"].includes(code) ? t.value(`region_${code as "MMR"}`) : code;
}

const CITIZEN_ID = "https://terms.sil-th.org/id/th-cid";
const PASSPORT = "http://hl7.org/fhir/sid/passport-";

/** What kind of document a number is of, by the address of its number system. */
function documentText(system: string): string {
  if (system === CITIZEN_ID) return t.value("document_citizen_id");
  if (!system.startsWith(PASSPORT)) return system;
  return t.value("document_passport", { country: regionText(system.slice(PASSPORT.length)) });
}

export function CardFace(props: { card: Card; names: Names; onClick?: () => void }) {
  const { card, names } = props;
  const { held } = card;
  const type = typeOf(names, held);
  const now = Date.now() / 1000;
  const standing = standingOf(card, vault.value?.content.statuses, now);
  const over = standing.kind === "revoked" || standing.kind === "expired";
  const face = (
    <>
      <CardPortrait held={held} type={type} />
      <span class="card-head">
        <TypePicture typeName={type?.name} />
        <span class="card-title">
          <strong>{type?.labels[language.value ?? "en"] ?? held.vct}</strong>
          <span>{held.issuerName}</span>
        </span>
      </span>
      <TypePicture typeName={type?.name} class="watermark" />
      <span class="card-names">
        <span class="name">{held.claims.name ?? held.claims.name_latin}</span>
        {held.claims.name === undefined ? null : <span>{held.claims.name_latin}</span>}
      </span>
      <MainPoint held={held} type={type} names={names} />
      <span class="card-foot">
        <StandingChip standing={standing} />
        {over ? null : <span>{t.value("valid_until", { date: dateText(lastSecond(card)) })}</span>}
      </span>
    </>
  );
  const classes = ["card", ...(over ? ["over"] : []), ...(held.claims.portrait === undefined ? [] : ["pictured"])];
  const look = { class: classes.join(" "), style: { "--card": type?.color ?? "#4a5a66" } };
  if (props.onClick === undefined) return <div {...look}>{face}</div>;
  return (
    <button type="button" {...look} onClick={props.onClick}>
      {face}
    </button>
  );
}

function CardPortrait(props: { held: HeldCredential; type: CredentialType | undefined }) {
  const { portrait } = props.held.claims;
  return portrait === undefined ? null : (
    <Portrait picture={String(portrait)} label={labelOf(props.type, "portrait") ?? ""} />
  );
}

function lastSecond(card: Card): number {
  return Math.max(...card.all.map(({ expiresAt }) => expiresAt)) - 1;
}

function labelOf(type: CredentialType | undefined, name: string): string | undefined {
  return type?.claims.find((each) => each.name === name)?.labels[language.value ?? "en"];
}

/** The one thing that a card of this type is looked at for. */
function MainPoint(props: { held: HeldCredential; type: CredentialType | undefined; names: Names }) {
  const { held, type, names } = props;
  const text = (name: string) => {
    const claim = type?.claims.find((each) => each.name === name);
    const value = held.claims[name];
    return claim === undefined || value === undefined ? null : claimText(claim, value, names);
  };
  const { dependant_name: dependant } = held.claims;
  if (dependant !== undefined)
    return (
      <span class="card-point">
        {t.value("card_for", { name: dependant })} · {text("relationship")}
      </span>
    );
  if (held.claims.appointment_date !== undefined)
    return (
      <span class="card-point">
        {text("appointment_date")}, {text("appointment_time")}
        <br />
        {text("hospital")}
      </span>
    );
  if (held.claims.copay_baht !== undefined)
    return (
      <span class="card-point">
        {text("scheme")}
        <br />
        {labelOf(type, "copay_baht")}: {text("copay_baht")}
      </span>
    );
  const point = text("scheme") ?? text("visit_date") ?? text("employer");
  return point === null ? null : <span class="card-point">{point}</span>;
}

const SIGN_OF: Record<Standing["kind"], [Sign, string]> = {
  good: ["good", "chip good"],
  no_list: ["good", "chip good"],
  old: ["unknown", "chip"],
  unchecked: ["unknown", "chip"],
  not_yet: ["waiting", "chip warned"],
  suspended: ["paused", "chip warned"],
  expired: ["bad", "chip bad"],
  revoked: ["bad", "chip bad"],
};

export function StandingChip({ standing }: { standing: Standing }) {
  const [sign, look] = SIGN_OF[standing.kind];
  return (
    <span class={look}>
      <SignPicture sign={sign} />
      {standingText(standing)}
    </span>
  );
}

function standingText(standing: Standing): string {
  const values = {
    ago: "checkedAt" in standing ? agoText(standing.checkedAt, Date.now() / 1000) : "",
    date: "from" in standing ? dateText(standing.from) : "",
  };
  return t.value(`standing_${standing.kind}`, values);
}
