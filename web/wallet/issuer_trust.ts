/** Whether an issuer may issue: asked of the wallet's provider, which mirrors the registry. */

export interface KnownIssuer {
  did: string;
  name: string;
  public_key_jwk: JsonWebKey;
}

/** The registry does not know the issuer, or does not let it issue this. */
export class UntrustedIssuer extends Error {}

/** Who may issue credentials of this type, or without a type, of any. Throws `UntrustedIssuer`. */
export async function resolveIssuer(verificationMethod: string, vct?: string): Promise<KnownIssuer> {
  const query = new URLSearchParams({ verification_method: verificationMethod, ...(vct === undefined ? {} : { vct }) });
  const answer = await fetch(`./issuers?${query}`);
  if (answer.status === 404) throw new UntrustedIssuer();
  if (!answer.ok) throw new Error("the registry can't be asked");
  return (await answer.json()) as KnownIssuer;
}
