import { open, readFile, rename } from 'node:fs/promises';
import path from 'node:path';

/**
 * An append-only file of JSON lines, `["put", event]` or `["done", eventId]`. What `append` resolved for survives a
 * power cut; a torn last line is what never resolved, and is left out.
 */
export class Journal {
  #file;
  #handle = null;
  #lines = [];
  #writing = null;

  /** @param {string} file */
  constructor(file) {
    this.#file = file;
  }

  /** @returns {Promise<Map<string, object>>} the events that are not done, oldest first, by their id */
  async load() {
    const pending = new Map();
    for (const line of (await this.#read()).split('\n')) {
      let entry;
      try {
        entry = JSON.parse(line);
      } catch {
        continue;
      }
      const [kind, value] = Array.isArray(entry) ? entry : [];
      if (kind === 'put' && value?.eventId) pending.set(value.eventId, value);
      else if (kind === 'done') pending.delete(value);
    }
    return pending;
  }

  /**
   * Adds lines; those that come while others are being written share the next write.
   * @param {...[string, unknown]} entries
   * @returns {Promise<void>} resolves once they are on the disk
   */
  append(...entries) {
    this.#lines.push(...entries.map((entry) => `${JSON.stringify(entry)}\n`));
    return this.#next(() => this.#flush());
  }

  /**
   * Replaces the file by one that holds these events alone.
   * @param {() => Iterable<object>} pending asked when it is written: what is appended later follows it
   * @returns {Promise<void>}
   */
  compact(pending) {
    return this.#next(() => this.#rewrite(pending()));
  }

  /** Writes what is left and closes the file. */
  async close() {
    await this.#next(() => this.#flush());
    await this.#handle?.close();
  }

  #next(step) {
    const before = this.#writing ?? Promise.resolve();
    const mine = before.catch(() => {}).then(step);
    this.#writing = mine;
    return mine;
  }

  async #flush() {
    if (this.#lines.length === 0) return;
    const lines = this.#lines;
    this.#lines = [];
    try {
      await this.#handle.appendFile(lines.join(''));
      await this.#handle.datasync();
    } catch (problem) {
      this.#lines = [...lines, ...this.#lines];
      throw problem;
    }
  }

  async #rewrite(events) {
    // Lines that wait are either part of the events or come after them: appending them once more changes nothing.
    const fresh = `${this.#file}.new`;
    const handle = await open(fresh, 'w', 0o600);
    await handle.appendFile(Array.from(events, (event) => `${JSON.stringify(['put', event])}\n`).join(''));
    await handle.datasync();
    await rename(fresh, this.#file);
    await syncDirectory(path.dirname(this.#file));
    await this.#handle?.close();
    this.#handle = handle;
  }

  async #read() {
    try {
      return await readFile(this.#file, 'utf8');
    } catch (problem) {
      if (problem.code === 'ENOENT') return '';
      throw problem;
    }
  }
}

async function syncDirectory(directory) {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
