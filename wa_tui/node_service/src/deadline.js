import { DeadlineExceeded } from './errors.js';

/**
 * Wait for a promise, but no longer than `ms`; a result that comes later is dropped, a late rejection too.
 * @template T
 * @param {Promise<T>} promise
 * @param {number} ms
 * @param {string} what said in the error: "<what> took longer than 8 s"
 * @returns {Promise<T>} rejects with DeadlineExceeded
 */
export async function within(promise, ms, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new DeadlineExceeded(`${what} took longer than ${ms / 1000} s`)), ms);
  });
  promise.catch(() => {});
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * @param {number} ms
 * @param {AbortSignal} [signal] ends the wait early, without an error
 * @returns {Promise<void>}
 */
export function sleep(ms, signal) {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
  });
}

/**
 * Exponential back-off with jitter: half of it fixed, half random.
 * @param {number} attempt 0 for the first
 * @param {{first: number, most: number}} bounds milliseconds
 * @returns {number} milliseconds
 */
export function backOff(attempt, { first, most }) {
  const whole = Math.min(most, first * 2 ** Math.min(attempt, 20));
  return whole / 2 + (Math.random() * whole) / 2;
}
