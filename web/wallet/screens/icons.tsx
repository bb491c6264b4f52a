/** What a message is about, as a picture; the word stands beside it. */

import type { MessageKind } from "../message";

const PATHS: Record<MessageKind | "seen", string> = {
  appointment: "M4 6h16v14H4zM4 10h16M8 3v5M16 3v5",
  claim: "M6 3h12v18l-3-2-3 2-3-2-3 2zM9 8h6M9 12h6",
  security: "M12 3l8 3v6c0 4.5-3.2 7.7-8 9-4.8-1.3-8-4.5-8-9V6zM12 8v5M12 16v.5",
  seen: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6",
  other: "M3 6h18v12H3zM3 7l9 6 9-6",
};

export function KindIcon({ kind }: { kind: keyof typeof PATHS }) {
  return (
    <svg class={`kind-icon ${kind}`} viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[kind]} />
    </svg>
  );
}
