import assert from 'node:assert/strict';
import { test } from 'node:test';

import { serve, until } from './harness.js';
import { connects, fails, shows, waits } from './stub.js';

test('health needs no key and tells the contract’s fields and ours', async (t) => {
  const { call } = await serve(t, { script: shows });
  const { code, body } = await call('GET', '/health', undefined, {});
  assert.equal(code, 200);
  assert.equal(body.success, true);
  assert.equal(body.status, 'healthy');
  assert.ok(body.uptime > 0 && !Number.isNaN(Date.parse(body.timestamp)));
  assert.deepEqual(body.outbox, { depth: 0, delivered: 0, dropped: 0, dead: 0, trouble: null });
  assert.match(body.bootId, /^[-0-9a-f]{36}$/);
  assert.deepEqual(body.capabilities, ['restart', 'raw_qr', 'pairing_code', 'logout', 'screenshot', 'server_check', 'message_check']);
  assert.ok(Number.isInteger(body.limit) && body.limit > 0);
});

test('every other route wants the key', async (t) => {
  const { call } = await serve(t, { script: shows });
  assert.deepEqual(await refused(call('GET', '/api/session/list', undefined, {})), [
    401,
    { success: false, error: 'API key required' },
  ]);
  assert.deepEqual(await refused(call('GET', '/api/session/list', undefined, { 'x-api-key': 'wrong' })), [
    401,
    { success: false, error: 'Invalid API key' },
  ]);
});

test('an init answers with the QR code, as a picture and as text', async (t) => {
  const { init, status } = await serve(t, { script: shows });
  const { code, body } = await init('user_1');
  assert.equal(code, 200);
  assert.equal(body.status, 'qr_pending');
  assert.equal(body.sessionId, 'user_1');
  assert.match(body.qrCode, /^data:image\/png;base64,/);
  assert.equal(body.qr, '2@a-code');
  assert.ok(Date.parse(body.qrExpiresAt) - Date.now() > 50_000);
  const found = await status('user_1');
  assert.equal(found.qrCode, body.qrCode);
  assert.equal(found.isReady, false);
  assert.equal(found.exists, true);
});

test('an init answers connected when the stored credentials were enough', async (t) => {
  const { init, get } = await serve(t, { script: connects });
  assert.deepEqual((await init('a')).body, {
    success: true,
    sessionId: 'a',
    status: 'connected',
    phoneNumber: '15550001234',
  });
  const { body } = await get('/api/session/list');
  assert.equal(body.count, 1);
  assert.equal(body.sessions[0].sessionId, 'a');
  assert.equal(body.sessions[0].status, 'connected');
  assert.equal(body.sessions[0].phoneNumber, '15550001234');
  assert.equal(body.sessions[0].proven, null);
});

test('an unknown session', async (t) => {
  const { status, post } = await serve(t, { script: shows });
  assert.deepEqual(await status('nobody'), {
    success: true,
    exists: false,
    status: 'not_found',
    qrCode: null,
    phoneNumber: null,
    isReady: false,
  });
  assert.deepEqual(await refused(post('/api/session/disconnect', { sessionId: 'nobody' })), [
    200,
    { success: false, message: 'Client not found' },
  ]);
  const message = { sessionId: 'nobody', recipient: '15551234567', message: 'hello' };
  assert.deepEqual(await refused(post('/api/message/send-text', message)), [
    400,
    { success: false, message: 'Client not found. Please reconnect the session.' },
  ]);
});

test('what an init refuses', async (t) => {
  const { init, post } = await serve(t, {
    script: (id) => (id === 'broken' ? fails : shows),
    env: { MAX_CONCURRENT_SESSIONS: '1' },
  });
  const required = { success: false, error: 'sessionId and userId are required' };
  assert.deepEqual(await refused(post('/api/session/init', {})), [400, required]);
  assert.deepEqual(await refused(post('/api/session/init', { sessionId: 'a' })), [400, required]);
  assert.deepEqual(await refused(post('/api/session/init', { sessionId: '', userId: 1 })), [400, required]);
  const bad = await init('../etc');
  assert.equal(bad.code, 400);
  assert.match(bad.body.message, /^Invalid clientId/);
  assert.deepEqual(await refused(init('broken')), [
    400,
    { success: false, message: 'Failed to launch the browser process!' },
  ]);
  assert.equal((await init('a')).code, 200);
  assert.deepEqual(await refused(init('a')), [400, { success: false, message: 'Client already exists' }]);
  assert.deepEqual(await refused(init('b')), [
    400,
    { success: false, message: 'Maximum number of sessions reached (1)' },
  ]);
});

test('no QR code in time: 408, and the id is free again', async (t) => {
  const { init, clients } = await serve(t, {
    script: (id, n) => (n === 0 ? { start: () => new Promise(() => {}) } : shows),
    deadlines: { init: 50 },
  });
  assert.deepEqual(await refused(init('a')), [408, { success: false, error: 'QR code generation timeout' }]);
  assert.equal((await init('a')).body.status, 'qr_pending');
  assert.ok(clients[0].destroyed);
});

test('an account that loads slowly keeps its browser beyond the 408', async (t) => {
  const { init, clients, status } = await serve(t, { script: waits, deadlines: { init: 50 } });
  assert.equal((await init('a')).code, 408);
  assert.equal((await status('a')).status, 'initializing');
  assert.deepEqual((await init('a')).body, { success: false, message: 'Client already exists' });
  clients[0].connect();
  assert.equal((await status('a')).status, 'connected');
});

test('an account that never loads is given up', async (t) => {
  const { init, status, plane } = await serve(t, { script: waits, deadlines: { init: 50, load: 100 } });
  assert.equal((await init('a')).code, 408);
  await until(async () => !(await status('a')).exists);
  await until(() => plane.of('a').some(({ status: told, error }) => told === 'disconnected' && /Loading/.test(error)));
});

test('bodies that cannot be read are a 500, unknown routes a 404', async (t) => {
  const { call, post } = await serve(t, { script: shows });
  const malformed = await post('/api/session/init', '{"sessionId":');
  assert.equal(malformed.code, 500);
  assert.equal(malformed.body.success, false);
  assert.equal(typeof malformed.body.error, 'string');
  const large = await post('/api/session/init', { sessionId: 'a', userId: 1, more: 'x'.repeat(101 * 1024) });
  assert.deepEqual([large.code, large.body], [500, { success: false, error: 'request entity too large' }]);
  assert.equal((await call('GET', '/api/session/status/%ZZ')).body.success, false);
  assert.deepEqual(await refused(call('GET', '/nowhere')), [404, { success: false, error: 'Route not found' }]);
});

test('a disconnect destroys the client and frees the id', async (t) => {
  const { init, post, status, clients } = await serve(t, { script: connects });
  await init('a');
  assert.deepEqual((await post('/api/session/disconnect', { sessionId: 'a' })).body, {
    success: true,
    message: 'Client destroyed',
  });
  assert.ok(clients[0].destroyed);
  assert.equal((await status('a')).exists, false);
  assert.equal((await init('a')).body.status, 'connected');
});

test('a disconnect ends a start that is under way', async (t) => {
  const { init, post, clients } = await serve(t, { script: waits });
  const starting = init('a');
  await until(() => clients[0]?.pupPage);
  assert.equal((await post('/api/session/disconnect', { sessionId: 'a' })).body.success, true);
  const { code, body } = await starting;
  assert.equal(code, 400);
  assert.equal(body.success, false);
});

test('restart, pairing code, screenshot, logout', async (t) => {
  const { init, post, get, clients, plane, status } = await serve(t, {
    script: (id, n) => (n === 0 ? shows : connects),
  });
  await init('a');
  const pairing = await post('/api/session/pairing-code', { sessionId: 'a', phoneNumber: '+49 152 5550001' });
  assert.deepEqual(pairing.body, { success: true, sessionId: 'a', pairingCode: 'CODE0001' });
  assert.equal((await post('/api/session/restart', { sessionId: 'a' })).body.status, 'connected');
  assert.ok(clients[0].destroyed);
  assert.match(
    (await post('/api/session/pairing-code', { sessionId: 'a', phoneNumber: '15551234567' })).body.message,
    /connected/,
  );
  assert.equal((await get('/api/session/screenshot/a')).type, 'image/png');
  assert.deepEqual((await post('/api/session/logout', { sessionId: 'a' })).body, {
    success: true,
    message: 'Client logged out',
  });
  assert.equal((await status('a')).exists, false);
  await until(() => plane.of('a').at(-1)?.reason === 'LOGOUT');
  for (const route of ['restart', 'logout']) {
    assert.equal((await post(`/api/session/${route}`, { sessionId: 'nobody' })).code, 400);
  }
});

test('metrics are in Prometheus’ format', async (t) => {
  const { init, call } = await serve(t, { script: connects });
  await init('a');
  const { type, body } = await call('GET', '/metrics', undefined, {});
  assert.match(type, /^text\/plain/);
  assert.match(body, /^wa_node_sessions\{status="connected"\} 1$/m);
  assert.match(body, /^# TYPE wa_node_webhooks_delivered_total counter$/m);
});

async function refused(answer) {
  const { code, body } = await answer;
  return [code, body];
}
