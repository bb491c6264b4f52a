/**
 * One module for each language, from its file in `languages/`: only the texts go to the phone, not the English source
 * and the notes that translators read.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

interface Entry {
  text: string;
}

const FILE = /\/languages\/(\w\w)\.json\?texts$/;

export function languages(): Plugin {
  return {
    name: "languages",
    enforce: "pre",
    resolveId: (id) =>
      /languages\/\w\w\.json\?texts$/.test(id)
        ? join(import.meta.dirname, "..", id.slice(id.indexOf("languages/")))
        : null,
    load(id) {
      if (!FILE.test(id)) return null;
      const file = id.slice(0, -"?texts".length);
      this.addWatchFile(file);
      const entries = JSON.parse(readFileSync(file, "utf-8")) as Record<string, Entry>;
      const texts = Object.fromEntries(Object.entries(entries).map(([key, entry]) => [key, entry.text]));
      return { code: `export default ${JSON.stringify(texts)}`, moduleType: "js" };
    },
  };
}
