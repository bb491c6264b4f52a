/** What was shown with this phone, to whom and when: kept in the vault and in its backups, and nowhere else. */

import { type Share, withShare } from "./shares";
import { changeContent, type Vault } from "./vault";

/** The vault with one more share. */
export function recordShare(vault: Vault, share: Share): Promise<Vault> {
  return changeContent(vault, (content) => {
    const before = content.history ?? [];
    const history = withShare(before, share);
    return history === before ? content : { ...content, history };
  });
}
