/** The first run: an offer to begin with, by its code or its link; a wallet from a backup; or one without a card yet. */

import { useState } from "preact/hooks";
import { t } from "../../shared/language";
import { Scanner } from "../../shared/scanner";
import { BackButton, Button, Problem } from "../../shared/ui";
import { readOffer } from "../issuance";
import { go, waitingOffer } from "../state";
import { OfferLink } from "./add_card";
import { KnownIssuers } from "./known_issuers";
import { Offline } from "./offline";

export function FirstRun() {
  const [scanning, setScanning] = useState(false);
  const [isNoOffer, setIsNoOffer] = useState(false);

  function takeUp(text: string): boolean {
    try {
      waitingOffer.value = readOffer(text);
      go({ name: "add" });
      return true;
    } catch {
      setIsNoOffer(true);
      return false;
    }
  }

  return (
    <main>
      <BackButton onClick={() => go({ name: "language" })} />
      <h1>{t.value("first_title")}</h1>
      <p>{t.value("first_advice")}</p>
      <Offline />
      {scanning ? <Scanner onRead={takeUp} /> : <Button onClick={() => setScanning(true)}>{t.value("scan")}</Button>}
      <OfferLink onGiven={takeUp} />
      {isNoOffer ? <Problem>{t.value("problem_not_an_offer")}</Problem> : null}
      <div class="choices other-ways">
        <KnownIssuers />
        <Button kind="quiet" onClick={() => go({ name: "have_backup" })}>
          {t.value("first_have_backup")}
        </Button>
        <Button kind="quiet" onClick={() => go({ name: "new_profile" })}>
          {t.value("first_no_card")}
        </Button>
      </div>
    </main>
  );
}
