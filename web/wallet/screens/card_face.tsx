/** A card as it looks: its type and issuer, whose it is, what matters most of it, and how it stands. */

import { claimText, type Names } from "../../shared/claim_text";
import type { CredentialType } from "../../shared/credential_types";
import { agoText, dateText, language, t } from "../../shared/language";
import { Portrait } from "../../shared/portrait";
import { type Card, type Standing, standingOf } from "../cards";
import type { HeldCredential } from "../held_credential";
import { type Sign, SignPicture, TypePicture } from "../pictures";
import { vault } from "../state";
import "./cards.css";

export function typeOf(names: Names, held: HeldCredential): CredentialType | undefined {
  return names.credential_types.find(({ vct }) => vct === held.vct);
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
