/**
 * Runs at most `width` jobs at once, the others in the order they came.
 * @param {number} width
 * @returns {<T>(job: () => Promise<T>) => Promise<T>}
 */
export function limiter(width) {
  let running = 0;
  const waiting = [];
  return async (job) => {
    if (running >= width) await new Promise((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await job();
    } finally {
      // The place is handed over, so that nobody slips in between.
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
