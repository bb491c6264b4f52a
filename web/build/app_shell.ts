/** Not kept: what is large, and what is of use only to some and with a network. */
const NOT_KEPT = /\.wasm$|\/fcm_web-/;

/**
 * Adds `service-worker.js`, which keeps the app's own files on the phone: it lists them, and its version is their digest.
 * Its sources are put together as one script.
 */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Plugin } from "vite";

export function appShell(sources: string[]): Plugin {
  return {
    name: "app-shell",
    apply: "build",
    generateBundle(_options, bundle) {
      const files = Object.keys(bundle).filter((name) => !NOT_KEPT.test(name));
      const digest = createHash("sha256");
      for (const name of files.sort()) {
        const file = bundle[name];
        digest.update(name).update(file?.type === "asset" ? file.source : (file?.code ?? ""));
      }
      const code = sources
        .map((source) => readFileSync(source, "utf-8"))
        .join("\n")
        .replace("__VERSION__", JSON.stringify(digest.digest("hex").slice(0, 16)))
        .replace("__FILES__", JSON.stringify(["./", ...files.filter((name) => name !== "index.html")]));
      this.emitFile({ type: "asset", fileName: "service-worker.js", source: code });
    },
  };
}
