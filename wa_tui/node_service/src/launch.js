import diagnostics from 'node:diagnostics_channel';

import { sleep } from './deadline.js';
import { endTree } from './processes.js';

const MOST_LINES = 40;
const LONGEST_LINE = 400;
/** Milliseconds: until a browser whose start failed has ended, and until what it said last has come. */
const ENDING = { exit: 2_000, output: 300 };

/** Those that wait for their browser's process, by its profile. */
const expected = new Map();

diagnostics.subscribe('child_process', ({ process: child }) => {
  // Its arguments are set by the time either comes.
  const launchOf = () => child.spawnargs.map((arg) => expected.get(arg)).find(Boolean);
  child.once('spawn', () => launchOf()?.started(child));
  child.once('error', (problem) => launchOf()?.failed(problem));
});

/**
 * One start of a browser: its process, the last of what it says, and how it ended. The library keeps all of this to
 * itself when a start fails.
 */
export class Launch {
  pid = null;
  /** @type {{code: number | null, signal: string | null, problem: Error | null} | null} */
  ended = null;

  #flag;
  #lines = [];
  #rest = '';
  #unwanted = false;
  #closed = new AbortController();

  /** @param {string} profile the directory that the browser is started on, from now on */
  constructor(profile) {
    this.#flag = `--user-data-dir=${profile}`;
    expected.set(this.#flag, this);
  }

  /** The last lines of its standard error and output. */
  get lines() {
    return [...this.#lines, this.#rest].filter((line) => line.trim() !== '');
  }

  /** @param {import('node:child_process').ChildProcess} child */
  started(child) {
    this.pid = child.pid;
    for (const stream of [child.stderr, child.stdout]) stream?.on('data', (chunk) => this.#take(chunk));
    child.once('exit', (code, signal) => (this.ended ??= { code, signal, problem: null }));
    child.once('close', () => this.#closed.abort());
    if (this.#unwanted) this.end();
  }

  /** @param {Error} problem why there is no process */
  failed(problem) {
    this.ended ??= { code: null, signal: null, problem };
    this.#closed.abort();
  }

  /** Waits until it has ended and all that it said is there; a bounded time, since its helpers may outlive it. */
  async settled() {
    if (this.pid !== null && this.ended === null) await sleep(ENDING.exit, this.#closed.signal);
    if (this.pid !== null) await sleep(ENDING.output, this.#closed.signal);
  }

  /** Kills it with all its processes, also if it only now comes up. */
  async end() {
    this.#unwanted = true;
    if (this.pid !== null && this.ended === null) await endTree(this.pid, 0);
  }

  /** Expects no process any more. */
  forget() {
    if (expected.get(this.#flag) === this) expected.delete(this.#flag);
  }

  #take(chunk) {
    const lines = (this.#rest + chunk.toString()).split('\n');
    this.#rest = lines.pop().slice(0, LONGEST_LINE);
    this.#lines.push(...lines.map((line) => line.slice(0, LONGEST_LINE)));
    this.#lines.splice(0, this.#lines.length - MOST_LINES);
  }
}
