// What the @openid4vc packages lack or get wrong of the final texts is put right here, between them and the network.
// Each function takes what `fetch` is so far, and gives what it is from then on.
import { decrypt, encrypt, generateKey, publicJwk, random } from './crypto.mjs';

const isJson = (options) => typeof options?.body === 'string' && options.body.startsWith('{');

function changingBody(fetch, change) {
  return (url, options) => {
    if (!isJson(options)) return fetch(url, options);
    return fetch(url, { ...options, body: JSON.stringify(change(JSON.parse(options.body))) });
  };
}

// They always name the configuration; with identifiers in the token response, section 8.2 has the identifier instead.
export function namingIdentifier(fetch, identifier) {
  return changingBody(fetch, ({ credential_configuration_id: _id, ...rest }) => ({ ...rest, credential_identifier: identifier }));
}

// They put the metadata's members into the form, where section 5.10 of OpenID4VP has `wallet_nonce` (and `wallet_metadata`).
export function postingWalletNonce(fetch, nonce) {
  return (url, options) => {
    if (options.method?.toUpperCase() !== 'POST') return fetch(url, options);
    return fetch(url, { ...options, method: 'POST', body: new URLSearchParams({ wallet_nonce: nonce }) });
  };
}

// They read no encrypted answers. `opened` counts those that came.
export async function encryptedAnswers(fetch, enc) {
  const key = { ...(await generateKey()), kid: random(8) };
  const jwk = { ...publicJwk(key), kid: key.kid, use: 'enc', alg: 'ECDH-ES' };
  const counted = { opened: 0 };
  const asking = changingBody(fetch, (body) => ({ ...body, credential_response_encryption: { jwk, enc } }));
  counted.fetch = async (url, options) => {
    const response = await asking(url, options);
    if (!response.headers.get('content-type')?.startsWith('application/jwt')) return response;
    const { text, header } = await decrypt(await response.text(), key);
    if (header.enc !== enc || header.kid !== key.kid) throw new Error(`encrypted with ${header.enc} to ${header.kid}`);
    counted.opened += 1;
    return new Response(text, { status: response.status, headers: { 'content-type': 'application/json' } });
  };
  return counted;
}

// They encrypt no requests.
export function encryptedRequests(fetch, { jwks, enc_values_supported: supported }, enc) {
  if (!supported.includes(enc)) throw new Error(`the issuer does not read ${enc}`);
  const [jwk] = jwks.keys;
  return async (url, options) => {
    if (!isJson(options)) return fetch(url, options);
    const body = await encrypt(options.body, { jwk, alg: jwk.alg, enc });
    return fetch(url, { ...options, body, headers: { ...options.headers, 'Content-Type': 'application/jwt' } });
  };
}

// They refuse a `notification_id` beside deferred credentials, where section 9.2 has one. It is set aside.
export function settingNotificationAside(fetch, found) {
  return async (url, options) => {
    const response = await fetch(url, options);
    if (!response.headers.get('content-type')?.startsWith('application/json')) return response;
    const { notification_id: id, ...rest } = await response.json();
    if (id !== undefined) found.notification_id = id;
    return new Response(JSON.stringify(rest), { status: response.status, headers: response.headers });
  };
}

// They take signed metadata where it comes, but ask for none.
export function askingForSignedMetadata(fetch) {
  const signed = { headers: { Accept: 'application/jwt' } };
  return (url, options) => fetch(url, url.includes('/.well-known/openid-credential-issuer') ? signed : options);
}
