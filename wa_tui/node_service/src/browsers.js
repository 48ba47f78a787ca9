import { readFileSync, readlinkSync, realpathSync } from 'node:fs';
import path from 'node:path';

import { alive, commandLine, pids, processOf } from './processes.js';

/** The variable that tells a browser's service, as `<pid>:<start>`: browsers hand it to nobody but their helpers. */
const SERVICE = 'WA_TUI_SERVICE';
/** Who takes in the processes whose parent ended, besides process 1. */
const REAPERS = new Set([
  'systemd',
  'init',
  'tini',
  'docker-init',
  'dumb-init',
  'catatonit',
  'conmon',
  'containerd-shim',
]);
const FLAG = '--user-data-dir=';

/**
 * The main process of a browser on this host. `holder` is the living process that it belongs to, null for an orphan.
 * @typedef {{pid: number, profile: string, user: number | null, holder: {pid: number, name: string} | null}} Browser
 */

/** @returns {object} the environment of the browsers we start */
export function browserEnvironment() {
  return { ...process.env, [SERVICE]: mark(process.pid) };
}

/**
 * @param {string[]} profiles directories
 * @returns {Browser[]} the browsers that run on any of them; none where there is no /proc
 */
export function browsersOn(profiles) {
  const wanted = new Map(profiles.map((profile) => [real(profile), profile]));
  const found = [];
  for (const pid of pids()) {
    const profile = wanted.get(profileOf(pid));
    if (profile !== undefined && alive(pid)) found.push({ pid, profile, user: userOf(pid), holder: holderOf(pid) });
  }
  return found;
}

/** The profile a browser's main process runs on; its helpers name a `--type`. */
function profileOf(pid) {
  const args = commandLine(pid);
  if (args.some((arg) => arg.startsWith('--type='))) return null;
  const flag = args.findLast((arg) => arg.startsWith(FLAG));
  if (flag === undefined) return null;
  const named = flag.slice(FLAG.length);
  return real(path.isAbsolute(named) ? named : path.join(directoryOf(pid), named));
}

/** Its service says who that is; of other programs' browsers it is the parent, unless that only took it in. */
function holderOf(pid) {
  const service = serviceOf(pid);
  if (service === mark(process.pid)) return null;
  if (service !== null) {
    const [owner] = service.split(':').map(Number);
    return alive(owner) && mark(owner) === service ? named(owner) : null;
  }
  const parent = processOf(pid)?.parent ?? 0;
  if (parent <= 1 || parent === process.pid || !alive(parent)) return null;
  const found = named(parent);
  return REAPERS.has(found.name) ? null : found;
}

function serviceOf(pid) {
  try {
    const variables = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    const found = variables.find((variable) => variable.startsWith(`${SERVICE}=`));
    return found === undefined ? null : found.slice(SERVICE.length + 1);
  } catch {
    return null;
  }
}

function mark(pid) {
  return `${pid}:${processOf(pid)?.started ?? ''}`;
}

function named(pid) {
  return { pid, name: processOf(pid)?.name ?? '' };
}

function userOf(pid) {
  try {
    return Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return null;
  }
}

function directoryOf(pid) {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '/';
  }
}

function real(directory) {
  try {
    return realpathSync(directory);
  } catch {
    return path.resolve(directory);
  }
}
