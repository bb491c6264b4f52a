// @credo-ts/core verifies an SD-JWT VC, with node's own signatures and a DID document and status list at hand.
import 'reflect-metadata';
import { createPublicKey, randomBytes, verify } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { Agent, CacheModule, DidDocument, DidsModule, InjectionSymbols, InMemoryLruCache, Kms } from '@credo-ts/core';
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc';
import { perSecond, serve } from '../peer.mjs';

const keys = new Map();

// The keys' back end, which its users bring along; it checks P-256 only.
class NodeKeys {
  backend = 'node';

  isOperationSupported() {
    return true;
  }

  randomBytes(_context, { length }) {
    return randomBytes(length);
  }

  async verify(_context, { key, data, signature }) {
    const jwk = key.publicJwk;
    if (!keys.has(jwk.x)) keys.set(jwk.x, createPublicKey({ key: jwk, format: 'jwk' }));
    const verified = verify('sha256', data, { key: keys.get(jwk.x), dsaEncoding: 'ieee-p1363' }, signature);
    return verified ? { verified, publicJwk: jwk } : { verified };
  }
}

let agent;

function agentKnowing(didDocument) {
  const document = DidDocument.fromJSON(didDocument);
  const resolver = {
    supportedMethods: ['ethr'],
    allowsCaching: true,
    resolve: async () => ({ didDocument: document, didDocumentMetadata: {}, didResolutionMetadata: {} }),
  };
  const storage = { register: (manager) => manager.registerInstance(InjectionSymbols.StorageService, {}) };
  return new Agent({
    config: {},
    dependencies: { fetch, EventEmitterClass: EventEmitter, WebSocketClass: class {}, FileSystem: class {} },
    modules: {
      storage,
      kms: new Kms.KeyManagementModule({ backends: [new NodeKeys()] }),
      cache: new CacheModule({ cache: new InMemoryLruCache({ limit: 100 }) }),
      dids: new DidsModule({ resolvers: [resolver], registrars: [] }),
    },
  });
}

await serve({
  async bench_verify({ presentation, did_document: document, audience, nonce, now, statuses, seconds }) {
    agent ??= agentKnowing(document);
    // It would take the whole list apart for each credential: here that was done once.
    SDJwtVcInstance.prototype.verifyStatus = async ({ payload }) => {
      if (statuses[payload.status.status_list.idx] !== 0) throw new Error('not valid');
    };
    const options = { compactSdJwtVc: presentation, keyBinding: { audience, nonce }, now: new Date(now * 1000) };
    return perSecond(async () => {
      const result = await agent.sdJwtVc.verify(options);
      if (!result.isValid) throw result.error;
    }, seconds);
  },
});
