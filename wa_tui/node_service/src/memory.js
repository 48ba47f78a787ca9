import { processes, proportionalMemory, tree } from './processes.js';

/** Adding up a hundred processes takes the kernel 0.3 s: not at every question. */
const MAX_AGE = 30_000;
const MIN_AGE = 2_000;

/** What the browsers take, in bytes of PSS: shared pages count once. */
export class BrowserMemory {
  #sessions;
  #bytes = null;
  #of = '';
  #at = -Infinity;
  #measuring = null;

  /** @param {import('./sessions.js').Sessions} sessions */
  constructor(sessions) {
    this.#sessions = sessions;
  }

  /**
   * The last measurement; one that is due is made meanwhile, for the next who asks.
   * @returns {{browsers: number, bytes: number | null}} null before the first, and where there is no /proc
   */
  read() {
    const pids = this.#sessions
      .all()
      .map(({ client }) => client?.pupBrowser?.process?.()?.pid)
      .filter(Boolean);
    const age = performance.now() - this.#at;
    const due = age > MAX_AGE || (age > MIN_AGE && pids.join() !== this.#of);
    if (due) this.#measuring ??= this.#measure(pids).finally(() => (this.#measuring = null));
    return { browsers: pids.length, bytes: pids.length === 0 ? 0 : this.#bytes };
  }

  async #measure(pids) {
    const known = processes();
    const members = pids.flatMap((pid) => tree(pid, known));
    const shares = await Promise.all(members.map(proportionalMemory));
    this.#bytes = members.length > 0 && known.length > 0 ? shares.reduce((sum, share) => sum + share, 0) : null;
    this.#of = pids.join();
    this.#at = performance.now();
  }
}
