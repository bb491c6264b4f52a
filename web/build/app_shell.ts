/**
 * Adds `service-worker.js`, which keeps the app's own files on the phone: it lists them, and its version is their digest.
 * Its sources are put together as one script.
 */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Plugin, Rolldown } from "vite";

/** Not kept: what is large, and what is of use only to some and with a network. */
const NOT_KEPT = /\.wasm$|\/fcm_web-/;

export function appShell(sources: string[]): Plugin {
  let listed: string[] = [];
  return {
    name: "app-shell",
    apply: "build",
    generateBundle: {
      // Before, there are still the empty scripts of style sheets that several screens load.
      order: "post",
      handler(_options, bundle) {
        listed = Object.keys(bundle)
          .filter((name) => !NOT_KEPT.test(name))
          .sort();
        const code = sources
          .map((source) => readFileSync(source, "utf-8"))
          .join("\n")
          .replace("__VERSION__", JSON.stringify(versionOf(listed, bundle)))
          .replace("__FILES__", JSON.stringify(["./", ...listed.filter((name) => name !== "index.html")]));
        this.emitFile({ type: "asset", fileName: "service-worker.js", source: code });
      },
    },
    /** A service worker that lists a file too many keeps none, and no page would say so. */
    writeBundle(_options, bundle) {
      const missing = listed.filter((name) => !(name in bundle));
      if (missing.length > 0) this.error(`service-worker.js lists what is not in the build: ${missing.join(", ")}`);
    },
  };
}

function versionOf(names: string[], bundle: Rolldown.OutputBundle): string {
  const digest = createHash("sha256");
  for (const name of names) {
    const file = bundle[name];
    digest.update(name).update(file?.type === "asset" ? file.source : (file?.code ?? ""));
  }
  return digest.digest("hex").slice(0, 16);
}
