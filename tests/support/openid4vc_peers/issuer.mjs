// An independent issuer with its authorization server, on the @openid4vc packages.
import {
  Oauth2AuthorizationServer, Oauth2ResourceServer, preAuthorizedCodeGrantIdentifier, setGlobalConfig,
} from '@openid4vc/oauth2';
import { Openid4vciIssuer, Openid4vciVersion } from '@openid4vc/openid4vci';
import { serve } from '../credential_peers/lines.mjs';
import { Credentials } from './credentials.mjs';
import { callbacks, decrypt, encrypt, generateKey, publicJwk, random } from './crypto.mjs';
import { json, listen, Refused } from './web.mjs';

setGlobalConfig({ allowInsecureUrls: true });

const LIFETIME = 600;
const REQUEST_URI = 'urn:ietf:params:oauth:request_uri:';
const keys = [];
const offers = new Map(); // by reference
const grants = new Map(); // by the subject in an access token
const pushed = new Map();
const codes = new Map();
const nonces = new Set();
const dpopNonces = new Set();
const deferred = new Map();
const notifications = [];
let shop; // what `listen` was told, and what follows from it
let issuer;
let server;
let resources;
let credentials;

const here = (path) => shop.url + path;

function issuerMetadata() {
  const credentialIssuer = issuer.createCredentialIssuerMetadata({
    credential_issuer: shop.url,
    credential_endpoint: here('/credential'),
    nonce_endpoint: here('/nonce'),
    deferred_credential_endpoint: here('/deferred'),
    notification_endpoint: here('/notification'),
    batch_credential_issuance: { batch_size: shop.batch_size ?? 4 },
    credential_configurations_supported: shop.configurations,
    display: [{ name: shop.name ?? 'A foreign office' }],
    ...(shop.encryption ? encryptionMetadata() : {}),
  });
  const knownCredentialConfigurations = issuer.getKnownCredentialConfigurationsSupported(credentialIssuer);
  return { credentialIssuer, knownCredentialConfigurations, authorizationServers: [serverMetadata()], originalDraftVersion: Openid4vciVersion.V1 };
}

function encryptionMetadata() {
  const common = { enc_values_supported: ['A128GCM', 'A256GCM'], encryption_required: shop.encryption === 'required' };
  const { kid } = shop.encryptionKey;
  const jwk = { ...publicJwk(shop.encryptionKey), kid, use: 'enc', alg: 'ECDH-ES' };
  return {
    credential_request_encryption: { jwks: { keys: [jwk] }, ...common },
    credential_response_encryption: { alg_values_supported: ['ECDH-ES'], ...common },
  };
}

function serverMetadata() {
  return server.createAuthorizationServerMetadata({
    issuer: shop.url,
    token_endpoint: here('/token'),
    jwks_uri: here('/jwks'),
    authorization_endpoint: here('/authorize'),
    pushed_authorization_request_endpoint: here('/par'),
    require_pushed_authorization_requests: true,
    code_challenge_methods_supported: ['S256'],
    response_types_supported: ['code'],
    grant_types_supported: ['authorization_code', preAuthorizedCodeGrantIdentifier, 'refresh_token'],
    token_endpoint_auth_methods_supported: ['none'],
    authorization_response_iss_parameter_supported: true,
    'pre-authorized_grant_anonymous_access_supported': true,
    ...(shop.dpop ? { dpop_signing_alg_values_supported: ['ES256'] } : {}),
  });
}

// The packages check a DPoP proof's nonce against one value only, and hand out none: that is done here.
function freshDpopNonce(headers, refused) {
  if (!shop.dpop) return {};
  const proof = headers.get('dpop');
  const nonce = proof && JSON.parse(Buffer.from(proof.split('.')[1], 'base64url')).nonce;
  if (nonce && dpopNonces.delete(nonce)) return nextDpopNonce();
  throw refused(nextDpopNonce());
}

function nextDpopNonce() {
  const nonce = random(16);
  dpopNonces.add(nonce);
  return { 'DPoP-Nonce': nonce };
}

const askForNonce = (headers) => new Refused('use_dpop_nonce', { headers });
const askForNonceAtResource = (headers) =>
  new Refused('use_dpop_nonce', {
    status: 401, headers: { ...headers, 'WWW-Authenticate': 'DPoP error="use_dpop_nonce", algs="ES256"' },
  });

const like = ({ headers, method, url }) => ({ headers, method, url });
const dpopTerms = (dpop) => ({ jwt: dpop?.jwt, required: Boolean(shop.dpop), allowedSigningAlgs: ['ES256'] });

async function token(request) {
  const headers = freshDpopNonce(request.headers, askForNonce);
  const parsed = server.parseAccessTokenRequest({ accessTokenRequest: request.form, request: like(request) });
  const common = { ...parsed, request: like(request), authorizationServerMetadata: serverMetadata(), dpop: dpopTerms(parsed.dpop) };
  const { grant, result } = await (GRANTS[parsed.grant.grantType] ?? unsupported)(parsed, common);
  const subject = random(16);
  grants.set(subject, grant);
  const identifiers = grant.ids.map((id) => ({
    type: 'openid_credential', credential_configuration_id: id, credential_identifiers: [`${id}#1`],
  }));
  const answer = await server.createAccessTokenResponse({
    audience: shop.url,
    authorizationServer: shop.url,
    signer: { method: 'jwk', alg: 'ES256', publicJwk: publicJwk(shop.tokenKey) },
    subject,
    expiresInSeconds: LIFETIME,
    dpop: result.dpop,
    additionalAccessTokenResponsePayload: shop.identifiers ? { authorization_details: identifiers } : {},
  });
  return json(answer, { headers: { 'Cache-Control': 'no-store', ...headers } });
}

function unsupported() {
  throw new Refused('unsupported_grant_type');
}

const GRANTS = {
  async [preAuthorizedCodeGrantIdentifier](parsed, common) {
    const offer = [...offers.values()].find((each) => each.code === parsed.grant.preAuthorizedCode);
    if (!offer || offer.used) throw new Refused('invalid_grant');
    const expected = { expectedPreAuthorizedCode: offer.code, expectedTxCode: offer.txCode };
    const result = await server.verifyPreAuthorizedCodeAccessTokenRequest({ ...common, ...expected });
    offer.used = true;
    return { grant: offer, result };
  },

  async authorization_code(parsed, common) {
    const known = codes.get(parsed.grant.code);
    codes.delete(parsed.grant.code);
    if (!known || known.request.redirect_uri !== parsed.accessTokenRequest.redirect_uri) throw new Refused('invalid_grant');
    const { code_challenge: codeChallenge, code_challenge_method: codeChallengeMethod } = known.request;
    const pkce = { codeChallenge, codeChallengeMethod, codeVerifier: parsed.pkceCodeVerifier };
    const dpop = { ...common.dpop, expectedJwkThumbprint: known.jkt };
    const result = await server.verifyAuthorizationCodeAccessTokenRequest({ ...common, dpop, expectedCode: parsed.grant.code, pkce });
    return { grant: known.offer, result };
  },
};

async function push(request) {
  const parsed = await server.parsePushedAuthorizationRequest({ authorizationRequest: request.form, request: like(request) });
  const { authorizationRequest } = parsed;
  if (authorizationRequest.code_challenge_method !== 'S256') throw new Refused('invalid_request');
  const dpop = { jwt: parsed.dpop?.jwt, jwkThumbprint: parsed.dpop?.jwkThumbprint };
  const common = { authorizationRequest, authorizationServerMetadata: serverMetadata(), request: like(request), dpop };
  const verified = await server.verifyPushedAuthorizationRequest(common);
  const requestUri = REQUEST_URI + random(16);
  pushed.set(requestUri, { request: authorizationRequest, jkt: verified.dpop?.jwkThumbprint });
  const { pushedAuthorizationResponse } = server.createPushedAuthorizationResponse({ requestUri, expiresInSeconds: 60 });
  return json(pushedAuthorizationResponse, { status: 201 });
}

// Whoever comes here agrees: there is nobody at the screen.
function authorize({ query }) {
  const known = pushed.get(query.request_uri);
  pushed.delete(query.request_uri);
  if (!known || known.request.client_id !== query.client_id) throw new Refused('invalid_request');
  const { request, jkt } = known;
  const offer = [...offers.values()].find((each) =>
    request.issuer_state ? each.issuerState === request.issuer_state : each.standing);
  if (!offer) throw new Refused('invalid_request');
  const code = random(16);
  codes.set(code, { request, jkt, offer });
  const location = new URL(request.redirect_uri);
  const iss = offer.fault === 'another_server' ? `${shop.url}/other` : shop.url;
  const answer = { code, iss, ...(request.state === undefined ? {} : { state: request.state }) };
  for (const [name, value] of Object.entries(answer)) location.searchParams.set(name, value);
  return { status: 302, headers: { Location: location.toString() }, body: '' };
}

async function authorized(request) {
  const { tokenPayload, scheme } = await resources.verifyResourceRequest({
    request: like(request), resourceServer: shop.url, authorizationServers: [serverMetadata()],
    allowedAuthenticationSchemes: shop.dpop ? ['DPoP'] : ['Bearer'],
  });
  const headers = scheme === 'DPoP' ? freshDpopNonce(request.headers, askForNonceAtResource) : {};
  return { grant: grants.get(tokenPayload.sub), headers };
}

async function bodyOf(request) {
  if (request.type !== 'application/jwt') {
    if (shop.encryption === 'required') throw new Refused('invalid_encryption_parameters');
    return JSON.parse(request.text);
  }
  return JSON.parse((await decrypt(request.text, shop.encryptionKey)).text);
}

// The package asks for an `alg` beside the key, where drafts had it; in 1.0 it is in the key.
function withAlgorithm(body) {
  const wanted = body.credential_response_encryption;
  return wanted ? { ...body, credential_response_encryption: { alg: wanted.jwk.alg, ...wanted } } : body;
}

async function credential(request) {
  const { grant, headers } = await authorized(request);
  const body = await bodyOf(request);
  if (body.credential_response_encryption && 'alg' in body.credential_response_encryption) {
    throw new Refused('invalid_encryption_parameters');
  }
  const parsed = issuer.parseCredentialRequest({ issuerMetadata: issuerMetadata(), credentialRequest: withAlgorithm(body) });
  const id = configurationOf(parsed, grant);
  const holders = [];
  for (const jwt of parsed.proofs?.jwt ?? []) holders.push(await holderOf(jwt));
  if (holders.length === 0) throw new Refused('invalid_proof');
  const wanted = body.credential_response_encryption;
  if (grant.deferred) {
    const transactionId = random(16);
    deferred.set(transactionId, { grant, id, holders });
    const putOff = issuer.createCredentialResponse({ credentialRequest: body, transactionId, interval: 1 });
    return answerWith(putOff, { wanted, headers, status: 202 });
  }
  const made = { credentials: await issueAll({ grant, id, holders }), notificationId: random(8) };
  return answerWith(issuer.createCredentialResponse({ credentialRequest: body, ...made }), { wanted, headers });
}

function configurationOf({ credentialConfigurationId, credentialIdentifier }, grant) {
  const id = shop.identifiers ? credentialIdentifier?.replace(/#1$/, '') : credentialConfigurationId;
  if (!id || !grant.ids.includes(id)) {
    throw new Refused(shop.identifiers ? 'unknown_credential_identifier' : 'unknown_credential_configuration');
  }
  return id;
}

async function holderOf(jwt) {
  const { nonce } = JSON.parse(Buffer.from(jwt.split('.')[1], 'base64url'));
  if (!nonces.has(nonce)) throw new Refused('invalid_nonce');
  const proof = await issuer.verifyCredentialRequestJwtProof({ issuerMetadata: issuerMetadata(), jwt, expectedNonce: nonce });
  return proof.signer.publicJwk;
}

async function issueAll({ grant, id, holders }) {
  const { format } = shop.configurations[id];
  const made = [];
  for (const holder of holders) {
    const terms = { ...shop.types[id], claims: grant.claims, issuer: shop.verification_method, key: shop.key };
    const fault = FAULTS[grant.fault] ?? (async () => ({}));
    const changed = { holder, expires_at: Math.floor(Date.now() / 1000) + 30 * 86400, ...(await fault({ ...terms, id })) };
    made.push({ credential: await credentials.issue(format, { ...terms, ...changed }) });
  }
  return made;
}

// What an issuer can do wrong with a credential, by name.
const FAULTS = {
  another_holder: async () => ({ holder: await generateKey() }),
  another_key: async () => ({ key: await generateKey() }),
  another_type: async ({ id }) => shop.others[id],
  missing_claim: async ({ claims, disclosable = [] }) => {
    const { name_latin: _left, ...claimed } = claims;
    return { claims: claimed, disclosable: disclosable.filter((each) => each !== 'name_latin') };
  },
};

async function answerWith(value, { wanted, headers, status = 200 }) {
  const common = { status, headers: { 'Cache-Control': 'no-store', ...headers } };
  if (!wanted) return json(value, common);
  const { jwk, enc } = wanted;
  return { ...common, type: 'application/jwt', body: await encrypt(JSON.stringify(value), { jwk, alg: jwk.alg, enc }) };
}

async function deferredCredential(request) {
  const { headers } = await authorized(request);
  const body = await bodyOf(request);
  const { deferredCredentialRequest } = issuer.parseDeferredCredentialRequest({
    deferredCredentialRequest: withAlgorithm(body),
  });
  const known = deferred.get(deferredCredentialRequest.transaction_id);
  if (!known) throw new Refused('invalid_transaction_id');
  const wanted = body.credential_response_encryption;
  if (!known.grant.approved) {
    const waiting = { transactionId: deferredCredentialRequest.transaction_id, interval: 1 };
    return answerWith(issuer.createDeferredCredentialResponse(waiting), { wanted, headers, status: 202 });
  }
  deferred.delete(deferredCredentialRequest.transaction_id);
  // The package refuses a notification id beside them, where section 9.2 has one.
  const made = issuer.createDeferredCredentialResponse({ credentials: await issueAll(known) });
  return answerWith(made, { wanted, headers });
}

async function notification(request) {
  await authorized(request);
  notifications.push(JSON.parse(request.text));
  return { status: 204, body: '' };
}

function nonce() {
  const made = random(16);
  nonces.add(made);
  return json(issuer.createNonceResponse({ cNonce: made }), { headers: { 'Cache-Control': 'no-store' } });
}

const ROUTES = {
  'GET /.well-known/openid-credential-issuer': () => json(issuerMetadata().credentialIssuer),
  'GET /.well-known/oauth-authorization-server': () => json(serverMetadata()),
  'GET /jwks': () => json({ keys: [{ ...publicJwk(shop.tokenKey), kid: 'tokens', alg: 'ES256', use: 'sig' }] }),
  'GET /offers/*': ({ rest }) => (offers.has(rest) ? json(offers.get(rest).object) : json({}, { status: 404 })),
  'POST /par': push,
  'GET /authorize': authorize,
  'POST /token': token,
  'POST /nonce': nonce,
  'POST /credential': credential,
  'POST /deferred': deferredCredential,
  'POST /notification': notification,
};

async function key(more) {
  const made = { ...(await generateKey()), ...more };
  keys.push(made);
  return made;
}

await serve({
  start(settings) {
    credentials = new Credentials(settings);
    const own = callbacks({ keys, resolver: settings.resolver });
    issuer = new Openid4vciIssuer({ callbacks: own });
    server = new Oauth2AuthorizationServer({ callbacks: own });
    resources = new Oauth2ResourceServer({ callbacks: own });
  },

  // `settings`: key and verification_method that sign credentials; configurations as in the metadata; types, how each is
  // made, and others, what an issuer that confuses its types makes instead; dpop, identifiers (credential identifiers instead of configuration ids), encryption (offered, required).
  async listen(settings) {
    shop = settings;
    shop.tokenKey = await key();
    shop.encryptionKey = await key({ kid: random(8) });
    shop.url = await listen(ROUTES);
    return shop.url;
  },

  // `grant`: pre-authorized_code, authorization_code. `standing`: for whoever comes without an offer. `fault`: one of those above, or another_server in `iss`.
  async offer({ ids, claims, grant = 'pre-authorized_code', tx_code: withTxCode, by_reference: byReference, ...more }) {
    const made = { ids, claims, ...more };
    const grantTerms = {};
    if (grant === 'authorization_code') {
      made.issuerState = random(16);
      grantTerms.authorization_code = { issuer_state: made.issuerState };
    } else {
      made.code = random(16);
      made.txCode = withTxCode ? '493536' : undefined;
      const described = withTxCode ? { tx_code: { input_mode: 'numeric', length: 6 } } : {};
      grantTerms[preAuthorizedCodeGrantIdentifier] = { 'pre-authorized_code': made.code, ...described };
    }
    const reference = random(16);
    const { credentialOffer, credentialOfferObject } = await issuer.createCredentialOffer({
      issuerMetadata: issuerMetadata(), credentialConfigurationIds: ids, grants: grantTerms,
      credentialOfferUri: byReference ? here(`/offers/${reference}`) : undefined,
    });
    made.object = credentialOfferObject;
    offers.set(reference, made);
    return { issuer: shop.url, offer: credentialOffer, tx_code: made.txCode ?? null, reference };
  },

  // What the office decides on a credential that was put off.
  approve({ reference }) {
    offers.get(reference).approved = true;
  },

  notifications: () => notifications,
});
