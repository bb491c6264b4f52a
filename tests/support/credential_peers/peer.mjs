// A peer answers JSON lines: {"method", "params"} on stdin, {"result"} or {"error"} on stdout, one for one, in order.
// It reaches no network: what it would fetch comes with the question.
import { createInterface } from 'node:readline';

globalThis.fetch = async (url) => {
  throw new Error(`a peer must not fetch ${url}`);
};

export async function serve(methods) {
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    const { method, params } = JSON.parse(line);
    let answer;
    try {
      answer = { result: (await methods[method](params)) ?? null };
    } catch (error) {
      answer = { error: describe(error) };
    }
    process.stdout.write(JSON.stringify(answer) + '\n');
  }
}

function describe(error) {
  const causes = error.errors ?? error.cause?.errors ?? (error.cause ? [error.cause] : []);
  return [error.message ?? String(error), ...causes.map(describe)].join(': ');
}

// Runs a second for as long as `seconds`, for the benchmarks: only what `run` does is timed.
export async function perSecond(run, seconds) {
  const started = process.hrtime.bigint();
  const until = started + BigInt(Math.round(seconds * 1e9));
  let count = 0;
  let now = started;
  while (now < until) {
    await run();
    count += 1;
    now = process.hrtime.bigint();
  }
  return count / (Number(now - started) / 1e9);
}
