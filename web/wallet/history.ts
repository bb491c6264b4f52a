/** What was shown with this phone, to whom and when: kept in the vault and nowhere else. */

import { changeContent, type Vault } from "./vault";

const KEPT = 200;
const SAME_SECONDS = 60;

/** One time that something was shown: in answer to a request of somebody's, or as a QR code to whoever scanned it. */
export interface Share {
  /** Seconds since 1970. */
  at: number;
  /** Who asked, by their name in the registry; null for a QR code. */
  to: string | null;
  shown: { vct: string; claims: string[] }[];
}

/** The vault with one more share. The same within a minute is one: who comes back to a screen shows nothing new. */
export function recordShare(vault: Vault, share: Share): Promise<Vault> {
  return changeContent(vault, (content) => {
    const history = content.history ?? [];
    const last = history.at(-1);
    const isSame = last !== undefined && share.at - last.at < SAME_SECONDS && whatOf(last) === whatOf(share);
    return isSame ? content : { ...content, history: [...history, share].slice(-KEPT) };
  });
}

function whatOf({ to, shown }: Share): string {
  return JSON.stringify({ to, shown });
}
