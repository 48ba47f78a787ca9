import { existsSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { browsersOn } from './browsers.js';
import { profileInUse } from './no_browser.js';
import { alive, commandLine, endTree } from './processes.js';

const LINKS = ['SingletonLock', 'SingletonSocket', 'SingletonCookie'];
const ORPHAN_GRACE = 3000;

/** The browser profiles, one directory a session: its credentials live there. */
export class Profiles {
  /**
   * @param {string} dataPath
   * @param {{info: Function, warn: Function}} log
   */
  constructor(dataPath, log) {
    this.dataPath = dataPath;
    this.log = log;
  }

  /** @param {string} id */
  directory(id) {
    return path.join(this.dataPath, `session-${id}`);
  }

  /**
   * Whether a browser ever ran for the session: without one it has no credentials.
   * @param {string} id
   */
  stored(id) {
    return existsSync(this.directory(id));
  }

  /**
   * Clears what would keep a browser from starting: an orphan of a killed service, and a lock that nobody holds.
   * @param {string} id
   * @returns {Promise<void>} rejects with NoBrowser where somebody's browser runs on it
   */
  async clear(id) {
    const directory = this.directory(id);
    for (const browser of browsersOn([directory])) {
      if (!isOrphan(browser)) throw profileInUse({ ...browser, host: os.hostname() });
      this.log.warn(`Session ${id}: ending the browser that a former service left (pid ${browser.pid})`);
      await endTree(browser.pid, ORPHAN_GRACE);
    }
    const lock = lockOf(directory);
    if (lock === null) return;
    if (lock.host !== os.hostname()) {
      // Another host's service would hold the data directory: see lock.js.
      this.log.warn(`Session ${id}: removing the profile's lock of another host (${lock.host})`);
    } else if (alive(lock.pid) && commandLine(lock.pid).length === 0) {
      return;
    }
    // A browser takes whoever has the lock's number now for the lock's holder, and may kill it.
    for (const link of LINKS) rmSync(path.join(directory, link), { force: true });
  }

  /**
   * @param {string} id
   * @returns {object} who runs on a session's profile, as `profileInUse` takes it
   */
  holder(id) {
    const profile = this.directory(id);
    const [browser] = browsersOn([profile]);
    const lock = lockOf(profile);
    const known = { profile, pid: lock?.pid ?? null, host: lock?.host ?? os.hostname() };
    return browser === undefined ? known : { ...browser, host: os.hostname() };
  }

  /** @returns {number[]} the browsers that a former service left on our profiles; asked before one of ours runs */
  orphans() {
    return browsersOn(this.#directories())
      .filter(isOrphan)
      .map(({ pid }) => pid);
  }

  /** @param {number[]} pids */
  async end(pids) {
    if (pids.length > 0) this.log.warn(`Ending ${pids.length} browsers that a former service left`);
    await Promise.all(pids.map((pid) => endTree(pid, ORPHAN_GRACE)));
  }

  /**
   * Removes a session's credentials.
   * @param {string} id
   */
  async remove(id) {
    await rm(this.directory(id), { recursive: true, force: true, maxRetries: 4 });
  }

  #directories() {
    try {
      return readdirSync(this.dataPath)
        .filter((name) => name.startsWith('session-'))
        .map((name) => path.join(this.dataPath, name));
    } catch {
      return [];
    }
  }
}

/** @returns {{host: string, pid: number} | null} who holds a profile: the link reads `<host>-<pid>` */
function lockOf(directory) {
  try {
    const [, host, pid] = /^(.*)-(\d+)$/.exec(readlinkSync(path.join(directory, 'SingletonLock'))) ?? [];
    return pid === undefined ? null : { host, pid: Number(pid) };
  } catch {
    return null;
  }
}

/** Another user's browser is nobody's to end but theirs. */
function isOrphan({ holder, user }) {
  return holder === null && user === process.getuid();
}
