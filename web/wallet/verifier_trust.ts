/** Who asks, and what the registry lets them ask for: asked of the wallet's provider, which mirrors the registry. */

export interface KnownVerifier {
  did: string;
  name: string;
  public_key_jwk: JsonWebKey;
  /** The claims of each credential type that the registry lets this verifier ask for. */
  may_ask: Record<string, string[]>;
}

/** Null where the registry does not know the verifier by this key. */
export async function resolveVerifier(verificationMethod: string): Promise<KnownVerifier | null> {
  const answer = await fetch(`./verifiers?${new URLSearchParams({ verification_method: verificationMethod })}`);
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Error("the registry can't be asked");
  return (await answer.json()) as KnownVerifier;
}
