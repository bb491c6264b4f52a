/** Whether an issuer may issue: asked of the wallet's provider, which mirrors the registry. */

export interface KnownIssuer {
  did: string;
  name: string;
  public_key_jwk: JsonWebKey;
}

/** The registry does not know the issuer, or does not let it issue this; or this can be no issuer's key. */
export class UntrustedIssuer extends Error {}

/** Nobody waits longer than this for a provider that does not answer. */
const TIMEOUT_MS = 10_000;

/** Who may issue credentials of this type, or without a type, of any. Throws `UntrustedIssuer`. */
export async function resolveIssuer(verificationMethod: string, vct?: string): Promise<KnownIssuer> {
  const query = new URLSearchParams({ verification_method: verificationMethod, ...(vct === undefined ? {} : { vct }) });
  const answer = await fetch(`./issuers?${query}`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!answer.ok) {
    // A bare 404 is of what stands between, and no word of the registry's.
    const { code } = (await answer.json()) as { code?: unknown };
    if (code === "not_found" || code === "invalid_request") throw new UntrustedIssuer();
    throw new Error("the registry can't be asked");
  }
  return (await answer.json()) as KnownIssuer;
}

/** As `resolveIssuer`, for many credentials: each question is asked once, and none any more after one that got no answer. */
export function askingOnce(): typeof resolveIssuer {
  const asked = new Map<string, Promise<KnownIssuer>>();
  let unanswered: { error: unknown } | null = null;
  return async (verificationMethod, vct) => {
    if (unanswered !== null) throw unanswered.error;
    const question = `${vct ?? ""} ${verificationMethod}`;
    const answer = asked.get(question) ?? resolveIssuer(verificationMethod, vct);
    asked.set(question, answer);
    return answer.catch((error) => {
      if (!(error instanceof UntrustedIssuer)) unanswered = { error };
      throw error;
    });
  };
}
