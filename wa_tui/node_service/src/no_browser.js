import os from 'node:os';

import { EXECUTABLE, MEMORY, known } from './causes.js';
import { NoBrowser, words } from './errors.js';

const TOLD_LINES = 10;
/** Only so: that it can create no ProcessSingleton it says of a full disk too, and the library takes both for the same. */
const HELD = /profile appears to be in use|SingletonLock: File exists|Opening in existing browser session/;
/** What every browser says without a desktop, and the start of Debian's script. */
const NOISE = /dbus|org\.freedesktop|unexpected operator|vaapi|vulkan|libva |gcm\/engine|DevTools listening/i;
const CONTROL = /[\x00-\x1f\x7f-\x9f]+/g;
/** `[pid:thread:date/time:LEVEL:file.cc(line)] ` */
const PREFIX = /^\[[^\]]*:(?:ERROR|FATAL|WARNING|INFO)[^\]]*\] ?/;

/**
 * @param {unknown} problem what the library rejected a start with, before it had a browser
 * @param {import('./launch.js').Launch} launch settled
 * @param {() => object} holder finds who runs on the profile, as `profileInUse` takes it
 * @returns {NoBrowser} why there is no browser
 */
export function noBrowser(problem, launch, holder) {
  const lines = told(launch.lines);
  if (HELD.test(launch.lines.join('\n'))) return profileInUse(holder(), lines);
  const found = known([...lines, words(launch.ended?.problem ?? problem)].join('\n'));
  if (found === null && /already running/.test(words(problem))) return profileInUse(holder(), lines);
  const [cause, advice] = found ?? ended(launch, lines, problem);
  return new NoBrowser(`Browser cannot start: ${cause}; ${advice}`, {
    code: 'browser_unable',
    cause,
    advice,
    output: lines,
  });
}

/**
 * @param {{profile: string, pid: number | null, host: string, user?: number | null, holder?: {pid: number, name: string} | null}} found
 * @param {string[]} [output]
 * @returns {NoBrowser} names who holds the profile, as far as that is known
 */
export function profileInUse({ profile, pid, host, user = null, holder = null }, output = []) {
  const whose = [
    holder && `of ${holder.name} ${holder.pid}`,
    user !== null && user !== process.getuid?.() && `of user ${user}`,
    host !== os.hostname() && `on another computer (${host})`,
  ].filter(Boolean);
  const who = [pid === null ? 'the browser' : `Chromium ${pid}`, ...whose].join(' ');
  const advice = `end ${who}`;
  const message = `Profile in use: ${advice}, which is already running for ${profile}`;
  return new NoBrowser(message, {
    code: 'profile_in_use',
    cause: 'profile in use',
    advice,
    output,
    profile,
    pid,
    host,
  });
}

function ended(launch, lines, problem) {
  const how = launch.ended;
  if (launch.pid === null) return [words(problem), "see the service's log"];
  const last = lines.at(-1);
  const said = last === undefined ? '' : ` (${last.slice(0, 160)})`;
  if (/timed out/i.test(words(problem)) || how === null) {
    return [`it started and did not answer${said}`, 'see what keeps the machine busy'];
  }
  if (how.signal === 'SIGKILL') return [`it was killed${said}`, `where it was out of memory, ${MEMORY}`];
  if (how.code === 126 || how.code === 127) return [`no program that runs here${said}`, EXECUTABLE];
  return [`it ${endOf(how)}${said}`, 'start it by hand, as the user that runs the service'];
}

function endOf({ code, signal }) {
  if (signal === null) return `ended with code ${code}`;
  return signal === 'SIGKILL' ? 'was killed' : `crashed (${signal})`;
}

/**
 * @param {import('./launch.js').Launch} launch of a browser that was up
 * @returns {Promise<string>} how it ended, and what it said last
 */
export async function lastWords(launch) {
  await launch.settled();
  const said = told(launch.lines).slice(-3);
  return [`its browser ${launch.ended === null ? 'still runs' : endOf(launch.ended)}`, ...said].join('; it said: ');
}

/** The lines that tell something, without what they begin with. */
function told(lines) {
  const clean = lines.map((line) => line.replace(PREFIX, '').replace(CONTROL, ' ').trim());
  const telling = clean.filter((line, n) => line !== '' && !NOISE.test(lines[n]));
  return (telling.length > 0 ? telling : clean.filter(Boolean)).slice(-TOLD_LINES);
}
