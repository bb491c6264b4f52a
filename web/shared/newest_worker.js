// The service workers' part for what changes without the app: it is fetched anew each time, and without a network it is
// what came last. `CACHE` is the app's own.
async function newest(request) {
  const cache = await caches.open(CACHE);
  const last = await cache.match(request);
  try {
    // Nobody waits long for what is there already.
    const fresh = await fetch(request, last === undefined ? {} : { signal: AbortSignal.timeout(3000) });
    if (!fresh.ok) throw new Error("not to be had");
    await cache.put(request, fresh.clone());
    return fresh;
  } catch {
    return last ?? Response.error();
  }
}
