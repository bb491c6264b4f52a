/** What this office can offer, from its own metadata: each credential type with its names, formats and claims. */

import { type Language, language } from "../shared/language";

interface Display {
  name: string;
  locale: string;
}

interface Configuration {
  format: string;
  credential_metadata: {
    display: Display[];
    claims: { path: string[]; mandatory: boolean; display: Display[] }[];
  };
}

export interface OfferedType {
  name: string;
  labels: Partial<Record<Language, string>>;
  configurations: string[];
  claims: { name: string; required: boolean; labels: Partial<Record<Language, string>> }[];
}

const labelsOf = (display: Display[]) => Object.fromEntries(display.map(({ locale, name }) => [locale, name]));

export function labelOf(labels: Partial<Record<Language, string>>): string {
  return labels[language.value ?? "en"] ?? labels.en ?? "";
}

export async function offeredTypes(): Promise<OfferedType[]> {
  const answer = await fetch(".well-known/openid-credential-issuer");
  const metadata = (await answer.json()) as { credential_configurations_supported: Record<string, Configuration> };
  const types = new Map<string, OfferedType>();
  for (const [id, { credential_metadata: shown }] of Object.entries(metadata.credential_configurations_supported)) {
    const name = id.slice(0, id.indexOf("_"));
    const known = types.get(name);
    if (known !== undefined) known.configurations.push(id);
    else {
      const claims = shown.claims.map(({ path, mandatory, display }) => ({
        name: path.at(-1) ?? "",
        required: mandatory,
        labels: labelsOf(display),
      }));
      types.set(name, { name, labels: labelsOf(shown.display), configurations: [id], claims });
    }
  }
  return [...types.values()];
}
