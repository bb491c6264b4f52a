/** Profiles of the first version of this app, sealed under the PIN's own key: opened once more, and then made vaults. */

import type { LegacyProfileRow } from "./database";
import { pinSecret } from "./locks";
import { importSealingKey } from "./sealing";
import type { Content } from "./vault";

/** What it holds. Throws where the PIN is another. */
export async function openLegacyProfile(row: LegacyProfileRow, pin: string): Promise<Content> {
  const key = await importSealingKey(await pinSecret(row.deviceKey, pin, row.salt));
  const { iv, ciphertext } = row.sealed;
  const content = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, ciphertext);
  return JSON.parse(new TextDecoder().decode(content)) as Content;
}
