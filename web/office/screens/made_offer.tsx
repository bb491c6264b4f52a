import { t, timeText } from "../../shared/language";
import { BackButton, Button } from "../../shared/ui";
import type { Offer, Person } from "../api";
import { go } from "../state";

/** The offer for the patient's phone, on the screen or printed, and the code for the patient's eyes. */
export function MadeOffer({ person, offer }: { person: Person; offer: Offer }) {
  return (
    <section class="offer">
      <BackButton onClick={() => go({ name: "person", person })} />
      <h2>{person.name}</h2>
      <p>{t.value("office_scan_this", { time: timeText(offer.expires_at) })}</p>
      <img src={`${new URL(offer.credential_offer_uri).pathname}/qr.png`} alt={t.value("office_offer_code")} />
      <p>{t.value("office_type_this")}</p>
      <p class="tx-code">{offer.tx_code}</p>
      <Button kind="quiet" onClick={() => print()}>
        {t.value("office_print")}
      </Button>
    </section>
  );
}
