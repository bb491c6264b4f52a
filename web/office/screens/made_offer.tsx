/** The offer for the patient's phone: on the screen with its code for the patient's eyes, and as a sheet to print. */

import { useEffect, useState } from "preact/hooks";
import { type FilledTexts, type Language, language, t, textsIn, timeText } from "../../shared/language";
import { LanguageOptions } from "../../shared/language_menu";
import { BackButton, Button, Choice } from "../../shared/ui";
import type { Offer, OfferProgress, Person } from "../api";
import { go, office } from "../state";

const SPOKEN: Record<string, Language> = { THA: "th", MMR: "my", LAO: "lo", KHM: "km" };
const STEPS = ["sheet_step_open", "sheet_step_scan", "sheet_step_code", "sheet_step_keep", "sheet_step_show"] as const;
const DIGITS = 6;
const LOOK_MS = 2000;
/** An offer holds for half an hour and a token for ten minutes. Each look keeps the session of somebody who left from ending. */
const LOOK_FOR_MS = 40 * 60 * 1000;
/** After these nothing more becomes of an offer that its maker has to see. */
const LAST: readonly OfferProgress[] = ["locked", "expired", "to_approve", "asked_for"];
const GOOD: readonly OfferProgress[] = ["to_approve", "asked_for"];

export function MadeOffer({ person, offer }: { person: Person; offer: Offer }) {
  const [sheet, setSheet] = useState<Language>(SPOKEN[person.nationality] ?? language.value ?? "en");
  const picture = `${new URL(offer.credential_offer_uri).pathname}/qr.png`;
  return (
    <>
      <section class="offer">
        <BackButton onClick={() => go({ name: "person", person })} />
        <h2>{person.name}</h2>
        <p>{t.value("office_scan_this", { time: timeText(offer.expires_at) })}</p>
        <img src={picture} alt={t.value("office_offer_code")} />
        {offer.tx_code === undefined ? (
          <p>{t.value("offer_sms_sent")}</p>
        ) : (
          <>
            <p>{t.value("office_type_this")}</p>
            <p class="tx-code">{offer.tx_code}</p>
          </>
        )}
        <Progressing offer={offer} />
        <div class="row">
          <Choice label={t.value("sheet_language")} value={sheet} onChoose={(chosen) => setSheet(chosen as Language)}>
            <LanguageOptions />
          </Choice>
          <Button kind="quiet" onClick={() => print()}>
            {t.value("office_print")}
          </Button>
        </div>
      </section>
      <Sheet key={sheet} person={person} offer={offer} picture={picture} chosen={sheet} />
    </>
  );
}

/** How far the phone is; where its answer was lost on the way, what to do shows here. */
function Progressing({ offer }: { offer: Offer }) {
  const [progress, setProgress] = useState<OfferProgress>("open");
  useEffect(() => {
    if (LAST.includes(progress)) return;
    const timer = setInterval(() => {
      office.value?.offerProgress(offer).then(setProgress, () => undefined);
    }, LOOK_MS);
    const end = setTimeout(() => clearInterval(timer), LOOK_FOR_MS);
    return () => {
      clearInterval(timer);
      clearTimeout(end);
    };
  }, [progress]);
  return (
    <p class={GOOD.includes(progress) ? "good" : progress === "open" ? "quiet-text" : "waiting"} role="status">
      {t.value(`offer_progress_${progress}`)}
    </p>
  );
}

/** What the patient takes to a phone, in their language. Never the code: whoever finds the sheet could use both. */
function Sheet(props: { person: Person; offer: Offer; picture: string; chosen: Language }) {
  const { person, offer, chosen } = props;
  const [texts, setTexts] = useState<FilledTexts | null>(null);
  useEffect(() => {
    void textsIn(chosen).then((found) => setTexts(() => found));
  }, []);
  if (texts === null) return null;
  return (
    <article class="sheet" lang={chosen}>
      <h3>{texts("sheet_title")}</h3>
      <p>
        <strong>{person.name}</strong> {person.name_latin}
      </p>
      <img src={props.picture} alt={texts("office_offer_code")} />
      <p>{texts("sheet_until", { time: timeText(offer.expires_at, chosen) })}</p>
      <ol>
        {STEPS.map((step) => (
          <li key={step}>
            {texts(step === "sheet_step_code" && offer.tx_code === undefined ? "sheet_step_sms" : step)}
          </li>
        ))}
      </ol>
      {offer.tx_code === undefined ? null : (
        <p class="digits" aria-hidden="true">
          {Array.from({ length: DIGITS }, (_, place) => (
            <span key={place} />
          ))}
        </p>
      )}
      <p>{texts("sheet_secret")}</p>
    </article>
  );
}
