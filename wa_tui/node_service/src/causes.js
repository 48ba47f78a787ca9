import { packageOf } from './libraries.js';

const SANDBOX =
  'let programs make user namespaces (on Ubuntu: sysctl kernel.apparmor_restrict_unprivileged_userns=0), or set ' +
  'CHROMIUM_ARGS=--no-sandbox';
export const MEMORY = 'give the machine more memory, or lower MAX_CONCURRENT_SESSIONS';
export const EXECUTABLE = 'set PUPPETEER_EXECUTABLE_PATH to a Chromium or Chrome that runs here';

/** In what it said, or in how it was started: the cause, and the way out. The first that fits is it. */
// prettier-ignore
const CAUSES = [
  [/root without --no-sandbox/, 'no sandbox for root', 'set CHROMIUM_ARGS=--no-sandbox, or run the service as another user'],
  [/no usable sandbox|suid sandbox helper|move to new namespace|clone\(\) failure/i, 'no usable sandbox', SANDBOX],
  [/error while loading shared libraries: ([^:\s]+)/, (name) => `${name} is missing`, (name) => install(name)],
  [/missing x server|\$DISPLAY|open (x )?display|no protocol specified/i, 'no display', 'remove from CHROMIUM_ARGS what shows a window: the service needs none'],
  [/\/dev\/shm|shared memory.*(no space|failed)/i, 'no shared memory', 'set CHROMIUM_ARGS=--disable-dev-shm-usage, or enlarge /dev/shm (docker: --shm-size=1g)'],
  [/create socket directory/i, 'no place for its socket', 'free space in /tmp, or set TMPDIR to a directory that can be written'],
  [/ENOSPC|EDQUOT|no space left|disk (is )?full|quota exceeded/i, 'disk full', 'free space where the profiles (WWEBJS_DATA_PATH) and /tmp are'],
  [/EROFS|read-only file system/i, 'read-only disk', 'set WWEBJS_DATA_PATH to a directory that can be written'],
  [/snap cgroup|chromium snap/i, 'a snap that a service cannot run', `${EXECUTABLE}, such as Google's`],
  [/ENOMEM|cannot allocate memory|out of memory/i, 'out of memory', MEMORY],
  [/EMFILE|ENFILE|too many open files/i, 'too many open files', 'raise the limit (ulimit -n, LimitNOFILE=)'],
  [/EAGAIN|resource temporarily unavailable|pthread_create/i, 'too many processes', 'raise the limit (ulimit -u, TasksMax=, docker: --pids-limit)'],
  [/executablePath|spawn .* ENOENT|exec format error|cannot execute|ENOEXEC|GLIBC.* not found/i, 'no program that runs here', EXECUTABLE],
  [/spawn .* E(ACCES|PERM)/, 'the program may not be run', EXECUTABLE],
  [/EACCES|EPERM|permission denied/i, 'its files may not be written', 'give WWEBJS_DATA_PATH to the user that runs the service'],
];

/**
 * @param {string} text what a browser said, or why there is no process
 * @returns {[cause: string, advice: string] | null}
 */
export function known(text) {
  for (const [pattern, cause, advice] of CAUSES) {
    const found = pattern.exec(text);
    if (found) return [cause, advice].map((part) => (typeof part === 'function' ? part(found[1]) : part));
  }
  return null;
}

function install(library) {
  const name = packageOf(library);
  return name === null ? `install the package that has it, or the browser anew` : `apt-get install -y ${name}`;
}
