// An independent wallet, on the @openid4vc packages. It keeps what it takes in memory, and asks services over real HTTP.
import { clientAuthenticationAnonymous, clientAuthenticationNone, setGlobalConfig } from '@openid4vc/oauth2';
import { extractScopesForCredentialConfigurationIds, Openid4vciClient } from '@openid4vc/openid4vci';
import { Openid4vpClient } from '@openid4vc/openid4vp';
import { DcqlQuery } from 'dcql';
import { serve } from '../credential_peers/lines.mjs';
import { Credentials } from './credentials.mjs';
import { callbacks, generateKey, hash, publicJwk, random } from './crypto.mjs';
import { didJwkUrl } from './dids.mjs';
import * as wires from './wire.mjs';

setGlobalConfig({ allowInsecureUrls: true }); // the services are on this machine

const CLIENT_ID = 'peer-wallet';
const keys = [];
const held = [];
const deferred = new Map(); // by transaction_id
let noncesDemanded = 0;
let begun; // an authorization that waits for its code
let around; // what `start` was told: contexts, resolver
let credentials;

async function newKey(more = {}) {
  const key = { ...(await generateKey()), ...more };
  keys.push(key);
  return key;
}

function client({ fetch, authentication = clientAuthenticationAnonymous() } = {}) {
  const own = callbacks({ keys, resolver: around.resolver, fetch: counting(fetch), clientAuthentication: authentication });
  return new Openid4vciClient({ callbacks: own });
}

// The packages answer a demand for a DPoP nonce by themselves, unseen.
function counting(fetching = globalThis.fetch) {
  return async (url, options) => {
    const response = await fetching(url, options);
    if (!response.ok && response.headers.has('dpop-nonce')) noncesDemanded += 1;
    return response;
  };
}

async function dpopOptions(wanted) {
  return wanted ? { signer: { method: 'jwk', alg: 'ES256', publicJwk: publicJwk(await newKey()) } } : undefined;
}

const PROOF_SIGNERS = {
  jwk: (key) => ({ method: 'jwk', alg: 'ES256', publicJwk: publicJwk(key) }),
  'did:jwk': (key) => ({ method: 'did', alg: 'ES256', didUrl: didJwkUrl(publicJwk(key)) }),
};

// One request for one credential, or for a batch of them in which each has a key of its own.
async function request({ issuerMetadata, token, id, terms }) {
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
  const wire = await wireFor({ issuerMetadata, terms, identifier: identifierOf(token, id) });
  const { credentialResponse } = await client({ fetch: wire.fetch }).retrieveCredentials({
    issuerMetadata,
    credentialConfigurationId: id,
    accessToken: token.accessTokenResponse.access_token,
    dpop: token.dpop,
    proofs: { jwt: proofs },
  });
  wire.check();
  return { response: credentialResponse, holders };
}

// `terms`: encryption (of answers) and encrypted_requests, each an `enc`.
async function wireFor({ issuerMetadata, terms, identifier }) {
  const { credential_request_encryption: metadata } = issuerMetadata.credentialIssuer;
  let fetching = globalThis.fetch;
  if (terms.encrypted_requests) fetching = wires.encryptedRequests(fetching, metadata, terms.encrypted_requests);
  const answers = terms.encryption && (await wires.encryptedAnswers(fetching, terms.encryption));
  if (answers) fetching = answers.fetch;
  if (identifier) fetching = wires.namingIdentifier(fetching, identifier);
  const check = () => {
    if (answers && answers.opened !== 1) throw new Error('the answer was not encrypted');
  };
  return { fetch: fetching, check };
}

function identifierOf(token, id) {
  const details = token.accessTokenResponse.authorization_details ?? [];
  return details.find((each) => each.credential_configuration_id === id)?.credential_identifiers[0];
}

async function keep({ response, holders, format }) {
  const found = response.credentials;
  if (found.length !== holders.length) throw new Error(`${found.length} credentials for ${holders.length} keys`);
  const kept = [];
  for (const [index, { credential }] of found.entries()) {
    const holder = holders[index];
    const { issuer, claims } = await credentials.verify(format, credential, holder);
    held.push({ format, credential, holder });
    kept.push({ format, issuer, claims });
  }
  return kept;
}

async function fetchAll({ issuerMetadata, token, ids, terms }) {
  const taken = { token_type: token.accessTokenResponse.token_type, credentials: [], deferred: [] };
  const notifications = [];
  for (const id of ids) {
    const { format } = issuerMetadata.knownCredentialConfigurations[id];
    const { response, holders } = await request({ issuerMetadata, token, id, terms });
    if (response.transaction_id) {
      deferred.set(response.transaction_id, { issuerMetadata, token, holders, format, terms });
      taken.deferred.push(response.transaction_id);
      continue;
    }
    taken.credentials.push(...(await keep({ response, holders, format })));
    if (response.notification_id) notifications.push(response.notification_id);
  }
  for (const id of terms.notify ? notifications : []) await notify({ issuerMetadata, token, id });
  const metadataBy = issuerMetadata.signedCredentialIssuer?.signer.didUrl ?? null;
  const notified = terms.notify ? notifications.length : 0;
  return { ...taken, notified, metadata_signed_by: metadataBy, nonces_demanded: noncesDemanded };
}

async function notify({ issuerMetadata, token, id }) {
  const notification = { event: 'credential_accepted', notificationId: id };
  const { access_token: accessToken } = token.accessTokenResponse;
  await client().sendNotification({ issuerMetadata, notification, accessToken, dpop: token.dpop });
}

async function resolveRequest(link, terms) {
  const { params } = presenter().parseOpenid4vpAuthorizationRequest({ authorizationRequest: link });
  if (params.request_uri_method !== 'post') {
    return presenter().resolveOpenId4vpAuthorizationRequest({ authorizationRequestPayload: params });
  }
  const nonce = random(16);
  const wallet = { nonce, expectedNonce: terms.wrong_wallet_nonce ?? nonce, metadata: {} };
  const posting = presenter(wires.postingWalletNonce(fetch, nonce));
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
    const claims = query.credentials.find((each) => each.id === id).claims ?? [];
    const wanted = match.claims.valid_claim_sets[0].valid_claim_indexes ?? [];
    const disclose = wanted.map((index) => claims[index].path.at(-1));
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

  // The whole pre-authorized code flow. `terms`: tx_code, dpop, signed_metadata, proof (jwk, did:jwk), batch, notify, and
  // those of `wireFor`.
  async take({ offer, ...terms }) {
    noncesDemanded = 0;
    const own = client({ fetch: terms.signed_metadata ? wires.askingForSignedMetadata(fetch) : fetch });
    const credentialOffer = await own.resolveCredentialOffer(offer);
    const issuerMetadata = await own.resolveIssuerMetadata(credentialOffer.credential_issuer);
    const token = await own.retrievePreAuthorizedCodeAccessTokenFromOffer({
      credentialOffer, issuerMetadata, txCode: terms.tx_code, dpop: await dpopOptions(terms.dpop),
    });
    return fetchAll({ issuerMetadata, token, ids: credentialOffer.credential_configuration_ids, terms });
  },

  // The first half of the authorization code flow: the address that a browser is sent to.
  async begin({ offer, redirect_uri: redirectUri, by_scope: byScope, ...terms }) {
    const own = client({ authentication: clientAuthenticationNone({ clientId: CLIENT_ID }) });
    const credentialOffer = await own.resolveCredentialOffer(offer);
    const issuerMetadata = await own.resolveIssuerMetadata(credentialOffer.credential_issuer);
    const ids = credentialOffer.credential_configuration_ids;
    const details = ids.map((id) => ({ type: 'openid_credential', credential_configuration_id: id }));
    const scopes = extractScopesForCredentialConfigurationIds({ credentialConfigurationIds: ids, issuerMetadata });
    const asked = byScope ? { scope: scopes.join(' ') } : { additionalRequestPayload: { authorization_details: details } };
    const made = await own.createAuthorizationRequestUrlFromOffer({
      credentialOffer, issuerMetadata, clientId: CLIENT_ID, redirectUri, dpop: await dpopOptions(terms.dpop), ...asked,
    });
    begun = { own, credentialOffer, issuerMetadata, ids, redirectUri, made, terms };
    return made.authorizationRequestUrl;
  },

  // The second half: `url` is where the browser was sent back to.
  async finish({ url }) {
    const { own, credentialOffer, issuerMetadata, ids, redirectUri, made, terms } = begun;
    const [authorizationServerMetadata] = issuerMetadata.authorizationServers;
    const response = own.parseAndVerifyAuthorizationResponseRedirectUrl({ url, authorizationServerMetadata });
    if (response.error) throw new Error(`the server answered ${response.error}`);
    const token = await own.retrieveAuthorizationCodeAccessTokenFromOffer({
      credentialOffer, issuerMetadata, redirectUri, authorizationCode: response.code, dpop: made.dpop,
      pkceCodeVerifier: terms.wrong_verifier ?? made.pkce.codeVerifier,
    });
    return fetchAll({ issuerMetadata, token, ids, terms });
  },

  // What was put off before: null while it still is.
  async collect({ transaction_id: transactionId }) {
    const { issuerMetadata, token, holders, format, terms } = deferred.get(transactionId);
    const wire = await wireFor({ issuerMetadata, terms });
    const aside = {};
    const own = client({ fetch: wires.settingNotificationAside(wire.fetch, aside) });
    const { deferredCredentialResponse: response } = await own.retrieveDeferredCredentials({
      issuerMetadata, transactionId, accessToken: token.accessTokenResponse.access_token, dpop: token.dpop,
    });
    if (response.transaction_id) return null;
    const kept = await keep({ response, holders, format });
    if (aside.notification_id) await notify({ issuerMetadata, token, id: aside.notification_id });
    return kept;
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
