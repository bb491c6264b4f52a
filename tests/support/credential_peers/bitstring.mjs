// @digitalbazaar/vc-bitstring-status-list, with the eddsa-rdfc-2022 cryptosuite.
import { DataIntegrityProof } from '@digitalbazaar/data-integrity';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import { cryptosuite } from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import * as vc from '@digitalbazaar/vc';
import { checkStatus, createCredential, createList } from '@digitalbazaar/vc-bitstring-status-list';
import { serve } from './peer.mjs';

// `documents`: contexts, DID documents, verification methods and status lists, by URL. There is nothing else to load.
function loader(documents) {
  return async (url) => {
    if (!(url in documents)) throw new Error(`nothing to load at ${url}`);
    return { contextUrl: null, documentUrl: url, document: documents[url] };
  };
}

await serve({
  // The number at each entry of the credential, once its list was verified.
  async check_status({ credential, documents }) {
    const suite = new DataIntegrityProof({ cryptosuite });
    const result = await checkStatus({ credential, suite, documentLoader: loader(documents) });
    if (!result.verified) throw result.error;
    return result.results.map(({ status }) => Number(status));
  },

  // A list in which these entries are set.
  async create_list({ id, issuer, length, entries, purpose, key, documents, validFrom }) {
    const list = await createList({ length });
    for (const index of entries) list.setStatus(index, true);
    const unsigned = await createCredential({ id, list, statusPurpose: purpose });
    const suite = new DataIntegrityProof({ cryptosuite, signer: (await Ed25519Multikey.from(key)).signer() });
    const credential = { ...unsigned, issuer, validFrom };
    return vc.issue({ credential, suite, documentLoader: loader(documents) });
  },
});
