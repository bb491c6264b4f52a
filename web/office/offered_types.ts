/** What this office can offer: the credential types that its own metadata has, as their definitions have them. */

import { type CredentialType, definitions } from "../shared/credential_types";
import { type Language, language } from "../shared/language";

export interface OfferedType extends CredentialType {
  configurations: string[];
}

export function labelOf(labels: Partial<Record<Language, string>>): string {
  return labels[language.value ?? "en"] ?? labels.en ?? "";
}

export async function offeredTypes(): Promise<OfferedType[]> {
  const answer = await fetch(".well-known/openid-credential-issuer");
  const { credential_configurations_supported: offered } = (await answer.json()) as {
    credential_configurations_supported: Record<string, unknown>;
  };
  const ids = Object.keys(offered);
  const types = (await definitions()).credential_types.map((type) => ({
    ...type,
    configurations: ids.filter((id) => id.slice(0, id.indexOf("_")) === type.name),
  }));
  return types.filter(({ configurations }) => configurations.length > 0);
}
