import assert from 'node:assert/strict';
import { existsSync, lstatSync, lutimesSync, mkdirSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { takeDirectory } from '../src/lock.js';
import { processOf } from '../src/processes.js';
import { directory, until } from './harness.js';

const QUICK = { beat: 20, silence: 200 };
const HERE = os.hostname();

function place(t) {
  const said = [];
  const where = directory(t);
  const take = () => takeDirectory(where, { warn: (line) => said.push(line) }, QUICK);
  return { said, where, lock: path.join(where, 'service.lock'), take };
}

test('a directory is taken, and given back', async (t) => {
  const { lock, take, said } = place(t);
  const release = await take();
  assert.equal(readlinkSync(lock), `${HERE}:${process.pid}:${processOf(process.pid)?.started ?? ''}`);
  release();
  assert.ok(!existsSync(lock));
  (await take())();
  assert.deepEqual(said, []);
});

test('whoever lives on this host keeps it, in the words of earlier versions too', async (t) => {
  const { lock, take } = place(t);
  const started = processOf(process.ppid)?.started ?? null;
  symlinkSync(`${HERE}:${process.ppid}:${started ?? ''}`, lock);
  await assert.rejects(take(), new RegExp(`is in use by another service \\(pid ${process.ppid}\\)`));
  const earlier = place(t);
  writeFileSync(earlier.lock, JSON.stringify({ host: HERE, pid: process.ppid, started }));
  await assert.rejects(earlier.take(), /is in use by another service/);
});

test('what nobody holds holds nobody up', async (t) => {
  const left = [`${HERE}:4194304:7`, `${HERE}:${process.ppid}:1`, `${HERE}:${process.pid}:1`, 'nonsense'];
  for (const text of processOf(process.pid) === null ? left.slice(0, 1) : left) {
    const { lock, take } = place(t);
    symlinkSync(text, lock);
    (await take())();
  }
  const { lock, take } = place(t);
  writeFileSync(lock, '\xff\0');
  (await take())();
});

test('another host keeps it while it shows that it lives', async (t) => {
  const { lock, take, said } = place(t);
  symlinkSync('another-host:17:4', lock);
  let tick = 1e9;
  const pulse = setInterval(() => lutimesSync(lock, (tick += 1), tick), 10);
  t.after(() => clearInterval(pulse));
  await assert.rejects(take(), /in use by another service \(pid 17 on host another-host\)/);
  clearInterval(pulse);
  const release = await take();
  assert.match(said.at(-1), /is of another host \(another-host, pid 17\): waiting 0.2 s for a sign of life/);
  const before = lstatSync(lock).mtimeMs;
  await until(() => lstatSync(lock).mtimeMs > before, 'a pulse of ours');
  release();
});

test('a directory in its place is moved away; a place that takes no lock is said', async (t) => {
  const { where, lock, take, said } = place(t);
  mkdirSync(lock);
  (await take())();
  assert.match(said[0], /service.lock is a directory; it is kept as .*service.lock.unreadable/);
  const release = await takeDirectory(path.join(where, 'nowhere'), { warn: (line) => said.push(line) }, QUICK);
  assert.match(said[1], /cannot be made \(ENOENT.*a second service here would not be refused/);
  release();
});
