// What the @openid4vc packages leave to their user: hashes, randomness, signatures and encryption (by jose), and DIDs.
import { createHash, randomBytes, X509Certificate } from 'node:crypto';
import * as jose from 'jose';
import { resolveKey } from './dids.mjs';

const NAMES = { 'sha-256': 'sha256', 'sha-384': 'sha384', 'sha-512': 'sha512' };
export const hash = (data, algorithm) => createHash(NAMES[algorithm]).update(data).digest();
export const random = (length) => randomBytes(length).toString('base64url');

export async function generateKey() {
  const { privateKey } = await jose.generateKeyPair('ES256', { extractable: true });
  return jose.exportJWK(privateKey);
}

export function publicJwk({ kty, crv, x, y }) {
  return y === undefined ? { kty, crv, x } : { kty, crv, x, y };
}

// The key that a JWT says it was signed by. Whether to trust it is the caller's question.
async function keyOf(signer, resolver) {
  if (signer.method === 'jwk') return signer.publicJwk;
  if (signer.method === 'did') return resolveKey(signer.didUrl, resolver);
  if (signer.method === 'x5c') return leafKey(signer.x5c);
  throw new Error(`no way to find the key of a signer by ${signer.method}`);
}

// Each certificate must be signed by the next; the last one's issuer may be left out of the chain.
function leafKey(x5c) {
  const chain = x5c.map((each) => new X509Certificate(Buffer.from(each, 'base64')));
  chain.slice(1).forEach((issuer, index) => {
    if (!chain[index].verify(issuer.publicKey)) throw new Error('the certificates are no chain');
  });
  const now = Date.now();
  for (const each of chain) {
    if (now < Date.parse(each.validFrom) || now > Date.parse(each.validTo)) throw new Error('a certificate is not in force');
  }
  return chain[0].publicKey.export({ format: 'jwk' });
}

function certificateNames(certificate) {
  const names = new X509Certificate(Buffer.from(certificate, 'base64')).subjectAltName?.split(', ') ?? [];
  const of = (kind) => names.filter((each) => each.startsWith(kind)).map((each) => each.slice(kind.length));
  return { sanDnsNames: of('DNS:'), sanUriNames: of('URI:') };
}

export async function encrypt(text, { jwk, alg, enc, apu, apv }) {
  const encrypter = new jose.CompactEncrypt(Buffer.from(text));
  encrypter.setProtectedHeader({ alg, enc, ...(jwk.kid === undefined ? {} : { kid: jwk.kid }) });
  const bytes = (value) => (value === undefined ? undefined : Buffer.from(value, 'base64url'));
  if (apu !== undefined || apv !== undefined) {
    encrypter.setKeyManagementParameters({ apu: bytes(apu) ?? new Uint8Array(), apv: bytes(apv) ?? new Uint8Array() });
  }
  return encrypter.encrypt(await jose.importJWK(jwk, alg));
}

export async function decrypt(jwe, privateJwk) {
  const algorithms = { keyManagementAlgorithms: ['ECDH-ES'], contentEncryptionAlgorithms: ['A128GCM', 'A256GCM'] };
  const { plaintext, protectedHeader } = await jose.compactDecrypt(jwe, await jose.importJWK(privateJwk, 'ECDH-ES'), algorithms);
  return { text: Buffer.from(plaintext).toString(), header: protectedHeader };
}

// `keys`: private JWKs, added as they are made. `resolver`: the address of a DID resolver for what is not in the DID itself.
export function callbacks({ keys, resolver, fetch, clientAuthentication }) {
  const find = (jwk) => keys.find((each) => each.x === jwk.x && each.y === jwk.y);
  return {
    fetch,
    clientAuthentication,
    hash,
    generateRandom: (length) => randomBytes(length),
    getX509CertificateMetadata: certificateNames,

    async signJwt(signer, { header, payload }) {
      const key = find(await keyOf(signer, resolver));
      const jwt = await new jose.SignJWT(payload).setProtectedHeader(header).sign(await jose.importJWK(key, signer.alg));
      return { jwt, signerJwk: publicJwk(key) };
    },

    async verifyJwt(signer, { compact }) {
      const key = await keyOf(signer, resolver);
      try {
        await jose.compactVerify(compact, await jose.importJWK(key, signer.alg), { algorithms: [signer.alg] });
      } catch {
        return { verified: false };
      }
      return { verified: true, signerJwk: key };
    },

    async encryptJwe({ publicJwk: jwk, alg, enc, apu, apv }, text) {
      return { encryptionJwk: jwk, jwe: await encrypt(text, { jwk, alg, enc, apu, apv }) };
    },

    async decryptJwe(jwe, options) {
      const key = find(options.jwk);
      const { text } = await decrypt(jwe, key);
      return { decrypted: true, payload: text, decryptionJwk: publicJwk(key) };
    },
  };
}
