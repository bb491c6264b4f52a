// An independent wallet, on the @openid4vc packages. It keeps what it takes in memory, and asks services over real HTTP.
import { clientAuthenticationAnonymous, clientAuthenticationNone, setGlobalConfig } from '@openid4vc/oauth2';
import { extractScopesForCredentialConfigurationIds, Openid4vciClient } from '@openid4vc/openid4vci';
import { Openid4vpClient } from '@openid4vc/openid4vp';
import { DcqlQuery } from 'dcql';
import { serve } from '../credential_peers/lines.mjs';
import { Credentials } from './credentials.mjs';
import { callbacks, decrypt, generateKey, hash, publicJwk, random } from './crypto.mjs';
import { didJwkUrl } from './dids.mjs';

setGlobalConfig({ allowInsecureUrls: true }); // the services are on this machine

const CLIENT_ID = 'peer-wallet';
const keys = [];
const held = [];
let around; // what `start` was told: contexts, resolver
let credentials;

async function newKey(more = {}) {
  const key = { ...(await generateKey()), ...more };
  keys.push(key);
  return key;
}

function client({ fetch, authentication = clientAuthenticationAnonymous() } = {}) {
  const own = callbacks({ keys, resolver: around.resolver, fetch, clientAuthentication: authentication });
  return new Openid4vciClient({ callbacks: own });
}

async function dpopOptions(wanted) {
  return wanted ? { signer: { method: 'jwk', alg: 'ES256', publicJwk: publicJwk(await newKey()) } } : undefined;
}

const PROOF_SIGNERS = {
  jwk: (key) => ({ method: 'jwk', alg: 'ES256', publicJwk: publicJwk(key) }),
  'did:jwk': (key) => ({ method: 'did', alg: 'ES256', didUrl: didJwkUrl(publicJwk(key)) }),
};

// One request for one credential, or for a batch of them in which each has a key of its own.
async function request({ issuerMetadata, token, id, terms, fetch = globalThis.fetch }) {
  const { c_nonce: nonce } = await client().requestNonce({ issuerMetadata });
  const holders = [];
  const proofs = [];
  for (let index = 0; index < (terms.batch ?? 1); index += 1) {
    const holder = await newKey();
    const signer = PROOF_SIGNERS[terms.proof ?? 'jwk'](holder);
    const asked = { issuerMetadata, signer, nonce: terms.wrong_nonce ?? nonce, credentialConfigurationId: id };
    proofs.push((await client().createCredentialRequestJwtProof(asked)).jwt);
    holders.push(holder);
  }
  const encryption = terms.encryption && (await encryptedResponses(issuerMetadata, terms.encryption, fetch));
  const answer = await client({ fetch: encryption?.fetch ?? fetch }).retrieveCredentials({
    issuerMetadata,
    credentialConfigurationId: id,
    accessToken: token.accessTokenResponse.access_token,
    dpop: token.dpop,
    proofs: { jwt: proofs },
    additionalRequestPayload: encryption?.payload,
  });
  if (terms.encryption && !encryption.opened()) throw new Error('the answer was not encrypted');
  return { answer, holders };
}

// The package knows no encrypted answers: they are opened before it sees them. It also asks for an `alg` beside the key.
async function encryptedResponses(issuerMetadata, enc, fetch) {
  const key = await newKey({ kid: random(8), use: 'enc', alg: 'ECDH-ES' });
  const jwk = { ...publicJwk(key), kid: key.kid, use: 'enc', alg: 'ECDH-ES' };
  let opened = false;
  const opening = async (url, options) => {
    const response = await fetch(url, options);
    if (!response.headers.get('content-type')?.startsWith('application/jwt')) return response;
    const { text, header } = await decrypt(await response.text(), key);
    if (header.enc !== enc) throw new Error(`encrypted with ${header.enc}`);
    opened = true;
    return new Response(text, { status: response.status, headers: { 'content-type': 'application/json' } });
  };
  const payload = { credential_response_encryption: { jwk, alg: 'ECDH-ES', enc } };
  return { payload, fetch: opening, opened: () => opened };
}

async function keep({ answer, holders, format }) {
  const found = answer.credentialResponse.credentials ?? [];
  if (found.length !== holders.length) throw new Error(`${found.length} credentials for ${holders.length} keys`);
  const kept = [];
  for (const [index, { credential }] of found.entries()) {
    const holder = holders[index];
    const { issuer, claims } = await credentials.verify(format, credential, holder);
    held.push({ format, credential, holder });
    kept.push({ format, issuer, claims, credential });
  }
  return kept;
}

async function fetchAll({ issuerMetadata, token, ids, terms }) {
  const taken = [];
  for (const id of ids) {
    const { format } = issuerMetadata.knownCredentialConfigurations[id];
    taken.push(...(await keep({ ...(await request({ issuerMetadata, token, id, terms })), format })));
  }
  return { token_type: token.accessTokenResponse.token_type, credentials: taken };
}

// The package posts the members of the wallet's metadata and no nonce, where section 5.10 has `wallet_nonce` as a field.
function postingNonce(nonce) {
  return (url, options) => {
    if (options.method?.toUpperCase() !== 'POST') return fetch(url, options);
    return fetch(url, { ...options, method: 'POST', body: new URLSearchParams({ wallet_nonce: nonce }) });
  };
}

async function resolveRequest(link, terms) {
  const { params } = presenter().parseOpenid4vpAuthorizationRequest({ authorizationRequest: link });
  if (params.request_uri_method !== 'post') {
    return presenter().resolveOpenId4vpAuthorizationRequest({ authorizationRequestPayload: params });
  }
  const nonce = random(16);
  const wallet = { nonce, expectedNonce: terms.wrong_wallet_nonce ?? nonce, metadata: {} };
  const posting = presenter(postingNonce(nonce));
  return posting.resolveOpenId4vpAuthorizationRequest({ authorizationRequestPayload: params, wallet });
}

// The credentials that answer the query, and which claims of each, as the DCQL package finds them.
async function choose(dcqlQuery) {
  const query = DcqlQuery.parse(dcqlQuery);
  DcqlQuery.validate(query);
  const described = await Promise.all(held.map(({ format, credential }) => credentials.describe(format, credential)));
  const result = DcqlQuery.query(query, described);
  if (!result.can_be_satisfied) throw new Error('nothing held answers the query');
  const sets = result.credential_sets?.flatMap((set) => set.matching_options?.[0] ?? []);
  return (sets ?? query.credentials.map(({ id }) => id)).map((id) => {
    const match = result.credential_matches[id].valid_credentials[0];
    const disclose = (query.credentials.find((each) => each.id === id).claims ?? []).map(({ path }) => path.at(-1));
    return { id, chosen: held[match.input_credential_index], disclose };
  });
}

function transactionDataHashes(resolved, id) {
  const bound = resolved.transactionData?.filter(({ transactionData }) => transactionData.credential_ids.includes(id));
  return bound?.length ? bound.map(({ encoded }) => hash(Buffer.from(encoded), 'sha-256').toString('base64url')) : undefined;
}

async function vpToken(resolved, terms) {
  const { client_id: clientId, nonce, dcql_query: dcqlQuery } = resolved.authorizationRequestPayload;
  const answer = {};
  for (const { id, chosen: { format, credential, holder }, disclose } of await choose(dcqlQuery)) {
    const shown = await credentials.present(format, credential, {
      disclose: terms.disclose ?? disclose,
      holder: terms.wrong_holder ? await generateKey() : holder,
      audience: terms.wrong_audience ?? clientId,
      nonce: terms.wrong_nonce ?? nonce,
      transactionDataHashes: transactionDataHashes(resolved, id),
    });
    answer[id] = [shown];
  }
  return answer;
}

function jarmTerms(resolved) {
  const { response_mode: mode, client_metadata: metadata } = resolved.authorizationRequestPayload;
  if (mode !== 'direct_post.jwt') return undefined;
  const [jwk] = metadata.jwks.keys;
  const serverMetadata = {
    authorization_encryption_alg_values_supported: ['ECDH-ES'],
    authorization_encryption_enc_values_supported: ['A256GCM', 'A128GCM'],
  };
  return { encryption: { jwk, nonce: random(16) }, serverMetadata };
}

async function answerTo(resolved, terms) {
  const { authorizationRequestPayload } = resolved;
  const made = await presenter().createOpenid4vpAuthorizationResponse({
    authorizationRequestPayload,
    authorizationResponsePayload: { vp_token: await vpToken(resolved, terms) },
    jarm: jarmTerms(resolved),
  });
  const sent = await presenter().submitOpenid4vpAuthorizationResponse({ ...made, authorizationRequestPayload });
  const text = await sent.response.text();
  if (!sent.response.ok) throw new Error(`the verifier answered ${sent.response.status} ${text}`);
  return JSON.parse(text);
}

const presenter = (fetching) =>
  new Openid4vpClient({ callbacks: callbacks({ keys, resolver: around.resolver, fetch: fetching }) });

await serve({
  start(settings) {
    around = settings;
    credentials = new Credentials(settings);
  },

  // The whole pre-authorized code flow. `terms`: tx_code, proof (jwk, did:jwk), batch, encryption (an `enc`), dpop.
  async take({ offer, ...terms }) {
    const own = client();
    const credentialOffer = await own.resolveCredentialOffer(offer);
    const issuerMetadata = await own.resolveIssuerMetadata(credentialOffer.credential_issuer);
    const token = await own.retrievePreAuthorizedCodeAccessTokenFromOffer({
      credentialOffer, issuerMetadata, txCode: terms.tx_code, dpop: await dpopOptions(terms.dpop),
    });
    return fetchAll({ issuerMetadata, token, ids: credentialOffer.credential_configuration_ids, terms });
  },

  // From the link to the verifier's answer. `terms`, what to do wrong: wrong_wallet_nonce, wrong_nonce, wrong_audience,
  // wrong_holder, disclose (other claims than asked for).
  async present({ request: link, ...terms }) {
    const resolved = await resolveRequest(link, terms);
    const answer = await answerTo(resolved, terms);
    const { prefix, effective } = resolved.client;
    return { client: { prefix, id: effective }, query: resolved.dcql.query, redirect_uri: answer.redirect_uri ?? null };
  },

  forget() {
    held.length = 0;
  },
});
