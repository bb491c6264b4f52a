// A peer answers JSON lines: {"method", "params"} on stdin, {"result"} or {"error"} on stdout, one for one, in order.
import { createInterface } from 'node:readline';

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
