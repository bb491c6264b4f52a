/** Who may ask, as far as this phone knows without a network: the provider's list of verifiers, kept with the app. */

/** How old the list may be that tells a desk's name (seconds). */
const MAX_AGE_SECONDS = 7 * 24 * 3600;

export interface KnownDesk {
  did: string;
  name: string;
  /** The numbers of the credential types whose pass the registry lets it see. */
  passes: number[];
  keys: { id: string; x: string; y: string }[];
}

export interface KnownDesks {
  as_of: number;
  verifiers: KnownDesk[];
}

/** The newest list that is to be had; null where there never was one. The service worker keeps the last one that came. */
export async function knownDesks(): Promise<KnownDesks | null> {
  const answer = await fetch("./known-verifiers").catch(() => null);
  return answer?.ok ? ((await answer.json().catch(() => null)) as KnownDesks | null) : null;
}

/** The desk that has this key, and the key; null where nobody has, or the list is too old to tell. */
export function findDesk(
  desks: KnownDesks | null,
  verificationMethod: string,
  now: number,
): { desk: KnownDesk; key: JsonWebKey } | null {
  if (desks === null || now - desks.as_of > MAX_AGE_SECONDS) return null;
  for (const desk of desks.verifiers) {
    const key = desk.keys.find(({ id }) => id === verificationMethod);
    if (key !== undefined) return { desk, key: { kty: "EC", crv: "P-256", x: key.x, y: key.y } };
  }
  return null;
}
