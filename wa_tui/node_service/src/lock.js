import { lstatSync, lutimesSync, readFileSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { sleep } from './deadline.js';
import { ConfigError, words } from './errors.js';
import { alive, processOf } from './processes.js';
import { setAside } from './set_aside.js';

/** Milliseconds: a service shows that it lives every `beat`; another host's that shows nothing for `silence` does not. */
const TIMING = { beat: 5_000, silence: 12_000 };

/**
 * Takes the data directory for this process: two services would run two browsers on one profile, which ruins it. The
 * lock is a link that names its holder, since a full disk has room for that; its time of change is the holder's pulse.
 * @param {string} directory
 * @param {object} log
 * @param {{beat: number, silence: number}} [timing]
 * @returns {Promise<() => void>} gives it back; rejects with ConfigError naming who holds it
 */
export async function takeDirectory(directory, log, timing = TIMING) {
  const lock = path.join(directory, 'service.lock');
  const mine = [os.hostname(), process.pid, processOf(process.pid)?.started ?? ''].join(':');
  while (!linked(lock, mine, log)) {
    const holder = read(lock);
    if (holder !== null && (await lives(holder, lock, log, timing))) {
      const who = holder.host === os.hostname() ? `pid ${holder.pid}` : `pid ${holder.pid} on host ${holder.host}`;
      throw new ConfigError(
        `${directory} is in use by another service (${who}): end that one, or set WWEBJS_DATA_PATH`,
      );
    }
    clear(lock, log);
  }
  const pulse = setInterval(() => beat(lock), timing.beat);
  pulse.unref();
  return () => {
    clearInterval(pulse);
    if (text(lock) === mine) rmSync(lock, { force: true });
  };
}

/** @returns {boolean} false where somebody's lock is there; true too where nothing can be locked, which is said */
function linked(lock, mine, log) {
  try {
    symlinkSync(mine, lock);
  } catch (problem) {
    if (problem.code === 'EEXIST') return false;
    log.warn(`${lock} cannot be made (${words(problem)}): a second service here would not be refused`);
  }
  return true;
}

async function lives({ host, pid, started }, lock, log, { silence }) {
  if (host === os.hostname()) {
    return pid !== process.pid && alive(pid) && (processOf(pid)?.started ?? null) === started;
  }
  log.warn(`${lock} is of another host (${host}, pid ${pid}): waiting ${silence / 1000} s for a sign of life of it`);
  const before = changed(lock);
  await sleep(silence);
  return changed(lock) !== before;
}

function clear(lock, log) {
  if (lstatSync(lock, { throwIfNoEntry: false })?.isDirectory()) {
    log.warn(`${lock} is a directory; it is kept as ${setAside(lock)}`);
  } else {
    rmSync(lock, { force: true });
  }
}

/** @returns {{host: string, pid: number, started: number | null} | null} */
function read(lock) {
  const [, host, pid, started] = /^(.*):(\d+):(\d*)$/.exec(text(lock)) ?? [];
  if (host !== undefined) return { host, pid: Number(pid), started: started === '' ? null : Number(started) };
  try {
    // As earlier versions wrote it.
    return JSON.parse(readFileSync(lock, 'utf8'));
  } catch {
    return null;
  }
}

function text(lock) {
  try {
    return readlinkSync(lock);
  } catch {
    return '';
  }
}

function beat(lock) {
  try {
    const now = new Date();
    lutimesSync(lock, now, now);
  } catch {
    // A disk that is away for a moment, or a lock that somebody removed: nothing of ours depends on it.
  }
}

function changed(lock) {
  return lstatSync(lock, { throwIfNoEntry: false })?.mtimeMs;
}
