// Lets Node run the pages' modules as they are: it strips types itself, but wants the endings of file names.
import { registerHooks } from "node:module";

registerHooks({
  resolve(specifier, context, next) {
    const local = specifier.startsWith(".") && !/\.[a-z]+$/.test(specifier);
    return next(local ? `${specifier}.ts` : specifier, context);
  },
});
