/**
 * Answering a verifier (OpenID4VP 1.0), in steps with consent in between:
 *
 *     readRequest ──▶ (consent) ──▶ fetchRequest ──▶ (consent: who, what) ──▶ answer, or refuse
 *
 * `readRequest` asks nobody anything. Nothing of a credential leaves the phone before the second consent.
 */

import type { CallbackContext } from "@openid4vc/oauth2";
import type { ResolvedOpenid4vpAuthorizationRequest } from "@openid4vc/openid4vp";
import { type CredentialType, credentialTypes } from "../shared/credential_types";
import { isLoopback, mayBeAsked } from "../shared/loopback";
import { CALLBACKS } from "./callbacks";
import { cardsOf } from "./cards";
import { copiesOf, copyToShow, markUsed } from "./copies";
import type { HeldCredential } from "./held_credential";
import { signWith, verifyEs256Jwt } from "./holder_keys";
import { disclosableClaims, presentSdJwt } from "./sd_jwt_presentation";
import type { Vault } from "./vault";
import { type KnownVerifier, resolveVerifier } from "./verifier_trust";

export type RequestProblem = "not_a_request" | "desk_not_reached" | "bad_request" | "cannot_answer" | "not_taken";

/** Why a request can't be answered. */
export class RequestError extends Error {
  constructor(readonly problem: RequestProblem) {
    super(problem);
  }
}

export interface ReadRequest {
  link: string;
  host: string;
}

/** One credential that would be shown: which claims, which stay hidden, and which the registry does not let them ask. */
export interface Shown {
  queryId: string;
  held: HeldCredential;
  /** Whether the registry lets the verifier ask for this type at all. */
  accredited: boolean;
  type: CredentialType;
  claims: string[];
  withheld: string[];
  notAllowed: string[];
  /** Of what is asked, the claims that the desk would do without. */
  optional: string[];
}

/** What the holder is asked to agree to. Who asks is known to the registry: this app answers nobody else. */
export interface Asked {
  verifier: KnownVerifier;
  /** What would be shown; of several cards that would do, the newest. */
  shown: Shown[];
  /** By query, the cards that would do. */
  choices: Record<string, Shown[]>;
  request: RequestPayload;
}

interface RequestPayload {
  client_id: string;
  nonce: string;
  response_uri: string;
  response_mode: "direct_post" | "direct_post.jwt";
  state?: string;
  dcql_query: unknown;
  client_metadata?: {
    jwks?: { keys: (JsonWebKey & { kid?: string })[] };
    encrypted_response_enc_values_supported?: string[];
  };
  transaction_data?: string[];
}

/** A scanned or typed text, if it is a request by reference. Throws `RequestError`. */
export function readRequest(text: string): ReadRequest {
  try {
    const link = new URL(text.trim());
    const address = new URL(link.searchParams.get("request_uri") ?? "");
    const scheme = ["openid4vp:", "haip-vp:", "https:"].includes(link.protocol);
    if (!scheme || !mayBeAsked(address)) throw new RequestError("not_a_request");
    // Only what was read goes on: of a member that is there twice, another reader may take the other one. By GET, since a
    // nonce of the wallet's own, by POST, would add nothing to the one that the answer is signed with.
    const passed = { client_id: link.searchParams.get("client_id") ?? "", request_uri: address.href };
    return { link: `openid4vp://?${new URLSearchParams(passed)}`, host: address.host };
  } catch {
    throw new RequestError("not_a_request");
  }
}

/** Gets the request and checks whose it is; finds what would answer it. Throws `RequestError`. */
export async function fetchRequest(read: ReadRequest, credentials: readonly HeldCredential[]): Promise<Asked> {
  const { request, verifier } = await resolve(read);
  const choices = await findChoices(request, credentials, verifier);
  const shown = Object.values(choices).flatMap(([newest]) => newest ?? []);
  return { verifier, shown, choices, request };
}

/** The same request, answered with another of the cards that would do. */
export function choose(asked: Asked, choice: Shown): Asked {
  return { ...asked, shown: asked.shown.map((each) => (each.queryId === choice.queryId ? choice : each)) };
}

/**
 * Sends what was agreed to, signed for this verifier and this request only, and returns the vault in which its copies count as
 * used, which is on the disk before anything is sent. Throws `RequestError` `not_taken`.
 */
export async function answer(vault: Vault, asked: Asked): Promise<Vault> {
  const { client_id: audience, nonce } = asked.request;
  const now = Math.floor(Date.now() / 1000);
  const changed = await markUsed(
    vault,
    asked.shown.map(({ held }) => held.id),
    now,
  );
  const vpToken: Record<string, string[]> = {};
  for (const { queryId, held, claims } of asked.shown) {
    const terms = { disclose: new Set(claims), audience, nonce, now };
    vpToken[queryId] = [await presentSdJwt(held.credential, terms, (message) => signWith(held.keyId, message))];
  }
  await send(asked.request, { vp_token: vpToken });
  return changed;
}

/** Tells the verifier that the holder does not agree. */
export async function refuse(asked: Asked): Promise<void> {
  await send(asked.request, { error: "access_denied" });
}

async function resolve(read: ReadRequest): Promise<{ request: RequestPayload; verifier: KnownVerifier }> {
  const signedBy: { verifier: KnownVerifier | null } = { verifier: null };
  const [{ Openid4vpClient }, { setGlobalConfig }] = await Promise.all([
    import("@openid4vc/openid4vp"),
    import("@openid4vc/oauth2"),
  ]);
  setGlobalConfig({ allowInsecureUrls: isLoopback(new URL(location.href)) });
  const client = new Openid4vpClient({ callbacks: { ...CALLBACKS, verifyJwt: verifyingFor(signedBy) } });
  let resolved: ResolvedOpenid4vpAuthorizationRequest;
  try {
    const { params } = client.parseOpenid4vpAuthorizationRequest({ authorizationRequest: read.link });
    resolved = await client.resolveOpenId4vpAuthorizationRequest({
      authorizationRequestPayload: params as Parameters<
        typeof client.resolveOpenId4vpAuthorizationRequest
      >[0]["authorizationRequestPayload"],
    });
  } catch {
    throw new RequestError("desk_not_reached");
  }
  const request = resolved.authorizationRequestPayload as unknown as RequestPayload;
  const answers = request.response_mode === "direct_post" || request.response_mode === "direct_post.jwt";
  // What a holder would sign beyond the credential is not shown by this app yet, so it is not signed.
  if (!answers || request.transaction_data !== undefined || signedBy.verifier === null)
    throw new RequestError("bad_request");
  // What the holder is shown is who the answer is for: other kinds of names could be another's.
  if (request.client_id !== `decentralized_identifier:${signedBy.verifier.did}`) throw new RequestError("bad_request");
  return { request, verifier: signedBy.verifier };
}

/** Whoever signed with a key that the registry has; any other signature counts for nothing. */
function verifyingFor(signedBy: { verifier: KnownVerifier | null }): CallbackContext["verifyJwt"] {
  return async (signer, { compact }) => {
    if (signer.method !== "did") return { verified: false };
    const verifier = await resolveVerifier(signer.didUrl);
    if (verifier === null) return { verified: false };
    try {
      await verifyEs256Jwt(verifier.public_key_jwk, compact);
    } catch {
      return { verified: false };
    }
    signedBy.verifier = verifier;
    return { verified: true, signerJwk: verifier.public_key_jwk as { kty: string } };
  };
}

async function findChoices(
  request: RequestPayload,
  credentials: readonly HeldCredential[],
  verifier: KnownVerifier,
): Promise<Record<string, Shown[]>> {
  const { DcqlQuery } = await import("dcql");
  const types = await credentialTypes();
  const held = oneOfEach(credentials, Date.now() / 1000);
  let query: ReturnType<typeof DcqlQuery.parse>;
  try {
    query = DcqlQuery.parse(request.dcql_query as Parameters<typeof DcqlQuery.parse>[0]);
    DcqlQuery.validate(query);
  } catch {
    throw new RequestError("bad_request");
  }
  const result = DcqlQuery.query(
    query,
    held.map(({ vct, claims }) => ({
      credential_format: "dc+sd-jwt" as const,
      cryptographic_holder_binding: true,
      vct,
      claims,
    })),
  );
  if (!result.can_be_satisfied) throw new RequestError("cannot_answer");
  const asked = query.credential_sets?.filter(({ required }) => required) ?? null;
  const ids =
    asked === null
      ? query.credentials.map(({ id }) => id)
      : (result.credential_sets ?? [])
          .filter(({ required }) => required)
          .flatMap((set) => set.matching_options?.[0] ?? []);
  if (ids.length === 0) throw new RequestError("cannot_answer");
  return Object.fromEntries(
    [...new Set(ids)].map((id) => {
      const match = result.credential_matches[id];
      const found = match?.success ? match.valid_credentials : [];
      const choices = found.flatMap(({ input_credential_index: at, claims }) => {
        const credential = held[at];
        const type = types.find(({ vct }) => vct === credential?.vct);
        if (credential === undefined || type === undefined) return [];
        const sets = (claims.valid_claim_sets ?? []).map(({ output }) => Object.keys(output ?? {}));
        return [describe(id, credential, type, sets, verifier)];
      });
      if (choices.length === 0) throw new RequestError("cannot_answer");
      return [id, choices];
    }),
  );
}

/** Of each card the copy that is next, the newest cards first. */
function oneOfEach(credentials: readonly HeldCredential[], now: number): HeldCredential[] {
  const usable = credentials.filter(({ format }) => format === "dc+sd-jwt");
  return cardsOf(usable).flatMap(({ held }) => copyToShow(copiesOf(usable, held), now) ?? []);
}

function describe(
  queryId: string,
  held: HeldCredential,
  type: CredentialType,
  sets: string[][],
  verifier: KnownVerifier,
): Shown {
  const [asked = []] = sets;
  const hidden = disclosableClaims(held.credential);
  const names = type.claims.map(({ name }) => name).filter((name) => held.claims[name] !== undefined);
  const claims = names.filter((name) => !hidden.has(name) || asked.includes(name));
  const allowed = verifier.may_ask[held.vct] ?? [];
  return {
    queryId,
    held,
    type,
    accredited: held.vct in verifier.may_ask,
    claims,
    withheld: names.filter((name) => !claims.includes(name)),
    notAllowed: claims.filter((name) => !allowed.includes(name)),
    optional: asked.filter((name) => hidden.has(name) && sets.some((set) => isWithout(set, asked, name))),
  };
}

function isWithout(set: readonly string[], asked: readonly string[], name: string): boolean {
  return set.length === asked.length - 1 && asked.every((each) => (each === name) !== set.includes(each));
}

/** The same, with or without a claim that the desk would do without. */
export function withOptional(shown: Shown, name: string, isShown: boolean): Shown {
  const [from, to] = isShown ? (["withheld", "claims"] as const) : (["claims", "withheld"] as const);
  return { ...shown, [from]: shown[from].filter((each) => each !== name), [to]: [...shown[to], name] };
}

async function send(request: RequestPayload, payload: Record<string, unknown>): Promise<void> {
  const parameters = request.state === undefined ? payload : { ...payload, state: request.state };
  const form =
    request.response_mode === "direct_post.jwt" ? { response: await encrypt(request, parameters) } : parameters;
  const fields = Object.entries(form).map(([name, value]) => [
    name,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  const sent = await CALLBACKS.fetch(request.response_uri, {
    method: "POST",
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(fields).toString(),
  }).catch(() => null);
  if (!sent?.ok) throw new RequestError("not_taken");
}

async function encrypt(request: RequestPayload, payload: Record<string, unknown>): Promise<string> {
  const { CompactEncrypt, importJWK } = await import("jose");
  const metadata = request.client_metadata;
  const key = metadata?.jwks?.keys.find(({ crv, kid }) => crv === "P-256" && kid !== undefined);
  const enc = ["A256GCM", "A128GCM"].find((each) =>
    (metadata?.encrypted_response_enc_values_supported ?? ["A128GCM"]).includes(each),
  );
  if (key?.kid === undefined || enc === undefined) throw new RequestError("bad_request");
  return new CompactEncrypt(new TextEncoder().encode(JSON.stringify(payload)))
    .setProtectedHeader({ alg: "ECDH-ES", enc, kid: key.kid })
    .encrypt(await importJWK(key as Parameters<typeof importJWK>[0], "ECDH-ES"));
}
