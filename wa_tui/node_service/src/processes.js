import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

import { sleep } from './deadline.js';

/**
 * One process of /proc. `started` is in clock ticks since the boot: with the pid it names a process for good.
 * @typedef {{pid: number, name: string, state: string, parent: number, started: number}} Process
 */

/**
 * @param {number} pid
 * @returns {Process | null} null when there is none, or no /proc
 */
export function processOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in parentheses, may hold anything.
    const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { pid, name, state: fields[0], parent: Number(fields[1]), started: Number(fields[19]) };
  } catch {
    return null;
  }
}

/** @returns {number[]} every process that can be seen; none where there is no /proc */
export function pids() {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

/** @returns {Process[]} all of them */
export function processes() {
  return pids().map(processOf).filter(Boolean);
}

/**
 * @param {number} pid
 * @returns {string[]} its arguments, empty when it is gone
 */
export function commandLine(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean);
  } catch {
    return [];
  }
}

/** @param {number} pid */
export function alive(pid) {
  const found = processOf(pid);
  // None may also be one that is hidden from us, or there is no /proc.
  if (found === null) return signal(pid, 0);
  return found.state !== 'Z' && found.state !== 'X';
}

/**
 * @param {number} pid
 * @param {Process[]} [known] a listing to look in
 * @returns {number[]} the process and all its descendants
 */
export function tree(pid, known = processes()) {
  const children = new Map();
  for (const member of known) {
    if (!children.has(member.parent)) children.set(member.parent, []);
    children.get(member.parent).push(member.pid);
  }
  const found = [pid];
  for (const parent of found) {
    found.push(...(children.get(parent) ?? []));
  }
  return found;
}

/**
 * Ends a browser with all its processes: SIGTERM first where there is time for it, then SIGKILL.
 * @param {number} pid the browser's main process
 * @param {number} grace milliseconds it has to close by itself
 */
export async function endTree(pid, grace) {
  const members = tree(pid).map(processOf).filter(Boolean);
  const left = () =>
    members.filter(({ pid: member, started }) => {
      const now = processOf(member);
      return now !== null && now.started === started && now.state !== 'Z';
    });
  if (grace > 0) {
    signal(pid, 'SIGTERM');
    await gone(left, grace);
  }
  for (const member of left()) signal(member.pid, 'SIGKILL');
  await gone(left, 2000);
}

/**
 * @param {number} pid
 * @returns {Promise<number>} its proportional share of memory in bytes, 0 when it cannot be read
 */
export async function proportionalMemory(pid) {
  try {
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
    return Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

async function gone(left, ms) {
  const until = performance.now() + ms;
  while (left().length > 0 && performance.now() < until) await sleep(25);
}

/** @returns {boolean} whether there was one to get it */
function signal(pid, name) {
  try {
    return process.kill(pid, name);
  } catch (problem) {
    return problem.code === 'EPERM';
  }
}
