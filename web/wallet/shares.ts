/** Times that something was shown, as lists from the oldest to the newest. */

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

/** With one more. The same within a minute is one: who comes back to a screen shows nothing new. */
export function withShare(shares: readonly Share[], share: Share): readonly Share[] {
  const last = shares.at(-1);
  const isSame = last !== undefined && share.at - last.at < SAME_SECONDS && whatOf(last) === whatOf(share);
  return isSame ? shares : [...shares, share].slice(-KEPT);
}

/** What either has, each once; of more than are kept the newest. */
export function mergeShares(mine: readonly Share[], theirs: readonly Share[]): Share[] {
  const shares = new Map([...theirs, ...mine].map((share) => [`${share.at} ${whatOf(share)}`, share]));
  return [...shares.values()].sort((one, other) => one.at - other.at).slice(-KEPT);
}

function whatOf({ to, shown }: Share): string {
  return JSON.stringify({ to, shown });
}
