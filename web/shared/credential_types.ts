/** The credential types as their definitions have them, from the service of the page; the wallet keeps them for offline use. */

import type { Language } from "./language";

export type Labels = Record<Language, string>;

export interface Claim {
  name: string;
  labels: Labels;
  kind: "text" | "integer" | "date" | "image";
  required: boolean;
  qr_key: number | null;
  choices: Record<string, Labels> | null;
}

export interface CredentialType {
  name: string;
  vct: string;
  number: number;
  labels: Labels;
  color: string;
  claims: Claim[];
}

/** What is known of credentials: their types, and the names of schemes by code. */
export interface Definitions {
  credential_types: CredentialType[];
  schemes: Record<string, Labels>;
}

let known: Promise<Definitions> | undefined;

/** Throws where they are neither kept nor to be had. */
export function definitions(): Promise<Definitions> {
  known ??= fetchDefinitions();
  known.catch(() => {
    known = undefined;
  });
  return known;
}

export async function credentialTypes(): Promise<CredentialType[]> {
  return (await definitions()).credential_types;
}

async function fetchDefinitions(): Promise<Definitions> {
  const answer = await fetch("./credential-types");
  if (!answer.ok) throw new Error("the credential types can't be had");
  return (await answer.json()) as Definitions;
}

/** Names of hospitals, in Thai and in Latin letters, by code. */
export type HospitalNames = Record<string, { th: string; en: string }>;

let hospitals: Promise<HospitalNames> | undefined;

/** All names at once, so that nobody learns which ones a holder has; none where they are not to be had. */
export function hospitalNames(): Promise<HospitalNames> {
  hospitals ??= fetchHospitals().catch(() => {
    hospitals = undefined;
    return {};
  });
  return hospitals;
}

async function fetchHospitals(): Promise<HospitalNames> {
  const answer = await fetch("./hospitals");
  return answer.ok ? ((await answer.json()) as { hospitals: HospitalNames }).hospitals : {};
}
