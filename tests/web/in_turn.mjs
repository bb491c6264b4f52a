// Asks for the same work again and again while it goes on; writes what came of it. tests/web/test_in_turn.py looks at that.
import { createTurns } from "../../web/shared/in_turn.ts";

const inTurn = createTurns();
const answers = [];
let atOnce = 0;
let mostAtOnce = 0;
let asked = 0;

/** What there is when it is asked for, told once it is let go. */
function load() {
  const found = ++asked;
  mostAtOnce = Math.max(mostAtOnce, ++atOnce);
  return new Promise((resolve, reject) => answers.push({ resolve, reject })).then(
    () => found,
    () => Promise.reject(found),
  ).finally(() => --atOnce);
}

const turn = () => new Promise((resolve) => setTimeout(resolve));

const first = inTurn(load);
await turn();
const meanwhile = [inTurn(load), inTurn(load)];
await turn();
const askedMeanwhile = asked;
answers.shift().reject();
const failed = await first.catch((found) => `failed ${found}`);
await turn();
answers.shift().resolve();
const later = await Promise.all(meanwhile);
const last = inTurn(load);
await turn();
answers.shift().resolve();
console.log(JSON.stringify({ mostAtOnce, askedMeanwhile, failed, later, last: await last }));
