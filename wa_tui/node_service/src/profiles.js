import { existsSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { alive, commandLine, endTree, processes } from './processes.js';

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
   * Clears what would keep a browser from starting: an orphan of a killed service, and another host's lock.
   * @param {string} id
   */
  async clear(id) {
    const directory = this.directory(id);
    const lock = lockOf(directory);
    if (lock === null) return;
    if (lock.host !== os.hostname()) {
      this.log.warn(`Session ${id}: removing the profile's lock of another host (${lock.host})`);
      for (const link of LINKS) rmSync(path.join(directory, link), { force: true });
    } else if (isBrowserOf(lock.pid, directory)) {
      this.log.warn(`Session ${id}: ending the browser that a former service left (pid ${lock.pid})`);
      await endTree(lock.pid, ORPHAN_GRACE);
    }
  }

  /** @returns {number[]} the browsers that run on any of our profiles now; the service calls it before it starts one */
  orphans() {
    const directories = new Set(this.#directories());
    return processes()
      .map(({ pid }) => pid)
      .filter((pid) => directories.has(profileOf(pid)));
  }

  /**
   * @param {number[]} pids
   */
  async end(pids) {
    if (pids.length > 0) this.log.warn(`Ending ${pids.length} browsers that a former service left`);
    await Promise.all(pids.map((pid) => endTree(pid, ORPHAN_GRACE)));
  }

  /**
   * Kills every browser on a session's profile, one that is still starting included.
   * @param {string} id
   */
  async kill(id) {
    const directory = this.directory(id);
    const running = processes()
      .map(({ pid }) => pid)
      .filter((pid) => isBrowserOf(pid, directory));
    await Promise.all(running.map((pid) => endTree(pid, 0)));
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

function isBrowserOf(pid, directory) {
  return alive(pid) && profileOf(pid) === directory;
}

/** The profile a browser's main process runs on; its helpers name a `--type`. */
function profileOf(pid) {
  const args = commandLine(pid);
  if (args.some((arg) => arg.startsWith('--type='))) return null;
  const flag = args.find((arg) => arg.startsWith('--user-data-dir='));
  return flag === undefined ? null : flag.slice('--user-data-dir='.length);
}
