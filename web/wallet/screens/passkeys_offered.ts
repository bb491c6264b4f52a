/** Whether this phone can open a wallet by fingerprint or face; false until that is known. */

import { useEffect, useState } from "preact/hooks";
import { passkeysOffered } from "../passkey";

export function usePasskeysOffered(): boolean {
  const [offered, setOffered] = useState(false);
  useEffect(() => {
    void passkeysOffered().then(setOffered);
  }, []);
  return offered;
}
