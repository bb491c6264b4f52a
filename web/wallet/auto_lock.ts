/** A wallet that nobody looks at locks itself, as a phone that was put down on a table may be picked up by another. */

const LOCK_AFTER_MS = 5 * 60_000;

/** Calls `lock` once the page was hidden for that long: then if the browser lets it, else when the page is seen again. */
export function lockWhenHidden(lock: () => void): void {
  let hiddenAt = Number.POSITIVE_INFINITY;
  let timer: ReturnType<typeof setTimeout> | undefined;
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (document.visibilityState === "hidden") {
      hiddenAt = Date.now();
      timer = setTimeout(lock, LOCK_AFTER_MS);
    } else if (Date.now() - hiddenAt >= LOCK_AFTER_MS) lock();
  });
}
