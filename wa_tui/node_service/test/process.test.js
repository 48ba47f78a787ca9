import assert from 'node:assert/strict';
import { statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { findBrowser, readConfig } from '../src/config.js';
import { NO_TMPFS, fill, smallDisk } from './faulty_disk.js';
import { ControlPlane, KEY, directory, long, run } from './harness.js';

test('it refuses to start without a key, and without a browser', async (t) => {
  const where = directory(t);
  const keyless = run(t, { API_KEY: '', WWEBJS_DATA_PATH: where });
  const bare = run(t, { PUPPETEER_EXECUTABLE_PATH: '', PATH: where, WWEBJS_DATA_PATH: where });
  await keyless.ended();
  await bare.ended();
  assert.deepEqual([keyless.code, bare.code], [1, 1]);
  assert.match(keyless.output, /^Not started: API_KEY is not set: .*\n$/);
  assert.match(bare.output, /^Not started: No Chromium or Chrome found on PATH: install one .*\n$/);
});

test('it listens on loopback, serves, and ends with SIGTERM', async (t) => {
  const plane = await ControlPlane.start(t);
  const where = directory(t);
  const service = run(t, { DJANGO_API_URL: plane.url, WWEBJS_DATA_PATH: where });
  const address = await service.listening();
  assert.match(address, /^http:\/\/127\.0\.0\.1:\d+$/);
  const health = await (await fetch(`${address}/health`)).json();
  assert.ok(health.memory.serviceRss < 120e6, `${health.memory.serviceRss} bytes`);
  assert.equal(statSync(path.join(where, 'outbox.jsonl')).mode & 0o777, 0o600);
  const taken = run(t, { PORT: new URL(address).port, DJANGO_API_URL: plane.url, WWEBJS_DATA_PATH: directory(t) });
  await taken.ended();
  assert.equal(taken.code, 1);
  assert.match(taken.output, /^Not started: listen EADDRINUSE/);
  const second = run(t, { DJANGO_API_URL: plane.url, WWEBJS_DATA_PATH: where });
  await second.ended();
  assert.match(second.output, /is in use by another service \(pid \d+\)/);
  service.child.kill('SIGTERM');
  await service.ended();
  assert.equal(service.code, 0);
});

long('a lock left by kill -9 holds nobody up', async (t) => {
  const plane = await ControlPlane.start(t);
  const env = { DJANGO_API_URL: plane.url, WWEBJS_DATA_PATH: directory(t) };
  const first = run(t, env);
  await first.listening();
  first.child.kill('SIGKILL');
  await first.ended();
  await run(t, env).listening();
});

long('it starts on a full disk, says so and serves', { skip: NO_TMPFS }, async (t) => {
  const plane = await ControlPlane.start(t);
  const where = smallDisk(t, 64 * 1024);
  const free = fill(where);
  const service = run(t, { DJANGO_API_URL: plane.url, WWEBJS_DATA_PATH: where });
  const address = await service.listening();
  assert.equal((await fetch(`${address}/health`)).status, 200);
  const second = run(t, { DJANGO_API_URL: plane.url, WWEBJS_DATA_PATH: where });
  await second.ended();
  assert.match(second.output, /is in use by another service/);
  free();
  service.child.kill('SIGTERM');
  await service.ended();
  assert.equal(service.code, 0);
});

test('a data directory that cannot be is said', async (t) => {
  const file = path.join(directory(t), 'file');
  writeFileSync(file, '');
  const service = run(t, { WWEBJS_DATA_PATH: file });
  await service.ended();
  assert.match(service.output, /^Not started: WWEBJS_DATA_PATH is .*file, which cannot be made: EEXIST/);
});

test('with a parent’s pipe it ends when that is closed, while nobody reads its log', async (t) => {
  const plane = await ControlPlane.start(t);
  const service = run(t, { DJANGO_API_URL: plane.url, WWEBJS_DATA_PATH: directory(t), WA_TUI_PARENT_PIPE: '1' });
  await service.listening();
  service.child.stdout.destroy();
  service.child.stderr.destroy();
  service.child.stdin.end();
  await service.ended();
  assert.equal(service.code, 0);
});

test('the settings', () => {
  const config = readConfig({
    API_KEY: KEY,
    DJANGO_API_URL: 'http://plane:8000/',
    CHROMIUM_ARGS: '--a=b c\n\n --d \n',
  });
  assert.equal(config.webhookUrl, 'http://plane:8000/api/v1/sessions/webhook/');
  assert.equal(config.activeSessionsUrl, 'http://plane:8000/api/v1/sessions/active-sessions/');
  assert.deepEqual(config.chromiumArgs, ['--a=b c', '--d']);
  assert.deepEqual([config.host, config.port, config.restoreConcurrency], ['127.0.0.1', 3000, 4]);
  for (const wrong of [
    { PORT: 'x' },
    { RESTORE_CONCURRENCY: '0' },
    { DJANGO_API_URL: 'plane' },
    { WWEBJS_WEB_VERSION_CACHE: 'x' },
  ]) {
    assert.throws(() => readConfig({ API_KEY: KEY, ...wrong }), new RegExp(Object.keys(wrong)[0]));
  }
  assert.throws(() => findBrowser('/nowhere/chromium', ''), /PUPPETEER_EXECUTABLE_PATH is \/nowhere/);
});
