/** `npm run check`: every language has every text, with the same places for values, and no text is unused. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

interface Entry {
  source?: string;
  text: string;
  reviewed?: boolean;
}

type File = Record<string, Entry>;

const ROOT = join(import.meta.dirname, "..");
const places = (text: string) =>
  [...text.matchAll(/\{(\w+)\}/g)]
    .map(([, name]) => name)
    .sort()
    .join();
const load = (language: string) =>
  JSON.parse(readFileSync(join(ROOT, "languages", `${language}.json`), "utf-8")) as File;

const english = load("en");
const sources = ["desk", "office", "shared", "wallet"]
  .flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf-8" }).map((name) => join(ROOT, folder, name)),
  )
  .filter((name) => /\.tsx?$/.test(name))
  .map((name) => readFileSync(name, "utf-8"))
  .join("\n");

/** Whether a page names the key, or makes its name from a beginning up to an underscore and something else. */
function isUsed(key: string): boolean {
  const beginnings = [...key.matchAll(/_/g)].map(({ index }) => key.slice(0, index + 1));
  return sources.includes(`"${key}"`) || beginnings.some((beginning) => sources.includes(`\`${beginning}\${`));
}

const problems: string[] = Object.keys(english)
  .filter((key) => !isUsed(key))
  .map((key) => `en: ${key} is not used`);
for (const language of ["th", "my", "lo", "km"]) {
  const texts = load(language);
  for (const key of new Set([...Object.keys(english), ...Object.keys(texts)])) {
    const [entry, source] = [texts[key], english[key]];
    if (entry === undefined || source === undefined)
      problems.push(`${language}: ${key} is ${entry === undefined ? "missing" : "not in en"}`);
    else if (entry.source !== source.text)
      problems.push(`${language}: ${key} was translated from another English text`);
    else if (entry.text.trim() === "" || places(entry.text) !== places(source.text))
      problems.push(`${language}: ${key} is empty or has other {places}`);
  }
}
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exit(1);
}
