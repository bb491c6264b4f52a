/** Issuers that cards can be had from without an offer: the provider names them, and each has a page to sign in at. */

import type { CredentialType } from "../shared/credential_types";
import { createClient } from "./credential_requests";
import { OfferError, offeredBy, type ReadOffer, readOffer } from "./issuance";

export interface KnownIssuer {
  credential_issuer: string;
  name: string;
}

/** What an issuer has of one type, in whichever formats. */
export interface Obtainable {
  type: CredentialType;
  configurationIds: string[];
}

/** None where the provider names none, or can't be asked. */
export async function knownIssuers(): Promise<KnownIssuer[]> {
  const answer = await fetch("./known-issuers").catch(() => null);
  if (!answer?.ok) return [];
  return ((await answer.json().catch(() => ({ issuers: [] }))) as { issuers: KnownIssuer[] }).issuers;
}

/** Asks the issuer what it has that this wallet can hold. Throws `OfferError`. */
export async function obtainableFrom({ credential_issuer: issuer }: KnownIssuer): Promise<Obtainable[]> {
  const client = await createClient();
  const metadata = await client.resolveIssuerMetadata(issuer).catch(() => {
    throw new OfferError("not_reached");
  });
  const found = new Map<string, Obtainable>();
  const ids = Object.keys(metadata.credentialIssuer.credential_configurations_supported);
  for (const { configurationId, type } of await offeredBy(metadata, ids)) {
    const obtainable = found.get(type.vct) ?? { type, configurationIds: [] };
    obtainable.configurationIds.push(configurationId);
    found.set(type.vct, obtainable);
  }
  if (found.size === 0) throw new OfferError("nothing_to_hold");
  return [...found.values()];
}

/** The offer that a wallet writes to itself, so that all goes on as with one of the issuer's. */
export function writeOffer({ credential_issuer }: KnownIssuer, wanted: readonly Obtainable[]): ReadOffer {
  const credential_configuration_ids = wanted.flatMap(({ configurationIds }) => configurationIds);
  const offer = { credential_issuer, credential_configuration_ids, grants: { authorization_code: {} } };
  return readOffer(`openid-credential-offer://?${new URLSearchParams({ credential_offer: JSON.stringify(offer) })}`);
}
