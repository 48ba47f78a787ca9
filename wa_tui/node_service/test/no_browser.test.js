import assert from 'node:assert/strict';
import { chmodSync, lstatSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { known } from '../src/causes.js';
import { packageOf } from '../src/libraries.js';
import { NO_TMPFS, fewFiles } from './faulty_disk.js';
import { ControlPlane, caller, directory, long, run, serve, until } from './harness.js';

/** By session: what its browser does instead of starting, and what is said of that: the cause, and the way out. */
const BROWSERS = {
  root: [
    'echo "[7:7:1130/094659.17:ERROR:a/zygote_host_impl_linux.cc:103] Running as root without --no-sandbox is not supported." >&2; exit 1',
    'no sandbox for root',
    /CHROMIUM_ARGS=--no-sandbox/,
  ],
  sandbox: [
    'echo "[7:7:1130/094659.17:FATAL:a/zygote.cc(128)] No usable sandbox! If you are running on Ubuntu 23.10+ …" >&2; kill -TRAP $$',
    'no usable sandbox',
    /user namespaces.*CHROMIUM_ARGS=--no-sandbox/,
  ],
  library: [
    'echo "$0: error while loading shared libraries: libnss3.so: cannot open shared object file: No such file or directory" >&2; exit 127',
    'libnss3.so is missing',
    /apt-get install -y libnss3$/,
  ],
  display: [
    'echo "[7:7:1130/094643.70:ERROR:ui/ozone/a.cc:257] Missing X server or \\$DISPLAY" >&2; echo "[7:7:1130/094643.70:ERROR:ui/aura/env.cc:253] The platform failed to initialize.  Exiting." >&2; exit 1',
    'no display',
    /CHROMIUM_ARGS/,
  ],
  disk: ['echo "mkdir: cannot create directory: No space left on device" >&2; exit 1', 'disk full', /free space/],
  singleton: [
    'echo "[7:7:ERROR:a.cc:349] Failed to create $0/SingletonLock: No space left on device (28)" >&2; echo "[7:7:ERROR:a.cc:624] Failed to create a ProcessSingleton for your profile directory. This means …" >&2; exit 21',
    'disk full',
    /free space/,
  ],
  socket: [
    'echo "[7:7:ERROR:a.cc:1046] Failed to create socket directory." >&2; echo "[7:7:ERROR:a.cc:624] Failed to create a ProcessSingleton for your profile directory. This means …" >&2; exit 21',
    'no place for its socket',
    /TMPDIR/,
  ],
  memory: ['kill -KILL $$', 'it was killed', /memory/],
  crash: ['echo "Trace" >&2; kill -SEGV $$', 'it crashed (SIGSEGV) (Trace)', /by hand/],
  code: ['echo "what it was" >&2; exit 3', 'it ended with code 3 (what it was)', /by hand/],
  silent: ['exit 0', 'it ended with code 0', /by hand/],
  flood: [
    'i=0; while [ $i -lt 3000 ]; do echo "line $i"; i=$((i+1)); done >&2; head -c 1000000 /dev/zero | tr "\\0" x >&2; exit 4',
    /^it ended with code 4 \(x{160}\)$/,
    /by hand/,
  ],
};

/** A program that behaves as its profile's session says. */
function executable(t) {
  const file = path.join(directory(t), 'browser');
  const cases = Object.entries(BROWSERS).map(([id, [does]]) => `*session-${id}" "*) ${does} ;;`);
  writeFileSync(file, `#!/bin/sh\ncase "$* " in\n${cases.join('\n')}\nesac\n`);
  chmodSync(file, 0o755);
  return file;
}

async function started(t, env) {
  const plane = await ControlPlane.start(t);
  const service = run(t, { DJANGO_API_URL: plane.url, MAX_CONCURRENT_SESSIONS: '100', ...env });
  return { service, plane, ...caller(await service.listening()) };
}

test('a browser that cannot start says why, with its last lines, and what to do', async (t) => {
  const where = directory(t);
  const { init, service } = await started(t, { WWEBJS_DATA_PATH: where, PUPPETEER_EXECUTABLE_PATH: executable(t) });
  for (const [id, [, cause, advice]] of Object.entries(BROWSERS)) {
    const { code, body } = await init(id);
    assert.equal(code, 400, id);
    assert.equal(body.success, false);
    assert.equal(body.code, 'browser_unable', `${id}: ${body.message}`);
    assert.equal(body.message, `Browser cannot start: ${body.cause}; ${body.advice}`);
    assert.match(
      body.cause,
      cause instanceof RegExp ? cause : new RegExp(`^${RegExp.escape?.(cause) ?? cause.replace(/[()$.]/g, '\\$&')}$`),
      id,
    );
    assert.match(body.advice, advice, id);
    assert.ok(body.output.length <= 10 && body.output.every((line) => line.length <= 400), id);
    assert.ok(service.output.includes(`Session ${id}: not started: ${body.message}`), 'the log has it too');
  }
  assert.match(service.output, /Session root: the browser said: Running as root without --no-sandbox/);
  assert.doesNotMatch(service.output, /Uncaught|Unhandled/);
});

long('a program that is none is said', async (t) => {
  const file = path.join(directory(t), 'browser');
  writeFileSync(file, '\x7fELF nonsense');
  chmodSync(file, 0o755);
  const { init, service } = await started(t, { WWEBJS_DATA_PATH: directory(t), PUPPETEER_EXECUTABLE_PATH: file });
  assert.match((await init('a')).body.message, /^Browser cannot start: .*PUPPETEER_EXECUTABLE_PATH/);
  chmodSync(file, 0o644);
  assert.match((await init('b')).body.message, /^Browser cannot start: the program may not be run; set PUPPETEER/);
  assert.doesNotMatch(service.output, /Uncaught|Unhandled/);
});

test('a profile that cannot be made is said: no room', { skip: NO_TMPFS }, async (t) => {
  const where = fewFiles(t, 3);
  const { init } = await started(t, { WWEBJS_DATA_PATH: where });
  const { body } = await init('a');
  assert.match(body.message, /^Browser cannot start: disk full; free space/);
  assert.equal(body.code, 'browser_unable');
});

test('a restoring that fails for want of a browser says so to the control plane, and which', async (t) => {
  const where = directory(t);
  mkdirSync(path.join(where, 'session-library'));
  const plane = await ControlPlane.start(t);
  plane.sessions = ['library'];
  const env = { DJANGO_API_URL: plane.url, WWEBJS_DATA_PATH: where, PUPPETEER_EXECUTABLE_PATH: executable(t) };
  run(t, env);
  const [event] = await until(() => plane.of('library').length > 0 && plane.of('library'), 'an event');
  assert.equal(event.status, 'disconnected');
  assert.equal(event.error, 'Failed to restore session on Node.js restart');
  assert.equal(event.reason, 'Browser cannot start: libnss3.so is missing; apt-get install -y libnss3');
  assert.equal(event.code, 'browser_unable');
});

test('a browser that does not come up in time is said, and no QR code is waited for', async (t) => {
  const script = { noBrowser: () => new Promise(() => {}) };
  const { init } = await serve(t, { script, deadlines: { init: 50 } });
  const { code, body } = await init('a');
  assert.equal(code, 400);
  assert.equal(body.code, 'browser_unable');
});

test('a session whose browser dies and cannot start any more says why, once', async (t) => {
  const broken = {
    noBrowser: async () => {
      throw new Error('spawn /usr/bin/chromium EAGAIN');
    },
  };
  const works = { start: async (client) => client.connect() };
  const { init, plane, clients, get } = await serve(t, { script: (id, n) => (n === 0 ? works : broken) });
  await init('a');
  clients[0].kill();
  const told = await until(
    () => plane.of('a').filter(({ status }) => status === 'disconnected').length > 1 && plane.of('a'),
  );
  assert.equal(
    told.at(-1).reason,
    'Browser cannot start: too many processes; raise the limit (ulimit -u, TasksMax=, docker: --pids-limit)',
  );
  await until(() => clients.length > 3, 'two more tries');
  assert.equal(plane.of('a').length, told.length);
  assert.equal((await get('/api/session/list')).body.sessions[0].reason, told.at(-1).reason);
});

test('what a browser says in the field', () => {
  for (const [line, cause] of [
    ['The SUID sandbox helper binary was found, but is not configured correctly.', 'no usable sandbox'],
    [
      'Failed to move to new namespace: PID namespaces supported, Network namespace supported, but failed: errno = Operation not permitted',
      'no usable sandbox',
    ],
    [
      'Creating shared memory in /dev/shm/.org.chromium.Chromium.abc failed: No space left on device (28)',
      'no shared memory',
    ],
    [
      '/system.slice/wa-tui.service is not a snap cgroup for tag snap.chromium.chromium',
      'a snap that a service cannot run',
    ],
    [
      "Command '/usr/bin/chromium-browser' requires the chromium snap to be installed.",
      'a snap that a service cannot run',
    ],
    ['/opt/chrome: 1: Syntax error: cannot execute binary file: Exec format error', 'no program that runs here'],
    ['Browser was not found at the configured executablePath (/opt/chrome)', 'no program that runs here'],
    ['pthread_create: Resource temporarily unavailable (11)', 'too many processes'],
    ["EACCES: permission denied, mkdir '/srv/wa/session-a'", 'its files may not be written'],
    ["EROFS: read-only file system, mkdir '/srv/wa/session-a'", 'read-only disk'],
  ]) {
    assert.equal(known(line)?.[0], cause, line);
  }
  assert.equal(known('Something else'), null);
});

test('libraries and their packages', () => {
  for (const [library, name] of [
    ['libnss3.so', 'libnss3'],
    ['libgbm.so.1', 'libgbm1'],
    ['libasound.so.2', 'libasound2'],
    ['libXcomposite.so.1', 'libxcomposite1'],
    ['libX11.so.6', 'libx11-6'],
    ['libgtk-3.so.0', 'libgtk-3-0'],
    ['libatk-1.0.so.0', 'libatk1.0-0'],
    ['libxkbcommon.so.0', 'libxkbcommon0'],
    ['/opt/x/$(rm -rf)', null],
  ]) {
    assert.equal(packageOf(library), name, library);
  }
});

long('a lock that nobody holds is no holder, and is removed', async (t) => {
  const where = directory(t);
  const { init } = await started(t, { WWEBJS_DATA_PATH: where, PUPPETEER_EXECUTABLE_PATH: executable(t) });
  const lock = path.join(where, 'session-code', 'SingletonLock');
  mkdirSync(path.dirname(lock));
  // The second number is somebody's, who is no browser on this profile.
  for (const pid of [4194304, process.pid]) {
    symlinkSync(`${os.hostname()}-${pid}`, lock);
    assert.match((await init('code')).body.message, /it ended with code 3/);
    assert.throws(() => lstatSync(lock), { code: 'ENOENT' });
  }
});
