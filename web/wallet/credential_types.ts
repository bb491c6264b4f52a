/** The credential types as their definitions have them, from the wallet's provider; kept with the app for offline use. */

import type { Language } from "../shared/language";

export type Labels = Record<Language, string>;

export interface Claim {
  name: string;
  labels: Labels;
  kind: "text" | "integer" | "date";
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

let known: Promise<CredentialType[]> | undefined;

/** Throws where they are neither kept nor to be had. */
export function credentialTypes(): Promise<CredentialType[]> {
  known ??= fetchTypes();
  known.catch(() => {
    known = undefined;
  });
  return known;
}

async function fetchTypes(): Promise<CredentialType[]> {
  const answer = await fetch("./credential-types");
  if (!answer.ok) throw new Error("the credential types can't be had");
  return ((await answer.json()) as { credential_types: CredentialType[] }).credential_types;
}
