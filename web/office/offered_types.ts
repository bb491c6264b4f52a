/** What this office can offer, from its own metadata and schemas: each credential type with its names, formats and claims. */

import { type Language, language } from "../shared/language";

interface Display {
  name: string;
  locale: string;
}

interface Configuration {
  format: string;
  vct?: string;
  credential_metadata: {
    display: Display[];
    claims: { path: string[]; mandatory: boolean; display: Display[] }[];
  };
}

interface Schema {
  properties?: Record<string, { type: "string" | "integer" }>;
}

export interface OfferedClaim {
  name: string;
  required: boolean;
  kind: "text" | "integer";
  labels: Partial<Record<Language, string>>;
}

export interface OfferedType {
  name: string;
  labels: Partial<Record<Language, string>>;
  configurations: string[];
  claims: OfferedClaim[];
}

const labelsOf = (display: Display[]) => Object.fromEntries(display.map(({ locale, name }) => [locale, name]));

export function labelOf(labels: Partial<Record<Language, string>>): string {
  return labels[language.value ?? "en"] ?? labels.en ?? "";
}

async function read<Document>(path: string): Promise<Document> {
  return (await (await fetch(path)).json()) as Document;
}

/** The schemas of these types, by type; a `vct` ends with the type's name and version. */
async function schemasOf(configurations: Configuration[]): Promise<Map<string, Schema>> {
  const paths = new Map(
    configurations.flatMap(({ vct }) => {
      const [version, name] = vct?.split(":").reverse() ?? [];
      return name === undefined ? [] : [[name, `schemas/${name}/v${version}`] as const];
    }),
  );
  return new Map(await Promise.all([...paths].map(async ([name, path]) => [name, await read<Schema>(path)] as const)));
}

export async function offeredTypes(): Promise<OfferedType[]> {
  const { credential_configurations_supported: configurations } = await read<{
    credential_configurations_supported: Record<string, Configuration>;
  }>(".well-known/openid-credential-issuer");
  const schemas = await schemasOf(Object.values(configurations));
  const types = new Map<string, OfferedType>();
  for (const [id, { credential_metadata: shown }] of Object.entries(configurations)) {
    const name = id.slice(0, id.indexOf("_"));
    const known = types.get(name);
    if (known !== undefined) known.configurations.push(id);
    else {
      const claims = shown.claims.map(({ path, mandatory, display }) => {
        const claim = path.at(-1) ?? "";
        const kind =
          schemas.get(name)?.properties?.[claim]?.type === "integer" ? ("integer" as const) : ("text" as const);
        return { name: claim, required: mandatory, kind, labels: labelsOf(display) };
      });
      types.set(name, { name, labels: labelsOf(shown.display), configurations: [id], claims });
    }
  }
  return [...types.values()];
}
