// did:jwk and did:key by themselves, other DIDs by asking a resolver over HTTP.
import * as EcdsaMultikey from '@digitalbazaar/ecdsa-multikey';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';

export const MULTIKEY = 'https://w3id.org/security/multikey/v1';
const DID_CONTEXT = 'https://www.w3.org/ns/did/v1';

export function didJwkUrl(jwk) {
  return `did:jwk:${Buffer.from(JSON.stringify(jwk)).toString('base64url')}#0`;
}

// A P-256 key as a did:key with its one verification method, with the private half if it is given.
export async function didKeyPair(jwk, secretKey = false) {
  const pair = await EcdsaMultikey.fromJwk({ jwk, secretKey });
  const exported = await pair.export({ publicKey: true, secretKey });
  const controller = `did:key:${exported.publicKeyMultibase}`;
  return { ...exported, controller, id: `${controller}#${exported.publicKeyMultibase}` };
}

export async function resolveDid(did, resolver) {
  if (did.startsWith('did:jwk:')) {
    const jwk = JSON.parse(Buffer.from(did.slice('did:jwk:'.length), 'base64url').toString());
    const { publicKeyMultibase } = await didKeyPair(jwk);
    return documentOf(did, { id: `${did}#0`, publicKeyMultibase });
  }
  if (did.startsWith('did:key:')) {
    const publicKeyMultibase = did.slice('did:key:'.length);
    return documentOf(did, { id: `${did}#${publicKeyMultibase}`, publicKeyMultibase });
  }
  if (!resolver) throw new Error(`no resolver for ${did}`);
  const response = await fetch(`${resolver}/1.0/identifiers/${did}`, { headers: { Accept: 'application/did-resolution' } });
  if (!response.ok) throw new Error(`the resolver answers ${response.status} for ${did}`);
  return (await response.json()).didDocument;
}

function documentOf(did, { id, publicKeyMultibase }) {
  return {
    '@context': [DID_CONTEXT, MULTIKEY],
    id: did,
    verificationMethod: [{ id, type: 'Multikey', controller: did, publicKeyMultibase }],
    assertionMethod: [id],
    authentication: [id],
  };
}

export async function resolveKey(didUrl, resolver, relationship) {
  const document = await resolveDid(didUrl.split('#')[0], resolver);
  const method = document.verificationMethod.find((each) => each.id === didUrl);
  if (!method) throw new Error(`there is no key ${didUrl}`);
  if (relationship && !document[relationship]?.includes(didUrl)) throw new Error(`${didUrl} is not for ${relationship}`);
  const multikey = method.publicKeyMultibase.startsWith('z6Mk') ? Ed25519Multikey : EcdsaMultikey;
  return multikey.toJwk({ keyPair: await multikey.from({ '@context': MULTIKEY, ...method }) });
}
