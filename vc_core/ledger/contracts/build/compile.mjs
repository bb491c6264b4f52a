// Compiles each contract of the folder above into <name>.json beside it, or into the folder named as the argument.
// The bytes depend on the source and the settings alone: no metadata hash, no path, no time.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import solc from 'solc';

const sources = join(dirname(fileURLToPath(import.meta.url)), '..');
const target = process.argv[2] ?? sources;
// paris: the newest rules that every chain we run on has; later ones use an opcode (PUSH0) that KUB does not know.
const settings = {
  evmVersion: 'paris',
  viaIR: true,
  optimizer: { enabled: true, runs: 10000 },
  metadata: { bytecodeHash: 'none', appendCBOR: false },
};

// What a contract imports lies beside it.
const findImports = (path) => ({ contents: readFileSync(join(sources, path), 'utf8') });

for (const name of ['DidRegistry', 'TrustRegistry', 'Anchors']) {
  const file = `${name}.sol`;
  const output = JSON.parse(solc.compile(JSON.stringify({
    language: 'Solidity',
    sources: { [file]: { content: readFileSync(join(sources, file), 'utf8') } },
    settings: { ...settings, outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'] } } },
  }), { import: findImports }));
  if (output.errors?.length) {
    throw new Error(output.errors.map((problem) => problem.formattedMessage).join('\n'));
  }
  const { abi, evm } = output.contracts[file][name];
  const artifact = {
    contract: name,
    compiler: { name: 'solc', version: solc.version(), settings },
    abi,
    bytecode: `0x${evm.bytecode.object}`,
    deployedBytecode: `0x${evm.deployedBytecode.object}`,
  };
  writeFileSync(join(target, `${name}.json`), `${JSON.stringify(artifact, null, 1)}\n`);
}
