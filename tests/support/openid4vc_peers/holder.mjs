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
});
