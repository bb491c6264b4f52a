// @digitalbazaar/vc with the eddsa-rdfc-2022 and ecdsa-rdfc-2019 cryptosuites.
import { DataIntegrityProof } from '@digitalbazaar/data-integrity';
import * as EcdsaMultikey from '@digitalbazaar/ecdsa-multikey';
import { cryptosuite as ecdsa } from '@digitalbazaar/ecdsa-rdfc-2019-cryptosuite';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import { cryptosuite as eddsa } from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import * as vc from '@digitalbazaar/vc';
import { perSecond, serve } from './peer.mjs';

const SUITES = {
  'eddsa-rdfc-2022': { cryptosuite: eddsa, multikey: Ed25519Multikey },
  'ecdsa-rdfc-2019': { cryptosuite: ecdsa, multikey: EcdsaMultikey },
};
const EITHER = Object.values(SUITES).map(({ cryptosuite }) => new DataIntegrityProof({ cryptosuite }));

// `documents`: contexts, DID documents and verification methods, by URL. There is nothing else to load.
function loader(documents) {
  return async (url) => {
    if (!(url in documents)) throw new Error(`nothing to load at ${url}`);
    return { contextUrl: null, documentUrl: url, document: documents[url] };
  };
}

async function suiteOf({ cryptosuite: name, key, created }) {
  const { cryptosuite, multikey } = SUITES[name];
  const signer = (await multikey.from(key)).signer();
  return new DataIntegrityProof({ cryptosuite, signer, date: created });
}

// What is wrong, or nothing.
function requireVerified(result) {
  if (!result.verified) throw result.error ?? new Error('not verified');
}

const checkStatus = async () => ({ verified: true });

async function verifyCredential({ credential, documents, now }) {
  const documentLoader = loader(documents);
  requireVerified(await vc.verifyCredential({ credential, suite: EITHER, documentLoader, checkStatus, now }));
}

await serve({
  verify_credential: verifyCredential,

  async verify_presentation({ presentation, documents, now, challenge, domain }) {
    const documentLoader = loader(documents);
    const options = { presentation, suite: EITHER, documentLoader, checkStatus, now, challenge, domain };
    const result = await vc.verify(options);
    const bad = [result.presentationResult, ...(result.credentialResults ?? [])].find((each) => each && !each.verified);
    if (!result.verified) throw bad?.error ?? result.error ?? new Error('not verified');
  },

  async issue(params) {
    const { credential, documents, now } = params;
    return vc.issue({ credential, suite: await suiteOf(params), documentLoader: loader(documents), now });
  },

  async present(params) {
    const { presentation, documents, challenge, domain } = params;
    return vc.signPresentation({
      presentation, suite: await suiteOf(params), documentLoader: loader(documents), challenge, domain,
    });
  },

  bench_verify: (params) => perSecond(() => verifyCredential(params), params.seconds),

  async bench_issue(params) {
    const { documents, now, seconds } = params;
    const suite = await suiteOf(params);
    const documentLoader = loader(documents);
    return perSecond(() => vc.issue({ credential: { ...params.credential }, suite, documentLoader, now }), seconds);
  },
});
