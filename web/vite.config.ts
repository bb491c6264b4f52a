/** `vite build --mode wallet`: each of the pages is an application of its own, built into the service that serves it. */

import { join } from "node:path";
import { defineConfig } from "vite";
import { appShell } from "./build/app_shell.ts";
import { languages } from "./build/languages.ts";

const SERVICE_WORKERS: Record<string, string[]> = {
  desk: ["desk/service_worker.js", "shared/newest_worker.js"],
  wallet: ["wallet/service_worker.js", "wallet/push_worker.js", "shared/newest_worker.js"],
};
const SERVED_BY: Record<string, string> = {
  desk: "verifier/desk_pages/built",
  office: "issuer/office_pages/built",
  wallet: "backend/wallet_pages/built",
};

export default defineConfig(({ mode }) => {
  const served = SERVED_BY[mode];
  const workers = SERVICE_WORKERS[mode];
  if (served === undefined) throw new Error(`--mode is one of ${Object.keys(SERVED_BY).join(", ")}`);
  return {
    root: join(import.meta.dirname, mode),
    base: "./",
    publicDir: "public",
    plugins: [
      languages(),
      ...(workers === undefined ? [] : [appShell(workers.map((name) => join(import.meta.dirname, name)))]),
    ],
    oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
    build: {
      outDir: join(import.meta.dirname, "..", served),
      emptyOutDir: true,
      target: "es2022",
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
    },
  };
});
