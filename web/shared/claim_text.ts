/** What a credential says, in words: labels, dates, choices, schemes, hospitals, countries and documents. */

import { useEffect, useState } from "preact/hooks";
import { type Claim, type Definitions, definitions, type HospitalNames, hospitalNames } from "./credential_types";
import { dateText, language, numberText, t, yearText } from "./language";

/** What credentials are shown with: labels, and the names of schemes and hospitals. */
export interface Names extends Definitions {
  hospitals: HospitalNames;
}

const NO_NAMES: Names = { credential_types: [], schemes: {}, hospitals: {} };

export function useNames(): Names {
  const [names, setNames] = useState(NO_NAMES);
  useEffect(() => {
    // They are shown without their labels until these are to be had.
    const ask = () =>
      void Promise.all([definitions(), hospitalNames()]).then(
        ([known, hospitals]) => setNames({ ...known, hospitals }),
        () => undefined,
      );
    ask();
    addEventListener("online", ask);
    return () => removeEventListener("online", ask);
  }, []);
  return names;
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
