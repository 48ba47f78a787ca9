import { constants } from 'node:fs';
import * as disk from 'node:fs/promises';
import path from 'node:path';

const NEWLINE = 0x0a;
const { O_APPEND, O_CREAT, O_TRUNC, O_WRONLY } = constants;
/** Lines that wait for a disk that takes none; beyond, the whole file is written anew once it does. */
const MOST_WAITING = 10_000;

/**
 * An append-only file of JSON lines, `["put", event]` or `["done", eventId]`. What `append` resolved for survives a
 * power cut. What a failed write left of a line is cut off before the next one, so that this is not glued to it.
 */
export class Journal {
  #file;
  #pending;
  #files;
  #mostWaiting;
  #handle = null;
  /** Bytes of the file that are whole lines, and whether something may follow them. */
  #size = 0;
  #torn = false;
  #lines = [];
  #overdue = false;
  #writing = null;

  /**
   * @param {string} file
   * @param {() => Iterable<object>} pending the events that are not done, asked when the file is written anew
   * @param {{files?: object, mostWaiting?: number}} [parts] `files`: `node:fs/promises`, or a disk with faults
   */
  constructor(file, pending, { files = disk, mostWaiting = MOST_WAITING } = {}) {
    this.#file = file;
    this.#pending = pending;
    this.#files = files;
    this.#mostWaiting = mostWaiting;
  }

  /** Whether lines wait for a disk that takes them. */
  get behind() {
    return this.#overdue || this.#lines.length > 0;
  }

  /**
   * @returns {Promise<{events: Map<string, object>, damaged: number}>} the events that are not done, oldest first, by
   *   their id, and how many lines could not be read (a torn last one is what was never taken in)
   */
  async load() {
    const content = await this.#read();
    this.#size = content.lastIndexOf(NEWLINE) + 1;
    this.#torn = this.#size < content.length;
    const events = new Map();
    let damaged = 0;
    for (let from = 0; from < this.#size;) {
      const to = content.indexOf(NEWLINE, from);
      if (!take(events, content.toString('utf8', from, to))) damaged += 1;
      from = to + 1;
    }
    return { events, damaged };
  }

  /**
   * Adds lines; those that come while others are being written share the next write. After a failure they are kept,
   * and written with the next ones or by `flush`.
   * @param {...[string, unknown]} entries
   * @returns {Promise<void>} resolves once they are on the disk
   */
  append(...entries) {
    // What is to be written anew holds them.
    if (!this.#overdue) this.#lines.push(...entries.map((entry) => `${JSON.stringify(entry)}\n`));
    return this.flush();
  }

  /** Writes what waits. */
  flush() {
    return this.#next(() => this.#flush());
  }

  /**
   * Replaces the file by one that holds the pending events alone; the old one stays where that fails.
   * @returns {Promise<void>}
   */
  compact() {
    return this.#next(() => this.#rewrite());
  }

  /** Writes what is left and closes the file. */
  async close() {
    try {
      await this.flush();
    } finally {
      await this.#handle?.close();
    }
  }

  #next(step) {
    const before = this.#writing ?? Promise.resolve();
    const mine = before.catch(() => {}).then(step);
    this.#writing = mine;
    return mine;
  }

  #giveUpLines() {
    this.#lines = [];
    this.#overdue = true;
  }

  async #flush() {
    if (this.#overdue) await this.#rewrite();
    if (this.#lines.length === 0) return;
    const lines = this.#lines;
    this.#lines = [];
    try {
      const text = Buffer.from(lines.join(''));
      await this.#whole();
      this.#torn = true;
      await this.#handle.appendFile(text);
      await this.#handle.datasync();
      this.#torn = false;
      this.#size += text.length;
    } catch (problem) {
      this.#lines = [...lines, ...this.#lines];
      if (this.#lines.length > this.#mostWaiting) this.#giveUpLines();
      throw problem;
    }
  }

  /** Opens the file, and cuts off what is no whole line. */
  async #whole() {
    this.#handle ??= await this.#files.open(this.#file, O_WRONLY | O_APPEND | O_CREAT, 0o600);
    if (this.#torn) await this.#handle.truncate(this.#size);
    this.#torn = false;
  }

  async #rewrite() {
    // Lines that wait are either part of the events or come after them: appending them once more changes nothing.
    const text = Buffer.from(Array.from(this.#pending(), (event) => `${JSON.stringify(['put', event])}\n`).join(''));
    const overdue = this.#overdue;
    this.#overdue = false;
    let handle;
    try {
      handle = await this.#replaced(text);
    } catch (problem) {
      if (overdue) this.#giveUpLines();
      throw problem;
    }
    await this.#handle?.close().catch(() => {});
    this.#handle = handle;
    this.#size = text.length;
    this.#torn = false;
    await this.#syncDirectory();
  }

  /** Puts a file with this content in the place of ours, at once; returns its handle. */
  async #replaced(text) {
    const fresh = `${this.#file}.new`;
    const handle = await this.#files.open(fresh, O_WRONLY | O_APPEND | O_CREAT | O_TRUNC, 0o600);
    try {
      await handle.appendFile(text);
      await handle.datasync();
      await this.#files.rename(fresh, this.#file);
      return handle;
    } catch (problem) {
      await handle.close().catch(() => {});
      await this.#files.rm(fresh, { force: true }).catch(() => {});
      throw problem;
    }
  }

  async #read() {
    try {
      return await this.#files.readFile(this.#file);
    } catch (problem) {
      if (problem.code === 'ENOENT') return Buffer.alloc(0);
      throw problem;
    }
  }

  async #syncDirectory() {
    const handle = await this.#files.open(path.dirname(this.#file), 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
}

/** @returns {boolean} whether the line could be read */
function take(events, line) {
  let entry;
  try {
    entry = JSON.parse(line);
  } catch {
    return false;
  }
  const [kind, value] = Array.isArray(entry) ? entry : [];
  if (kind === 'done') events.delete(value);
  else if (kind === 'put' && isEvent(value)) events.set(value.eventId, value);
  else return false;
  return true;
}

function isEvent(value) {
  return typeof value?.eventId === 'string' && typeof value.sessionId === 'string' && typeof value.status === 'string';
}
