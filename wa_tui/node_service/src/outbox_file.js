import { copyFile } from 'node:fs/promises';

import { within } from './deadline.js';
import { words } from './errors.js';
import { Journal } from './journal.js';
import { setAside } from './set_aside.js';

/** Milliseconds: how long an entry may wait for the disk, and between two tries of one that fails. */
const DISK = { patience: 5_000, retry: 5_000 };

/** The outbox's file. Whatever is wrong with it is said and stops nothing: better sent and not kept than neither. */
export class OutboxFile {
  #file;
  #journal;
  #log;
  #disk;
  #retry = null;

  /** @type {string | null} why the disk does not take what waits */
  trouble = null;

  /**
   * @param {string} file
   * @param {() => object[]} pending the events that were not delivered
   * @param {{log: object, disk?: object, files?: object}} parts `disk`: how long to wait for it; `files`:
   *   `node:fs/promises`, or a disk with faults
   */
  constructor(file, pending, { log, disk = DISK, files }) {
    this.#file = file;
    this.#journal = new Journal(file, pending, { files });
    this.#log = log;
    this.#disk = disk;
  }

  /** @returns {Promise<object[]>} what a former start left; what cannot be read is kept beside the file */
  async load() {
    try {
      const { events, damaged } = await this.#journal.load();
      if (damaged > 0) await this.#keepDamaged(damaged);
      return [...events.values()];
    } catch (problem) {
      this.#log.warn(`Outbox: ${this.#file} cannot be read (${words(problem)}); ${this.#moveAway()}`);
      return [];
    }
  }

  /**
   * @param {[string, unknown]} entry
   * @returns {Promise<void>} resolves once it is on the disk, or when that is not to be waited for
   */
  async keep(entry) {
    try {
      await within(this.#journal.append(entry), this.#disk.patience, 'The disk');
      this.#recovered();
    } catch (problem) {
      this.#troubled(problem);
    }
  }

  /** Makes the file as small as what is pending. */
  async compact() {
    try {
      await this.#journal.compact();
    } catch (problem) {
      this.#log.warn(`Outbox: ${this.#file} stays as large as it is for now: ${words(problem)}`);
    }
  }

  /** Writes what is left and closes the file. */
  async close() {
    clearTimeout(this.#retry);
    try {
      await this.#journal.close();
    } catch (problem) {
      this.#log.warn(`Outbox: ${this.#file} cannot be written: ${words(problem)}; what was not delivered may be lost`);
    }
  }

  async #keepDamaged(count) {
    const copy = `${this.#file}.damaged`;
    const kept = await copyFile(this.#file, copy).then(
      () => `the file as it was is kept as ${copy}`,
      (problem) => `it cannot be copied: ${words(problem)}`,
    );
    this.#log.warn(`Outbox: ${count} lines of ${this.#file} cannot be read and are left out; ${kept}`);
  }

  #moveAway() {
    try {
      return `it is kept as ${setAside(this.#file)}`;
    } catch (problem) {
      return `it cannot be moved away either: ${words(problem)}`;
    }
  }

  /** Said once, and tried until the disk takes it. */
  #troubled(problem) {
    if (this.#retry === null) {
      this.#log.warn(
        `Outbox: ${this.#file} cannot be written: ${words(problem)}; events are delivered all the same, and kept ` +
          'once it can: see to the disk before the service is restarted',
      );
    }
    this.trouble = problem.code ?? words(problem);
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#again(), this.#disk.retry);
    this.#retry.unref();
  }

  async #again() {
    try {
      await this.#journal.flush();
      this.#recovered();
    } catch (problem) {
      this.#troubled(problem);
    }
  }

  #recovered() {
    if (this.#retry === null || this.#journal.behind) return;
    clearTimeout(this.#retry);
    this.#retry = this.trouble = null;
    this.#log.info(`Outbox: ${this.#file} is written again, and holds everything that waits`);
  }
}
