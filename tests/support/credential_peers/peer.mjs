// A peer reaches no network: what it would fetch comes with the question.
export { serve } from './lines.mjs';

globalThis.fetch = async (url) => {
  throw new Error(`a peer must not fetch ${url}`);
};

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
