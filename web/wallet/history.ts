/** What was shown with this phone, to whom and when: kept in the vault and nowhere else. */

import { changeContent, type Vault } from "./vault";

const KEPT = 200;

/** One time that something was shown: in answer to a request of somebody's, or as a QR code to whoever scanned it. */
export interface Share {
  /** Seconds since 1970. */
  at: number;
  /** Who asked, by their name in the registry; null for a QR code. */
  to: string | null;
  shown: { vct: string; claims: string[] }[];
}

/** The vault with one more share. */
export function recordShare(vault: Vault, share: Share): Promise<Vault> {
  return changeContent(vault, (content) => ({ ...content, history: [...(content.history ?? []), share].slice(-KEPT) }));
}
