/** `npm run unreviewed [language]`: the texts that no native speaker has read yet, with what they say and in which place. */

import { readFileSync } from "node:fs";
import { join } from "node:path";

interface Entry {
  source: string;
  note: string;
  text: string;
  reviewed: boolean;
}

const asked = process.argv.slice(2);
for (const language of asked.length > 0 ? asked : ["th", "my", "lo", "km"]) {
  const file = join(import.meta.dirname, "..", "languages", `${language}.json`);
  const entries = Object.entries(JSON.parse(readFileSync(file, "utf-8")) as Record<string, Entry>);
  const unread = entries.filter(([, entry]) => !entry.reviewed);
  console.log(`${language}: ${unread.length} of ${entries.length} texts not read by a native speaker yet`);
  if (asked.length === 0) continue;
  for (const [key, { source, note, text }] of unread) console.log(`\n${key}\n  ${source}\n  ${text}\n  (${note})`);
}
