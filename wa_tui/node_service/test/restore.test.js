import assert from 'node:assert/strict';
import { test } from 'node:test';

import { sleep } from '../src/deadline.js';
import { Outbox } from '../src/outbox.js';
import { ControlPlane, directory, serve, until } from './harness.js';
import { connects, fails, shows, waits } from './stub.js';

const NOT_RESTORED = 'Failed to restore session on Node.js restart';

test('twenty sessions are started four at a time, without a pause between', async (t) => {
  const ids = Array.from({ length: 20 }, (_, n) => `s${n}`);
  const plane = await ControlPlane.start(t);
  plane.sessions = ids;
  let starting = 0;
  let most = 0;
  let left = ids.length;
  const script = {
    start: async (client) => {
      starting += 1;
      most = Math.max(most, starting);
      // Each waits until its place is needed: four at a time, whatever the machine does meanwhile.
      await until(() => starting === 4 || left <= 4, 'four at a time');
      await sleep(20);
      starting -= 1;
      left -= 1;
      client.connect();
    },
  };
  const { lines } = await serve(t, { script, plane, stored: ids });
  const last = 'Session restoration complete: 20 restored, 0 failed';
  await until(() => lines.includes(last), last);
  assert.equal(most, 4);
  await until(() => ids.every((id) => plane.statuses(id).at(-1) === 'connected'));
  assert.deepEqual(lines.filter((line) => line.startsWith('Restoring session: ')).length, 20);
});

test('what cannot be restored is said, and its browser closed', async (t) => {
  const plane = await ControlPlane.start(t);
  plane.sessions = ['good', 'revoked', 'nothing', 'stuck'];
  const scripts = { good: connects, revoked: shows, stuck: { start: () => new Promise(() => {}) } };
  const { lines, clients, status, init } = await serve(t, {
    script: (id) => scripts[id],
    plane,
    stored: ['good', 'revoked', 'stuck'],
    deadlines: { restore: 500 },
  });
  await until(() => lines.includes('Session restoration complete: 1 restored, 3 failed'));
  await until(() => ['revoked', 'nothing', 'stuck'].every((id) => plane.of(id).length === 1));
  for (const id of ['revoked', 'nothing', 'stuck']) {
    const [event] = plane.of(id);
    assert.deepEqual([event.status, event.error, event.userId], ['disconnected', NOT_RESTORED, 1]);
    assert.equal((await status(id)).exists, false);
  }
  assert.equal(plane.of('revoked')[0].reason, 'UNPAIRED');
  assert.equal(plane.of('stuck')[0].reason, undefined);
  assert.deepEqual(clients.map(({ id, destroyed }) => [id, destroyed]).toSorted(), [
    ['good', false],
    ['revoked', true],
    ['stuck', true],
  ]);
  scripts.revoked = shows;
  assert.equal((await init('revoked')).body.status, 'qr_pending');
});

test('the control plane is waited for', async (t) => {
  const plane = await ControlPlane.start(t);
  plane.sessions = ['a'];
  plane.down = true;
  const { lines } = await serve(t, { script: connects, plane, stored: ['a'] });
  await until(() => lines.some((line) => line.includes('it answered 503')));
  plane.down = false;
  await until(() => lines.includes('Session restoration complete: 1 restored, 0 failed'));
});

test('a session that a person starts meanwhile is left to them', async (t) => {
  const plane = await ControlPlane.start(t);
  plane.sessions = ['a'];
  plane.down = true;
  const {
    init,
    lines,
    plane: { events },
  } = await serve(t, { script: shows, plane, stored: ['a'] });
  assert.equal((await init('a')).body.status, 'qr_pending');
  plane.down = false;
  await until(() => lines.includes('Session restoration complete: 0 restored, 0 failed'));
  await until(() => events.length === 1);
});

test('a disconnect ends a session that waits to be restored, silently', async (t) => {
  const plane = await ControlPlane.start(t);
  plane.sessions = ['a', 'b'];
  const { post, clients, lines } = await serve(t, {
    script: waits,
    plane,
    stored: ['a', 'b'],
    env: { RESTORE_CONCURRENCY: '1' },
  });
  await until(() => clients.length === 1);
  for (const sessionId of ['b', 'a']) {
    assert.equal((await post('/api/session/disconnect', { sessionId })).body.success, true);
  }
  await until(() => lines.includes('Session restoration complete: 0 restored, 0 failed'));
  assert.equal(clients.length, 1);
  assert.deepEqual(plane.events, []);
});

test('a browser that fails to start does not cost a session its restoring', async (t) => {
  const plane = await ControlPlane.start(t);
  plane.sessions = ['a', 'b'];
  const { lines, clients } = await serve(t, {
    script: (id, n) => (id === 'a' && n > 1 ? connects : fails),
    plane,
    stored: ['a', 'b'],
  });
  await until(() => lines.includes('Session restoration complete: 1 restored, 1 failed'));
  assert.equal(clients.filter(({ id }) => id === 'b').length, 3);
  await until(() => plane.of('b').length === 1 && plane.statuses('a').at(-1) === 'connected');
});

test('a logout that was not delivered before a restart is told before anything is restored', async (t) => {
  const dataPath = directory(t);
  const former = new Outbox(dataPath, { limit: 10, log: console });
  await former.open();
  await former.put('a', { userId: 1, status: 'disconnected', reason: 'LOGOUT' });
  await former.close();
  const plane = await ControlPlane.start(t);
  plane.sessions = ['a', 'b'];
  plane.down = true;
  plane.judge = ({ sessionId }) => {
    plane.sessions = plane.sessions.filter((id) => id !== sessionId);
    return 200;
  };
  const { lines } = await serve(t, { script: connects, plane, dataPath, stored: ['a', 'b'] });
  await until(() => lines.some((line) => line.includes('it answered 503')));
  plane.down = false;
  await until(() => lines.includes('Session restoration complete: 1 restored, 0 failed'));
  assert.deepEqual(plane.statuses('a'), ['disconnected']);
});
