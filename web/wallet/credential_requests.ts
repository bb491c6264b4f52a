/** Asking an issuer for credentials (OpenID4VCI 1.0 sections 7 to 9): nonce, proofs, copies, and what it puts off. */

import type { AccessTokenResponse, CallbackContext } from "@openid4vc/oauth2";
import type { IssuerMetadataResult, Openid4vciClient } from "@openid4vc/openid4vci";
import { encodeBase64url } from "../shared/base64url";
import { isLoopback } from "../shared/loopback";
import { CALLBACKS } from "./callbacks";
import type { CredentialSource, HeldCredential } from "./held_credential";
import { createHolderKey, type HolderKey, signWith } from "./holder_keys";
import { createProof } from "./proof";
import { BadCredential, verifyReceived } from "./received";

/** How many copies are asked for, each to be shown once, so that two desks have no key in common. */
const WANTED_COPIES = 5;
const DEFAULT_INTERVAL_SECONDS = 60;
const MAX_INTERVAL_SECONDS = 86_400;
/** A nonce that ran out on the way, or a phone's clock that is wrong until somebody sets it. */
const OVER_WITH_ANOTHER_PROOF = ["invalid_nonce", "invalid_proof"];

/** One credential to ask for, in a copy for each of the keys. */
export interface Wanted {
  source: CredentialSource;
  format: HeldCredential["format"];
  vct: string;
  keys: HolderKey[];
  credentialIdentifier?: string;
}

export interface PutOff {
  transactionId: string;
  interval: number;
}

export type Answer = { credentials: string[] } | PutOff;

export async function createClient(callbacks: Partial<CallbackContext> = {}): Promise<Openid4vciClient> {
  const { Openid4vciClient, setGlobalConfig } = await import("@openid4vc/openid4vci");
  // Where the wallet itself is served from this machine, so may an issuer be.
  setGlobalConfig({ allowInsecureUrls: isLoopback(new URL(location.href)) });
  return new Openid4vciClient({ callbacks: { ...CALLBACKS, ...callbacks } });
}

export const randomId = () => encodeBase64url(crypto.getRandomValues(new Uint8Array(16)));

/** Keys for as many copies as this issuer gives in one answer. */
export async function createKeys(profile: string, { credentialIssuer }: IssuerMetadataResult): Promise<HolderKey[]> {
  const size = credentialIssuer.batch_credential_issuance?.batch_size ?? 1;
  const count = Math.max(1, Math.min(WANTED_COPIES, size));
  return Promise.all(Array.from({ length: count }, () => createHolderKey(profile)));
}

/** Asks for a copy for each of the keys; throws `NotGiven`. */
export async function requestCredentials(
  client: Openid4vciClient,
  metadata: IssuerMetadataResult,
  { source, keys, credentialIdentifier }: Wanted,
  accessToken: string,
): Promise<Answer> {
  const { c_nonce: nonce } = await client.requestNonce({ issuerMetadata: metadata });
  const terms = { audience: source.credentialIssuer, nonce, now: seconds() };
  const proofs = keys.map(({ id, publicJwk }) => createProof(publicJwk, terms, (message) => signWith(id, message)));
  const [first, ...others] = await Promise.all(proofs);
  if (credentialIdentifier !== undefined) {
    const body = { credential_identifier: credentialIdentifier, proofs: { jwt: [first, ...others] } };
    return postFor(metadata.credentialIssuer.credential_endpoint, body, accessToken);
  }
  const { Openid4vciRetrieveCredentialsError } = await import("@openid4vc/openid4vci");
  const asked = client.retrieveCredentials({
    issuerMetadata: metadata,
    credentialConfigurationId: source.configurationId,
    accessToken,
    proofs: { jwt: [first as string, ...others] },
  });
  const { credentialResponse } = await asked.catch((error) => {
    if (!(error instanceof Openid4vciRetrieveCredentialsError)) throw error;
    const { response, credentialErrorResponseResult: parsed } = error.response;
    throw new NotGiven(response.status, parsed?.data?.error ?? null);
  });
  return answerOf(credentialResponse);
}

/** The issuer did not give what it was asked for: `status` and `error` are those of its answer. */
export class NotGiven extends Error {
  constructor(
    readonly status: number,
    readonly error: string | null = null,
  ) {
    super();
  }

  /** Whether asking again would bring the same: an error of the protocol, and not of what stands between, as a bare 400 is. */
  get isFinal(): boolean {
    return this.status === 400 && this.error !== null && !OVER_WITH_ANOTHER_PROOF.includes(this.error);
  }
}

/** Asks again for what was put off; throws `NotGiven`. */
export function requestDeferred(
  metadata: IssuerMetadataResult,
  transactionId: string,
  accessToken: string,
): Promise<Answer> {
  const { deferred_credential_endpoint: endpoint = "" } = metadata.credentialIssuer;
  return postFor(endpoint, { transaction_id: transactionId }, accessToken);
}

/**
 * Asks without the package, whose version 0.4 refuses an answer that has both credentials and a `notification_id`, as ours to
 * deferred requests has (section 9.2), and names no credential by identifier (section 8.2). Throws `NotGiven`.
 */
async function postFor(endpoint: string, body: object, accessToken: string): Promise<Answer> {
  const answer = await CALLBACKS.fetch(endpoint, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${accessToken}` },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new NotGiven(answer.status, await errorOf(answer));
  return answerOf((await answer.json()) as IssuersAnswer);
}

/**
 * The copies, each verified and bound to a key of its own, as they are held. `set` is what the copies before them have in
 * common. Throws `BadCredential`, `NotYetInForce` and `UntrustedIssuer` where one of them is not what was asked for.
 */
export async function verifyCopies(
  credentials: readonly string[],
  wanted: Wanted,
  set: string | null,
): Promise<HeldCredential[]> {
  const left = new Map(wanted.keys.map((key) => [key.publicJwk, key]));
  const common = set ?? (wanted.keys.length > 1 ? randomId() : null);
  const held: HeldCredential[] = [];
  for (const credential of credentials) {
    const asked = { format: wanted.format, vct: wanted.vct, holderKeys: [...left.keys()], now: seconds() };
    const { holderKey, ...verified } = await verifyReceived(credential, asked);
    const key = left.get(holderKey) as HolderKey;
    left.delete(holderKey);
    const { id, privateJwk } = key;
    const copy = { ...verified, id, keyId: id, privateJwk, credential, source: wanted.source };
    held.push(common === null ? copy : { ...copy, set: common });
  }
  if (held.length === 0 || held.some(({ issuer }) => issuer !== held[0]?.issuer)) throw new BadCredential();
  return held;
}

interface GrantedDetail {
  credential_configuration_id?: unknown;
  credential_identifiers?: unknown;
}

/** What a token response calls the credentials that it is for, by configuration (section 6.2): the first name of each. */
export function identifiersIn(answer: AccessTokenResponse): Record<string, string> {
  const identifiers: Record<string, string> = {};
  for (const detail of (answer.authorization_details ?? []) as GrantedDetail[]) {
    const { credential_configuration_id: id, credential_identifiers: names } = detail;
    const first = Array.isArray(names) ? names[0] : undefined;
    if (typeof id === "string" && typeof first === "string") identifiers[id] = first;
  }
  return identifiers;
}

interface IssuersAnswer {
  credentials?: unknown;
  transaction_id?: unknown;
  interval?: unknown;
}

/** The protocol's code in a refusal (section 9.3); null where what answered does not speak the protocol. */
async function errorOf(answer: Response): Promise<string | null> {
  const refusal = (await answer.json().catch(() => null)) as { error?: unknown } | null;
  return typeof refusal?.error === "string" ? refusal.error : null;
}

function answerOf({ credentials, transaction_id: transactionId, interval }: IssuersAnswer): Answer {
  if (typeof transactionId === "string") {
    const asked = typeof interval === "number" ? interval : DEFAULT_INTERVAL_SECONDS;
    return { transactionId, interval: Math.min(Math.max(asked, 1), MAX_INTERVAL_SECONDS) };
  }
  const texts = (Array.isArray(credentials) ? credentials : []).map(
    (each) => (each as { credential?: unknown } | null)?.credential,
  );
  if (!texts.every((text) => typeof text === "string")) throw new BadCredential();
  return { credentials: texts };
}

const seconds = () => Math.floor(Date.now() / 1000);
