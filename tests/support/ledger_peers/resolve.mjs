// Resolves DIDs with ethr-did-resolver: node resolve.mjs <rpc url> <registry> <chain id> <did>...; results as JSON.
import { Resolver } from 'did-resolver';
import { getResolver } from 'ethr-did-resolver';

const [rpcUrl, registry, chainId, ...dids] = process.argv.slice(2);
const networks = [{ chainId: Number(chainId), name: `0x${Number(chainId).toString(16)}`, rpcUrl, registry }];
const resolver = new Resolver(getResolver({ networks }));
const results = [];
for (const did of dids) {
  results.push(await resolver.resolve(did));
}
console.log(JSON.stringify(results));
process.exit(0);
