#!/usr/bin/env node
// The part of the solc command that forge uses, over solcjs: --version, and --standard-json from stdin to stdout.
import { readFileSync, writeSync } from 'node:fs';
import solc from 'solc';

function write(text) {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length;) {
    try {
      written += writeSync(1, bytes, written);
    } catch (failure) {
      if (failure.code !== 'EAGAIN') throw failure;
    }
  }
}

if (process.argv.includes('--version')) {
  write(`solc, the solidity compiler commandline interface\nVersion: ${solc.version().replace('Emscripten.clang', 'Linux.g++')}\n`);
} else {
  // Of the contracts only their types are compiled, since the tests deploy the committed bytes (Cheats.sol).
  const input = JSON.parse(readFileSync(0, 'utf8'));
  for (const source of Object.keys(input.sources).filter((name) => name.startsWith('contracts/'))) {
    input.settings.outputSelection[source] = {};
  }
  write(solc.compile(JSON.stringify(input)));
}
