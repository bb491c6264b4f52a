/** Work of one kind that never goes on twice at a time: of two answers on their way, the older one might come last, and stay. */

/**
 * What is asked for while it goes on is done once more afterwards, for all who ask until then, by what the last of them gave. Each
 * gets what became of it from the time after they asked.
 */
export function createTurns<T>(): (work: () => Promise<T>) => Promise<T> {
  let going: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | null = null;
  let wanted: () => Promise<T>;

  function begin(): Promise<T> {
    next = null;
    const begun = wanted();
    going = begun;
    return begun;
  }

  return (work) => {
    wanted = work;
    next ??= going.then(begin, begin);
    return next;
  };
}
