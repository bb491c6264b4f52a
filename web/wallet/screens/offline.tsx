import { useEffect, useState } from "preact/hooks";
import { t } from "../../shared/language";

/** Where a card is to be had: that there is no network, as long as there is none. */
export function Offline() {
  const [isOnline, setIsOnline] = useState(navigator.onLine);
  useEffect(() => {
    const look = () => setIsOnline(navigator.onLine);
    addEventListener("online", look);
    addEventListener("offline", look);
    // It may have gone between the first drawing and this.
    look();
    return () => {
      removeEventListener("online", look);
      removeEventListener("offline", look);
    };
  }, []);
  return (
    <p class={isOnline ? "unseen" : "problem"} role="status">
      {isOnline ? "" : t.value("first_offline")}
    </p>
  );
}
