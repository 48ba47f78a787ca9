import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { alive, processOf } from '../src/processes.js';
import { Profiles } from '../src/profiles.js';
import { directory } from './harness.js';

const LINUX = existsSync('/proc/self/stat') ? false : 'needs /proc';
const SILENT = { info: () => {}, warn: () => {} };

test('an orphaned browser on a profile is ended, others are not', { skip: LINUX }, async (t) => {
  const profiles = new Profiles(directory(t), SILENT);
  const orphan = await browser(t, profiles, 'a');
  const other = await browser(t, new Profiles(directory(t), SILENT), 'a');
  assert.deepEqual(profiles.orphans(), [orphan]);
  await profiles.clear('a');
  assert.deepEqual([alive(orphan), alive(other)], [false, true]);
  const second = await browser(t, profiles, 'b');
  await profiles.end(profiles.orphans());
  assert.ok(!alive(second));
});

test('whose browser it is: by the service that it names, and by its user', { skip: LINUX }, async (t) => {
  const profiles = new Profiles(directory(t), SILENT);
  const parent = `${process.ppid}:${processOf(process.ppid).started}`;
  const held = await browser(t, profiles, 'held', { env: { WA_TUI_SERVICE: parent } });
  const orphans = [
    await browser(t, profiles, 'dead', { env: { WA_TUI_SERVICE: '4194304:7' } }),
    await browser(t, profiles, 'reused', { env: { WA_TUI_SERVICE: `${process.ppid}:7` } }),
  ];
  assert.deepEqual(profiles.orphans().toSorted(), orphans.toSorted());
  const holder = processOf(process.ppid).name;
  await assert.rejects(profiles.clear('held'), (problem) => {
    assert.ok(problem.message.startsWith(`Profile in use: end Chromium ${held} of ${holder} ${process.ppid}, which`));
    return problem.fields.code === 'profile_in_use' && problem.fields.pid === held;
  });
  for (const id of ['dead', 'reused']) await profiles.clear(id);
  assert.deepEqual([held, ...orphans].map(alive), [true, false, false]);
});

test(
  'another user’s browser is named and left alone',
  { skip: LINUX || (process.getuid() !== 0 && 'needs root') },
  async (t) => {
    const profiles = new Profiles(directory(t), SILENT);
    chmodSync(profiles.dataPath, 0o755);
    const theirs = await browser(t, profiles, 'a', { uid: 65534 });
    assert.deepEqual(profiles.orphans(), []);
    await assert.rejects(profiles.clear('a'), /end Chromium \d+ of user 65534, which is already running for/);
    assert.ok(alive(theirs));
  },
);

test('a profile that is named otherwise is the same one', { skip: LINUX }, async (t) => {
  const where = directory(t);
  symlinkSync(where, `${where}-link`);
  t.after(() => rmSync(`${where}-link`));
  const orphan = await browser(t, new Profiles(`${where}-link`, SILENT), 'a');
  await new Profiles(where, SILENT).clear('a');
  assert.ok(!alive(orphan));
});

test('the lock of another host is removed', async (t) => {
  const profiles = new Profiles(directory(t), SILENT);
  const profile = profiles.directory('a');
  mkdirSync(profile);
  const links = ['SingletonLock', 'SingletonSocket', 'SingletonCookie'].map((name) => path.join(profile, name));
  for (const link of links) symlinkSync('another-host-17', link);
  await profiles.clear('a');
  for (const link of links) assert.throws(() => lstatSync(link), { code: 'ENOENT' });
});

/** Something that looks like a browser's main process, holding its profile. */
async function browser(t, profiles, id, options = {}) {
  const profile = profiles.directory(id);
  mkdirSync(profile, { recursive: true });
  const script = path.join(profile, 'browser.js');
  writeFileSync(script, 'setInterval(() => {}, 1000); console.log("up")');
  const child = spawn(process.execPath, [script, `--user-data-dir=${profile}`], options);
  t.after(() => child.kill('SIGKILL'));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  symlinkSync(`${os.hostname()}-${child.pid}`, path.join(profile, 'SingletonLock'));
  return child.pid;
}
