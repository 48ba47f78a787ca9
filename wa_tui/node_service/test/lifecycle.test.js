import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { sleep } from '../src/deadline.js';
import { serve, until } from './harness.js';
import { connects, fails, shows } from './stub.js';

const FAST = { proof: 80, patience: 20, reload: 200 };

test('scan: each step is a webhook, at once and in order', async (t) => {
  const { init, clients, plane, status } = await serve(t, { script: shows });
  await init('a');
  clients[0].showCode('2@another');
  clients[0].connect();
  const events = await until(() => plane.of('a').length === 4 && plane.of('a'));
  assert.deepEqual(plane.statuses('a'), ['qr_pending', 'qr_pending', 'authenticated', 'connected']);
  assert.equal(events[1].qr, '2@another');
  assert.match(events[1].qrCode, /^data:image\/png;base64,/);
  assert.equal(events[3].phoneNumber, '15550001234');
  assert.equal(events[0].userId, 1);
  assert.deepEqual(
    events.map(({ sequence }) => sequence),
    [1, 2, 3, 4],
  );
  assert.equal(new Set(events.map(({ eventId }) => eventId)).size, 4);
  assert.equal(new Set(events.map(({ bootId }) => bootId)).size, 1);
  const times = events.map(({ timestamp }) => timestamp);
  assert.equal(new Set(times).size, 4);
  assert.deepEqual(times, times.toSorted());
  assert.equal((await status('a')).qrCode, null);
});

test('an account that hides its number has none', async (t) => {
  const { init, clients, plane, status } = await serve(t, { script: shows });
  await init('a');
  clients[0].info = { wid: { user: '246813579024680', server: 'lid' } };
  clients[0].emit('ready');
  const event = await until(() => plane.of('a').find((each) => each.status === 'connected'));
  assert.equal(event.phoneNumber, null);
  assert.equal((await status('a')).phoneNumber, null);
});

test('a user is a number or a text, as it was given', async (t) => {
  const { post, plane } = await serve(t, { script: shows });
  await post('/api/session/init', { sessionId: 'a', userId: '007' });
  await post('/api/session/init', { sessionId: 'b', userId: 7 });
  await until(() => plane.events.length >= 2);
  assert.deepEqual([plane.of('a')[0].userId, plane.of('b')[0].userId], ['007', 7]);
});

test('two inits of one id make one browser', async (t) => {
  const { init, clients } = await serve(t, { script: shows });
  const answers = await Promise.all([init('a'), init('a'), init('a')]);
  assert.deepEqual(answers.map(({ code }) => code).toSorted(), [200, 400, 400]);
  assert.equal(clients.length, 1);
});

test('an init waits until the former browser of its id is closed', async (t) => {
  let closing = 0;
  const script = {
    ...connects,
    destroy: async () => {
      closing += 1;
      await sleep(100);
      closing -= 1;
    },
    start: async (client) => {
      assert.equal(closing, 0);
      client.connect();
    },
  };
  const { init, post } = await serve(t, { script });
  await init('a');
  const gone = post('/api/session/disconnect', { sessionId: 'a' });
  await until(() => closing === 1);
  assert.equal((await init('a')).body.status, 'connected');
  await gone;
});

test('a failed authentication is told, and frees the id', async (t) => {
  const { init, status, plane } = await serve(t, {
    script: (id, n) => (n === 0 ? { start: async (client) => client.emit('auth_failure', 'revoked') } : shows),
  });
  const { code, body } = await init('a');
  assert.deepEqual([code, body.message], [400, 'Authentication failed: revoked']);
  await until(() => plane.of('a').length === 1);
  assert.equal(plane.of('a')[0].status, 'auth_failed');
  assert.equal(plane.of('a')[0].error, 'revoked');
  assert.equal((await status('a')).exists, false);
  assert.equal((await init('a')).body.status, 'qr_pending');
});

test('a logout on the phone: told once, credentials removed, not healed', async (t) => {
  const { init, status, clients, plane, dataPath } = await serve(t, { script: connects, stored: ['a'] });
  await init('a');
  clients[0].emit('disconnected', 'LOGOUT');
  clients[0].showCode();
  await until(() => !existsSync(path.join(dataPath, 'session-a')));
  await until(() => plane.of('a').at(-1)?.reason === 'LOGOUT');
  assert.equal((await status('a')).exists, false);
  assert.equal(clients.length, 1);
  assert.deepEqual(plane.statuses('a'), ['authenticated', 'connected', 'disconnected']);
});

test('a conflict frees the id and keeps the credentials', async (t) => {
  const { init, status, clients, plane, dataPath } = await serve(t, { script: connects, stored: ['a'] });
  await init('a');
  clients[0].emit('disconnected', 'CONFLICT');
  await until(() => plane.of('a').at(-1)?.reason === 'CONFLICT');
  assert.equal((await status('a')).exists, false);
  assert.ok(existsSync(path.join(dataPath, 'session-a')));
});

test('a killed browser is noticed at once and replaced', async (t) => {
  const { init, clients, plane, status } = await serve(t, { script: connects });
  await init('a');
  clients[0].kill();
  await until(() => clients.length === 2 && plane.of('a').length === 5);
  assert.deepEqual(plane.statuses('a').slice(2), ['disconnected', 'authenticated', 'connected']);
  assert.equal(plane.of('a')[2].reason, 'Browser disconnected');
  assert.equal((await status('a')).status, 'connected');
});

test('restarts that fail are repeated; one that waits begins when somebody asks', async (t) => {
  const failing = { start: async () => Promise.reject(new Error('no')) };
  const { init, clients, status } = await serve(t, { script: (id, n) => (n === 1 || n === 2 ? failing : connects) });
  await init('a');
  clients[0].kill();
  await until(() => clients.length === 2);
  assert.equal((await status('a')).status, 'disconnected');
  await until(
    async () => {
      const { body } = await init('a');
      assert.equal(body.message, 'Client already exists');
      return clients.length === 4;
    },
    'the third start',
    400,
  );
  await until(async () => (await status('a')).status === 'connected');
});

test('a browser that dies while it shows a code frees the id', async (t) => {
  const { init, clients, plane, status } = await serve(t, { script: shows });
  await init('a');
  clients[0].kill();
  await until(async () => !(await status('a')).exists);
  await until(() => plane.of('a').at(-1)?.status === 'disconnected');
});

test('a crashed renderer is healed by a reload', async (t) => {
  const script = { ...connects, reload: async (client) => client.connect() };
  const { init, clients, plane } = await serve(t, { script, deadlines: FAST });
  await init('a');
  clients[0].pupPage.emit('error', new Error('Page crashed!'));
  await until(() => plane.statuses('a').at(-1) === 'connected' && plane.of('a').length === 5);
  assert.equal(plane.of('a')[2].reason, 'Page crashed!');
  assert.deepEqual([clients.length, clients[0].reloads], [1, 1]);
});

test('a crashed renderer that a reload does not heal costs a restart', async (t) => {
  const { init, clients, plane } = await serve(t, { script: connects, deadlines: FAST });
  await init('a');
  clients[0].pupPage.emit('error', new Error('Page crashed!'));
  await until(() => clients.length === 2 && plane.statuses('a').at(-1) === 'connected');
  assert.ok(clients[0].destroyed);
});

test('a zombie says CONNECTED and is found out and healed', async (t) => {
  const script = {
    ...connects,
    reload: async (client) => {
      client.synced = true;
      client.connect();
    },
  };
  const { init, clients, status } = await serve(t, { script, deadlines: FAST });
  await init('a');
  clients[0].synced = false;
  const found = await status('a');
  assert.deepEqual([found.status, found.isReady], ['disconnected', false]);
  await until(async () => (await status('a')).isReady);
  assert.equal(clients[0].reloads, 1);
});

test('a page that hangs: status answers, and its browser is replaced', async (t) => {
  let frozen = null;
  const { init, clients, status } = await serve(t, {
    script: { ...connects, hang: (client) => client === frozen },
    deadlines: FAST,
  });
  await init('a');
  frozen = clients[0];
  assert.equal((await status('a')).isReady, false);
  await until(async () => clients.length === 2 && (await status('a')).isReady);
});

test('a page that was only busy keeps its browser', async (t) => {
  let busy = false;
  const script = { ...connects, hang: () => busy };
  // It is asked again only after it is no longer busy, however late this process comes to say so.
  const { init, clients, status } = await serve(t, { script, deadlines: { ...FAST, patience: 2000 } });
  await init('a');
  busy = true;
  assert.equal((await status('a')).isReady, false);
  busy = false;
  await until(async () => (await status('a')).isReady);
  assert.equal(clients.length, 1);
});

test('a client that is connecting again is told, and told again when it is back', async (t) => {
  const { init, clients, status, plane } = await serve(t, { script: connects });
  await init('a');
  clients[0].state = 'OPENING';
  assert.equal((await status('a')).status, 'disconnected');
  clients[0].state = 'CONNECTED';
  clients[0].emit('change_state', 'CONNECTED');
  await until(() => plane.of('a').length === 4);
  assert.deepEqual(plane.statuses('a').slice(2), ['disconnected', 'connected']);
  assert.equal(plane.of('a')[2].reason, 'State OPENING');
  assert.equal(clients.length, 1);
});

test('the health check proves every session and says so', async (t) => {
  const { init, clients, plane, lines, get } = await serve(t, {
    script: connects,
    env: { HEALTH_CHECK_INTERVAL: '1' },
    deadlines: FAST,
  });
  await init('a');
  await until(async () => (await get('/api/session/list')).body.sessions[0].proven);
  clients[0].state = 'TIMEOUT';
  await until(() => plane.of('a').at(-1)?.reason === 'Health check detected disconnection');
  assert.ok(lines.includes('Running health check and status sync...'));
  assert.ok(lines.includes('Health check complete. Checked 1 sessions.'));
});

test('a restart that fails is told: the control plane thinks that it is connected', async (t) => {
  const { init, post, plane, status } = await serve(t, { script: (id, n) => (n === 0 ? connects : fails) });
  await init('a');
  const { code, body } = await post('/api/session/restart', { sessionId: 'a' });
  assert.deepEqual([code, body.message], [400, 'Failed to launch the browser process!']);
  await until(() => plane.statuses('a').at(-1) === 'disconnected');
  assert.equal(plane.of('a').at(-1).error, 'Failed to launch the browser process!');
  assert.equal((await status('a')).exists, false);
});
