/** Times that something was shown, as lists from the oldest to the newest. */

const KEPT = 200;
const SAME_SECONDS = 60;
/** Of the year 9999, in seconds since 1970. */
const LAST_SECOND = 253_402_300_799;
/** No name in the registry, no type's name and no claim's is as long. */
const MAX_TEXT = 2048;

/** One time that something was shown: in answer to a request of somebody's, or as a QR code to whoever scanned it. */
export interface Share {
  /** Seconds since 1970. */
  at: number;
  /** Who asked, by their name in the registry; null for a QR code. */
  to: string | null;
  shown: { vct: string; claims: string[] }[];
}

/**
 * The shares in what a backup brought. What is of another form is left out: the screen that lists them would break, for ever, over
 * a time that is no day or a name that is no text.
 */
export function sharesIn(read: unknown): Share[] {
  return Array.isArray(read) ? read.filter(isShare) : [];
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

function isShare(read: unknown): read is Share {
  const { at, to, shown } = Object(read) as Record<keyof Share, unknown>;
  return isTime(at) && (to === null || isText(to)) && Array.isArray(shown) && shown.every(isShown);
}

function isShown(read: unknown): boolean {
  const { vct, claims } = Object(read) as { vct: unknown; claims: unknown };
  return isText(vct) && Array.isArray(claims) && claims.every(isText);
}

const isTime = (read: unknown) => Number.isInteger(read) && Number(read) >= 0 && Number(read) <= LAST_SECOND;
const isText = (read: unknown) => typeof read === "string" && read.length <= MAX_TEXT;

function whatOf({ to, shown }: Share): string {
  return JSON.stringify({ to, shown });
}
