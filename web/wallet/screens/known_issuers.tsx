/** Getting a card without an offer: from which of the known issuers. */

import { useEffect, useState } from "preact/hooks";
import { t } from "../../shared/language";
import { Button } from "../../shared/ui";
import type { KnownIssuer } from "../known_issuers";
import { go } from "../state";

export function KnownIssuers() {
  const [issuers, setIssuers] = useState<readonly KnownIssuer[]>([]);
  useEffect(() => {
    // Offers are taken all the same.
    import("../known_issuers").then(({ knownIssuers }) => knownIssuers()).then(setIssuers, () => undefined);
  }, []);
  return (
    <>
      {issuers.map((issuer) => (
        <Button key={issuer.credential_issuer} kind="quiet" onClick={() => go({ name: "choose_cards", issuer })}>
          {t.value("get_from", { name: issuer.name })}
        </Button>
      ))}
    </>
  );
}
