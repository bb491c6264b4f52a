// @sd-jwt/sd-jwt-vc and @sd-jwt/jwt-status-list, with node's own signatures.
import { createHash, createPrivateKey, createPublicKey, randomBytes, sign, verify } from 'node:crypto';
import { Jwt } from '@sd-jwt/core';
import { createHeaderAndPayload, getListFromStatusListJWT, StatusList } from '@sd-jwt/jwt-status-list';
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc';
import { perSecond, serve } from './peer.mjs';

const HASH = { ES256: 'sha256', EdDSA: null };
const hasher = (data, algorithm) =>
  createHash(algorithm.replace('-', '')).update(typeof data === 'string' ? data : Buffer.from(data)).digest();
const saltGenerator = (length) => randomBytes(length).toString('base64url').slice(0, length);
const publicKeys = new Map();

function publicKey(jwk) {
  const text = JSON.stringify(jwk);
  if (!publicKeys.has(text)) publicKeys.set(text, createPublicKey({ key: jwk, format: 'jwk' }));
  return publicKeys.get(text);
}

function verifies(jwk, data, signature) {
  const key = { key: publicKey(jwk), dsaEncoding: 'ieee-p1363' };
  const hash = jwk.kty === 'EC' ? 'sha256' : null;
  return verify(hash, Buffer.from(data), key, Buffer.from(signature, 'base64url'));
}

function signerOf(jwk) {
  const key = { key: createPrivateKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' };
  const hash = HASH[algorithmOf(jwk)];
  return (data) => sign(hash, Buffer.from(data), key).toString('base64url');
}

const algorithmOf = (jwk) => (jwk.kty === 'EC' ? 'ES256' : 'EdDSA');
const headerOf = (data) => JSON.parse(Buffer.from(data.split('.')[0], 'base64url'));

// `keys`: public JWKs by `kid`; `status_lists`: status list tokens by address.
function verifier({ keys, status_lists: statusLists }) {
  const byKeyId = (data, signature) => verifies(keys[headerOf(data).kid], data, signature);
  return new SDJwtVcInstance({
    hasher,
    verifier: byKeyId,
    kbVerifier: (data, signature, payload) => verifies(payload.cnf.jwk, data, signature),
    statusListFetcher: async (uri) => statusLists[uri],
    statusVerifier: byKeyId,
  });
}

const verifyOptions = ({ now, nonce }) => ({ currentDate: now, keyBindingNonce: nonce });

await serve({
  async verify(params) {
    const { payload, header, kb } = await verifier(params).verify(params.presentation, verifyOptions(params));
    return { payload, header, kb: kb?.payload };
  },

  issue({ payload, disclosable, header, issuer }) {
    const instance = new SDJwtVcInstance({
      hasher, saltGenerator, signer: signerOf(issuer), signAlg: algorithmOf(issuer), hashAlg: 'sha-256',
    });
    return instance.issue(payload, disclosable, { header });
  },

  present({ sd_jwt: credential, disclose, holder, kb }) {
    const instance = new SDJwtVcInstance({ hasher, kbSigner: signerOf(holder), kbSignAlg: algorithmOf(holder) });
    return instance.present(credential, disclose, { kb: { payload: kb } });
  },

  async issue_status_list({ statuses, bits, header, payload, issuer }) {
    const list = new StatusList(statuses, bits);
    const typed = { ...header, alg: algorithmOf(issuer), typ: 'statuslist+jwt' };
    const jwt = new Jwt(createHeaderAndPayload(list, payload, typed));
    await jwt.sign(signerOf(issuer));
    return jwt.encodeJwt();
  },

  async read_status_list({ token, keys, now }) {
    await Jwt.fromEncode(token).verify((data, signature) => verifies(keys[headerOf(data).kid], data, signature), {
      currentDate: now,
    });
    const list = getListFromStatusListJWT(token);
    return { bits: list.getBitsPerStatus(), statuses: list.statusList };
  },

  // The library would take the whole list apart for each credential: here that was done once.
  async bench_verify(params) {
    const { presentation, statuses, seconds } = params;
    const instance = verifier({ ...params, status_lists: {} });
    instance.verifyStatus = async ({ payload }) => {
      if (statuses[payload.status.status_list.idx] !== 0) throw new Error('not valid');
    };
    const options = verifyOptions(params);
    return perSecond(() => instance.verify(presentation, options), seconds);
  },

  async bench_issue({ payload, disclosable, header, issuer, seconds }) {
    const instance = new SDJwtVcInstance({
      hasher, saltGenerator, signer: signerOf(issuer), signAlg: algorithmOf(issuer), hashAlg: 'sha-256',
    });
    return perSecond(() => instance.issue(payload, disclosable, { header }), seconds);
  },
});
