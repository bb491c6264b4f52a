// An independent verifier, on the @openid4vc packages.
import { setGlobalConfig } from '@openid4vc/oauth2';
import { calculateX509HashClientIdPrefixValue, Openid4vpVerifier } from '@openid4vc/openid4vp';
import { DcqlPresentationResult, DcqlQuery } from 'dcql';
import { serve } from '../credential_peers/lines.mjs';
import { Credentials } from './credentials.mjs';
import { callbacks, decrypt, generateKey, hash, publicJwk, random } from './crypto.mjs';
import { json, listen, Refused } from './web.mjs';

setGlobalConfig({ allowInsecureUrls: true });

const LIFETIME = 300;
const SELF_ISSUED = 'https://self-issued.me/v2';
const FORMATS = {
  'dc+sd-jwt': { 'sd-jwt_alg_values': ['ES256'], 'kb-jwt_alg_values': ['ES256'] },
  ldp_vc: { proof_type_values: ['DataIntegrityProof'], cryptosuite_values: ['ecdsa-rdfc-2019'] },
};
const keys = [];
const requests = new Map();
let desk; // what `listen` was told
let verifier;
let credentials;

// How the verifier is called, and how its request objects are signed, by client id prefix.
const CLIENTS = {
  decentralized_identifier: async () => {
    const did = desk.verification_method.split('#')[0];
    return { clientId: `decentralized_identifier:${did}`, signer: { method: 'did', didUrl: desk.verification_method, alg: 'ES256' } };
  },
  x509_hash: async () => {
    const value = await calculateX509HashClientIdPrefixValue({ hash, x509Certificate: desk.x5c[0] });
    return { clientId: `x509_hash:${value}`, signer: { method: 'x5c', x5c: desk.x5c, alg: 'ES256' } };
  },
  x509_san_dns: async () => ({ clientId: `x509_san_dns:${desk.dns_name}`, signer: { method: 'x5c', x5c: desk.x5c, alg: 'ES256' } }),
  redirect_uri: async ({ responseUri }) => ({ clientId: `redirect_uri:${responseUri}` }),
};

// The request object is made when it is fetched: it takes up the wallet's nonce.
async function requestObject(id, walletNonce) {
  const known = requests.get(id);
  if (!known) throw new Refused('invalid_request_uri', { status: 404 });
  const wallet = walletNonce === undefined ? undefined : { expectedNonce: walletNonce };
  const payload = walletNonce === undefined ? known.payload : { ...known.payload, wallet_nonce: walletNonce };
  const made = await verifier.createOpenId4vpAuthorizationRequest({
    authorizationRequestPayload: payload,
    wallet,
    jar: {
      jwtSigner: known.signer,
      requestUri: `${desk.url}/requests/${id}`,
      expiresInSeconds: LIFETIME,
      additionalJwtPayload: { aud: SELF_ISSUED }, // the package would put the request's own address here
    },
  });
  known.asked = payload;
  known.fetched = walletNonce === undefined ? 'get' : 'post';
  return { status: 200, type: 'application/oauth-authz-req+jwt', body: made.jar.authorizationRequestJwt };
}

async function response(request) {
  const known = requests.get(request.rest);
  if (!known || known.outcome) throw new Refused('invalid_request');
  const refusal = await errorIn(known, request.form);
  if (refusal) {
    known.outcome = { error: `the wallet answered ${refusal}` };
    return json({});
  }
  try {
    known.outcome = { presented: await verifyAnswer(known, request.form) };
  } catch (error) {
    known.outcome = { error: `${error.message} ${error.cause?.message ?? ''}` };
    throw new Refused('invalid_request');
  }
  if (!known.sameDevice) return json({});
  known.responseCode = random(16);
  return json({ redirect_uri: `${desk.url}/done/${request.rest}#response_code=${known.responseCode}` });
}

// The package reads no errors, encrypted or not.
async function errorIn({ encryptionKey }, form) {
  if (!form.response || !encryptionKey) return form.error;
  return JSON.parse((await decrypt(form.response, encryptionKey)).text).error;
}

async function verifyAnswer({ asked, encryptionKey }, form) {
  const parsed = await verifier.parseOpenid4vpAuthorizationResponse({
    authorizationResponse: form, authorizationRequestPayload: asked, callbacks: verifier.options.callbacks,
  });
  if (Boolean(encryptionKey) !== Boolean(parsed.jarm)) throw new Error('encrypted where it should not be, or the reverse');
  const presented = {};
  const described = {};
  for (const [queryId, presentations] of Object.entries(parsed.dcql.presentations)) {
    const { format } = asked.dcql_query.credentials.find((each) => each.id === queryId);
    const expected = { audience: asked.client_id, nonce: asked.nonce };
    presented[queryId] = [];
    for (const each of presentations) presented[queryId].push(await credentials.verifyPresentation(format, each, expected));
    described[queryId] = await Promise.all(presentations.map((each) => describe(format, each)));
  }
  const result = DcqlPresentationResult.fromDcqlPresentation(described, { dcqlQuery: DcqlQuery.parse(asked.dcql_query) });
  if (!result.can_be_satisfied) throw new Error('the answer is not what the query asks for');
  if (asked.transaction_data) await verifyTransactionData(asked, presented);
  const enc = parsed.jarm && JSON.parse(Buffer.from(form.response.split('.')[0], 'base64url')).enc;
  return { credentials: presented, enc: enc ?? null };
}

const describe = (format, presentation) =>
  credentials.describe(format, format === 'ldp_vc' ? [presentation.verifiableCredential].flat()[0] : presentation);

async function verifyTransactionData(asked, presented) {
  const hashes = Object.entries(presented).map(([queryId, each]) => [queryId, each.map(({ kb }) => kb ?? {})]);
  const withHashes = hashes.map(([queryId, each]) => [queryId, each.filter((kb) => kb.transaction_data_hashes)]);
  const found = Object.fromEntries(withHashes.filter(([, each]) => each.length > 0));
  await verifier.verifyTransactionData({ transactionData: asked.transaction_data, credentials: found });
}

const ROUTES = {
  'GET /requests/*': ({ rest }) => requestObject(rest),
  'POST /requests/*': ({ rest, form }) => requestObject(rest, form.wallet_nonce),
  'POST /responses/*': response,
};

await serve({
  start(settings) {
    credentials = new Credentials(settings);
    verifier = new Openid4vpVerifier({ callbacks: callbacks({ keys, resolver: settings.resolver }) });
  },

  // `settings`: key, with the verification_method or the x5c (and dns_name in it) that it is known by.
  async listen(settings) {
    desk = settings;
    keys.push(settings.key);
    desk.url = await listen(ROUTES);
    return desk.url;
  },

  // `terms`: dcql_query, prefix, response_mode, enc, request_uri_method, transaction_data, same_device.
  async request(terms) {
    const id = random(12);
    const responseUri = `${desk.url}/responses/${id}`;
    const { clientId, signer } = await CLIENTS[terms.prefix ?? 'decentralized_identifier']({ responseUri });
    const metadata = { vp_formats_supported: FORMATS };
    const encryptionKey = terms.response_mode === 'direct_post.jwt' ? { ...(await generateKey()), kid: random(8) } : undefined;
    if (encryptionKey) {
      keys.push(encryptionKey);
      const jwk = { ...publicJwk(encryptionKey), kid: encryptionKey.kid, use: 'enc', alg: 'ECDH-ES' };
      Object.assign(metadata, { jwks: { keys: [jwk] }, encrypted_response_enc_values_supported: [terms.enc ?? 'A128GCM'] });
    }
    const payload = {
      response_type: 'vp_token',
      response_mode: terms.response_mode ?? 'direct_post',
      response_uri: responseUri,
      client_id: clientId,
      nonce: random(24),
      state: random(12),
      dcql_query: terms.dcql_query,
      client_metadata: metadata,
      ...(terms.transaction_data ? { transaction_data: terms.transaction_data } : {}),
    };
    requests.set(id, { payload, asked: payload, signer, encryptionKey, sameDevice: terms.same_device });
    if (!signer) {
      const { authorizationRequest } = await verifier.createOpenId4vpAuthorizationRequest({ authorizationRequestPayload: payload });
      return { id, authorization_request: authorizationRequest };
    }
    const link = new URLSearchParams({ client_id: clientId, request_uri: `${desk.url}/requests/${id}` });
    if (terms.request_uri_method === 'post') link.set('request_uri_method', 'post');
    return { id, authorization_request: `openid4vp://?${link}` };
  },

  // What came, or null so far. Throws where it was not good.
  outcome({ id, response_code: responseCode }) {
    const { outcome, fetched, responseCode: expected } = requests.get(id);
    if (!outcome) return null;
    if (outcome.error) throw new Error(outcome.error);
    if (expected && expected !== responseCode) throw new Error('another response code');
    return { ...outcome.presented, fetched: fetched ?? null };
  },
});
