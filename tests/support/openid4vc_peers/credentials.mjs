// Credentials and presentations, issued, shown and verified: dc+sd-jwt by @sd-jwt/sd-jwt-vc, ldp_vc by @digitalbazaar/vc.
import { createHash, createPrivateKey, createPublicKey, randomBytes, randomUUID, sign, verify } from 'node:crypto';
import { DataIntegrityProof } from '@digitalbazaar/data-integrity';
import * as EcdsaMultikey from '@digitalbazaar/ecdsa-multikey';
import { cryptosuite } from '@digitalbazaar/ecdsa-rdfc-2019-cryptosuite';
import * as vc from '@digitalbazaar/vc';
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc';
import jsonld from 'jsonld';
import { publicJwk } from './crypto.mjs';
import { didKeyPair, MULTIKEY, resolveDid, resolveKey } from './dids.mjs';

const hasher = (data, algorithm) =>
  createHash(algorithm.replace('-', '')).update(typeof data === 'string' ? data : Buffer.from(data)).digest();
const saltGenerator = (length) => randomBytes(length).toString('base64url').slice(0, length);
const isoTime = (seconds) => new Date(seconds * 1000).toISOString().replace('.000', '');
const seconds = () => Math.floor(Date.now() / 1000);

function verifies(jwk, data, signature) {
  const key = { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' };
  return verify(jwk.kty === 'EC' ? 'sha256' : null, Buffer.from(data), key, Buffer.from(signature, 'base64url'));
}

function signerOf(jwk) {
  const key = { key: createPrivateKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' };
  return (data) => sign('sha256', Buffer.from(data), key).toString('base64url');
}

// `contexts`: JSON-LD contexts by URL; DIDs are resolved; nothing else is loaded.
export class Credentials {
  constructor({ contexts, resolver }) {
    this.resolver = resolver;
    this.load = async (url) => {
      if (url in contexts) return { contextUrl: null, documentUrl: url, document: { '@context': contexts[url] } };
      if (!url.startsWith('did:')) throw new Error(`nothing to load at ${url}`);
      const document = await resolveDid(url.split('#')[0], resolver);
      const method = url.includes('#') && document.verificationMethod.find((each) => each.id === url);
      return { contextUrl: null, documentUrl: url, document: method ? { '@context': MULTIKEY, ...method } : document };
    };
  }

  // `terms`: vct or types and contexts, claims, disclosable, issuer (a DID URL), key, holder (a JWK), expires_at, status.
  async issue(format, terms) {
    return format === 'dc+sd-jwt' ? this.#issueSdJwt(terms) : this.#issueLinkedData(terms);
  }

  async #issueSdJwt({ vct, claims, disclosable, issuer, key, holder, expires_at: exp, status }) {
    const signing = { signer: signerOf(key), signAlg: 'ES256', hashAlg: 'sha-256' };
    const instance = new SDJwtVcInstance({ hasher, saltGenerator, ...signing });
    const payload = { iss: issuer.split('#')[0], vct, iat: seconds(), exp, cnf: { jwk: publicJwk(holder) }, ...claims };
    if (status) payload.status = { status_list: status };
    return instance.issue(payload, { _sd: disclosable }, { header: { kid: issuer } });
  }

  async #issueLinkedData({ types, contexts, claims, issuer, key, holder, expires_at: expiresAt, status }) {
    const now = seconds();
    const credential = {
      '@context': contexts,
      id: `urn:uuid:${randomUUID()}`,
      type: types,
      issuer: issuer.split('#')[0],
      validFrom: isoTime(now),
      validUntil: isoTime(expiresAt),
      credentialSubject: { id: (await didKeyPair(publicJwk(holder))).controller, ...claims },
    };
    if (status) credential.credentialStatus = status;
    const pair = await EcdsaMultikey.fromJwk({ jwk: key, secretKey: true, id: issuer, controller: issuer.split('#')[0] });
    const suite = new DataIntegrityProof({ cryptosuite, signer: { ...pair.signer(), id: issuer }, date: isoTime(now) });
    return vc.issue({ credential, suite, documentLoader: this.load });
  }

  // What a credential says, once its issuer's signature and the holder's key in it were found good. Throws otherwise.
  async verify(format, credential, holder) {
    if (format === 'dc+sd-jwt') {
      const { payload, header } = await this.#sdJwtVerifier().verify(credential);
      if (header.typ !== 'dc+sd-jwt') throw new Error(`the credential is a ${header.typ}`);
      sameKey(payload.cnf.jwk, holder);
      return { issuer: payload.iss, claims: payload };
    }
    requireVerified(await vc.verifyCredential({ credential, suite: this.#suite(), documentLoader: this.load, checkStatus }));
    const { controller } = await didKeyPair(publicJwk(holder));
    const subject = credential.credentialSubject.id;
    if (subject !== controller) sameKey(await resolveKey((await resolveDid(subject)).verificationMethod[0].id), holder);
    return { issuer: credential.issuer, claims: credential.credentialSubject };
  }

  // `query`: the claims that a DCQL query asks for, by name; `asked`: client id, nonce and transaction data hashes.
  async present(format, credential, { disclose, holder, audience, nonce, transactionDataHashes }) {
    if (format === 'dc+sd-jwt') {
      const instance = new SDJwtVcInstance({ hasher, kbSigner: signerOf(holder), kbSignAlg: 'ES256' });
      const payload = { iat: seconds(), aud: audience, nonce };
      if (transactionDataHashes) payload.transaction_data_hashes = transactionDataHashes;
      const frame = Object.fromEntries(disclose.map((name) => [name, true]));
      return instance.present(credential, frame, { kb: { payload } });
    }
    const pair = await this.#holderPair(credential.credentialSubject.id, holder);
    const signer = { ...pair.signer(), id: pair.id };
    const presentation = {
      '@context': ['https://www.w3.org/ns/credentials/v2'],
      type: ['VerifiablePresentation'],
      holder: pair.controller,
      verifiableCredential: [credential],
    };
    const suite = new DataIntegrityProof({ cryptosuite, signer, date: isoTime(seconds()) });
    return vc.signPresentation({ presentation, suite, documentLoader: this.load, challenge: nonce, domain: audience });
  }

  async #holderPair(did, holder) {
    const { id } = (await resolveDid(did)).verificationMethod[0];
    return EcdsaMultikey.fromJwk({ jwk: holder, secretKey: true, id, controller: did });
  }

  // What a presentation says, once everything about it was found good, its audience and nonce included. Throws otherwise.
  async verifyPresentation(format, presentation, { audience, nonce }) {
    if (format === 'dc+sd-jwt') {
      const { payload, kb } = await this.#sdJwtVerifier().verify(presentation, { keyBindingNonce: nonce });
      if (kb.payload.aud !== audience) throw new Error('the presentation was made for another verifier');
      return { issuer: payload.iss, claims: payload, kb: kb.payload };
    }
    const checks = { suite: this.#suite(), documentLoader: this.load, checkStatus };
    requireVerified(await vc.verify({ presentation, challenge: nonce, domain: audience, ...checks }));
    const [credential] = [presentation.verifiableCredential].flat();
    const controller = presentation.proof.verificationMethod.split('#')[0];
    if (controller !== credential.credentialSubject.id) throw new Error('somebody else than the holder shows this');
    return { issuer: credential.issuer, claims: credential.credentialSubject };
  }

  // The credential as the DCQL package wants it described.
  async describe(format, credential) {
    const common = { credential_format: format, cryptographic_holder_binding: true };
    if (format === 'dc+sd-jwt') {
      const claims = await new SDJwtVcInstance({ hasher }).getClaims(credential);
      return { ...common, vct: claims.vct, claims };
    }
    const [expanded] = await jsonld.expand(credential, { documentLoader: this.load });
    return { ...common, type: expanded['@type'], claims: credential };
  }

  #sdJwtVerifier() {
    const keyId = (data) => JSON.parse(Buffer.from(data.split('.')[0], 'base64url')).kid;
    const verifier = async (data, signature) =>
      verifies(await resolveKey(keyId(data), this.resolver, 'assertionMethod'), data, signature);
    return new SDJwtVcInstance({
      hasher,
      verifier,
      kbVerifier: (data, signature, payload) => verifies(payload.cnf.jwk, data, signature),
      statusListFetcher: async (uri) => (await fetch(uri)).text(),
      statusVerifier: verifier,
    });
  }

  #suite() {
    return new DataIntegrityProof({ cryptosuite });
  }
}

const checkStatus = async () => ({ verified: true });

function sameKey(found, expected) {
  if (found.x !== expected.x || found.y !== expected.y) throw new Error('the credential is bound to another key');
}

function requireVerified(result) {
  const parts = [result.presentationResult, ...(result.credentialResults ?? [])];
  const bad = parts.find((each) => each && !each.verified);
  if (!result.verified) throw bad?.error ?? result.error ?? new Error('not verified');
}
