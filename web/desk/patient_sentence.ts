/** What patients read of a verdict: what they can do themselves, and nothing of why. Staff read the verifier's words. */

import type { TextKey } from "../shared/language";
import type { Verdict } from "./api";

/** By reason code, only what patients can set right; with all else staff help them. */
const TO_DO: Record<string, TextKey> = {
  NOT_A_CREDENTIAL: "desk_patient_again",
  MALFORMED: "desk_patient_again",
  TOO_LARGE: "desk_patient_again",
  EXPIRED_PRESENTATION: "desk_patient_again",
  REPLAYED: "desk_patient_again",
  WRONG_AUDIENCE: "desk_patient_again",
  CLOCK_SKEW: "desk_patient_clock",
  EXPIRED_CREDENTIAL: "desk_patient_online",
  REVOKED: "desk_patient_office",
  SUSPENDED: "desk_patient_office",
};

/** An acceptance admits nobody: staff still compare the person with their document. */
export function patientSentence(verdict: Verdict): TextKey {
  if (verdict.verdict === "accepted") return "desk_patient_accepted";
  return TO_DO[verdict.code] ?? "desk_patient_staff";
}
