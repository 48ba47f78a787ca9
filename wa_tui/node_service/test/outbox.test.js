import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { appendFileSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { Outbox } from '../src/outbox.js';
import { readSecret, signature } from '../src/signing.js';
import { Webhooks } from '../src/webhooks.js';
import { ControlPlane, KEY, directory, until } from './harness.js';

const SILENT = { info: () => {}, warn: () => {} };

async function opened(t, where, { limit = 10_000, log = SILENT } = {}) {
  const outbox = new Outbox(where, { limit, log });
  await outbox.open();
  t.after(() => outbox.close().catch(() => {}));
  return outbox;
}

function delivering(t, outbox, plane, more = {}) {
  const webhookUrl = `${plane.url}/api/v1/sessions/webhook/`;
  const config = { webhookUrl, apiKey: KEY, deadlines: { webhook: 5000 }, ...more };
  const webhooks = new Webhooks(outbox, config, SILENT);
  t.after(() => webhooks.stop());
  webhooks.start();
  return webhooks;
}

test('everything arrives once the control plane is back, in each session’s order', async (t) => {
  const plane = await ControlPlane.start(t);
  plane.down = true;
  const outbox = await opened(t, directory(t));
  delivering(t, outbox, plane);
  for (let n = 0; n < 30; n += 1) outbox.put(`s${n % 3}`, { status: 'connected', n });
  await until(() => outbox.depth === 30);
  plane.down = false;
  await until(() => outbox.depth === 0);
  assert.equal(plane.events.length, 30);
  for (const id of ['s0', 's1', 's2']) {
    const order = plane.of(id).map(({ n }) => n);
    assert.deepEqual(
      order,
      order.toSorted((a, b) => a - b),
    );
  }
  assert.equal(outbox.delivered, 30);
});

test('a control plane that is gone altogether', async (t) => {
  const plane = await ControlPlane.start(t);
  const outbox = await opened(t, directory(t));
  delivering(t, outbox, plane);
  const { port } = plane;
  await plane.close();
  await outbox.put('a', { status: 'connected' });
  await plane.listen(port);
  await until(() => outbox.depth === 0);
  assert.deepEqual(plane.statuses('a'), ['connected']);
});

test('what was not delivered survives a restart with its ids, and its code stays text on the disk', async (t) => {
  const where = directory(t);
  const first = await opened(t, where);
  await first.put('a', { userId: 1, status: 'qr_pending', qr: '2@code' });
  await first.put('a', { userId: 1, status: 'connected' });
  await first.close();
  assert.doesNotMatch(readFileSync(path.join(where, 'outbox.jsonl'), 'utf8'), /base64/);
  const second = await opened(t, where);
  await second.put('a', { userId: 1, status: 'disconnected' });
  const plane = await ControlPlane.start(t);
  delivering(t, second, plane);
  await until(() => second.depth === 0);
  assert.deepEqual(plane.statuses('a'), ['qr_pending', 'connected', 'disconnected']);
  assert.deepEqual(
    plane.of('a').map(({ bootId }) => bootId),
    [first.bootId, first.bootId, second.bootId],
  );
  assert.deepEqual(
    plane.of('a').map(({ sequence }) => sequence),
    [1, 2, 1],
  );
  assert.match(plane.of('a')[0].qrCode, /^data:image\/png;base64,/);
  await second.close();
  const third = await opened(t, where);
  assert.equal(third.depth, 0);
});

test('kill -9 loses nothing that was taken in', async (t) => {
  const where = directory(t);
  const child = spawn(process.execPath, [new URL('outbox_process.js', import.meta.url).pathname, where]);
  let printed = '';
  child.stdout.on('data', (chunk) => (printed += chunk));
  await until(() => printed.split('\n').length > 40, 'forty rounds', 15_000);
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('close', resolve));
  const rounds = printed.trimEnd().split('\n').length;
  const outbox = await opened(t, where);
  assert.ok(outbox.depth >= rounds * 5, `${outbox.depth} of ${rounds * 5}`);
});

test('a torn last line is left out, and what follows is not glued to it', async (t) => {
  const where = directory(t);
  const first = await opened(t, where);
  await first.put('a', { status: 'connected' });
  await first.close();
  appendFileSync(path.join(where, 'outbox.jsonl'), '["put",{"eventId":"x","sessi');
  const second = await opened(t, where);
  assert.equal(second.depth, 1);
  await second.put('a', { status: 'disconnected' });
  await second.close();
  assert.equal((await opened(t, where)).depth, 2);
});

test('full: the oldest superseded event goes, counted and said, never a session’s newest', async (t) => {
  const said = [];
  const outbox = await opened(t, directory(t), { limit: 3, log: { info: () => {}, warn: (line) => said.push(line) } });
  outbox.put('a', { status: 'qr_pending' });
  outbox.put('b', { status: 'connected' });
  outbox.put('a', { status: 'connected' });
  outbox.put('a', { status: 'disconnected' });
  await outbox.put('c', { status: 'connected' });
  await outbox.put('d', { status: 'connected' });
  assert.deepEqual([outbox.depth, outbox.dropped, said.length], [4, 2, 2]);
  assert.match(said[0], /dropping event 1 \(qr_pending\) of session a/);
  const heads = ['a', 'b', 'c', 'd'].map((id) => outbox.head(id).status);
  assert.deepEqual(heads, ['disconnected', 'connected', 'connected', 'connected']);
});

test('what is refused for good does not hold up what follows', async (t) => {
  const plane = await ControlPlane.start(t);
  plane.judge = ({ status }) => (status === 'qr_pending' ? 422 : 200);
  const outbox = await opened(t, directory(t));
  delivering(t, outbox, plane);
  outbox.put('a', { status: 'qr_pending' });
  await outbox.put('a', { status: 'connected' });
  await until(() => outbox.depth === 0);
  assert.deepEqual(plane.statuses('a'), ['connected']);
  assert.deepEqual([outbox.dead, outbox.delivered], [1, 1]);
});

test('a wrong key is waited out', async (t) => {
  const plane = await ControlPlane.start(t);
  let refusals = 0;
  plane.judge = () => (++refusals < 3 ? 403 : 200);
  const outbox = await opened(t, directory(t));
  delivering(t, outbox, plane);
  await outbox.put('a', { status: 'connected' });
  await until(() => outbox.depth === 0, 'the delivery', 8000);
  assert.equal(outbox.dead, 0);
});

test('the file does not grow without end', async (t) => {
  const where = directory(t);
  const outbox = await opened(t, where);
  for (let n = 0; n < 5000; n += 1) {
    outbox.put('a', { status: 'connected' });
    outbox.done(outbox.head('a'));
  }
  await outbox.put('a', { status: 'disconnected' });
  await outbox.close();
  assert.ok(statSync(path.join(where, 'outbox.jsonl')).size < 1_000_000);
  assert.equal((await opened(t, where)).depth, 1);
});

test('each try is signed anew, under the id of its event', async (t) => {
  const plane = await ControlPlane.start(t);
  const seen = [];
  plane.server.prependListener('request', ({ headers }) => seen.push(headers));
  let refusals = 0;
  plane.judge = () => (++refusals < 3 ? 503 : 200);
  const outbox = await opened(t, directory(t));
  const webhookSecret = readSecret(`whsec_${Buffer.alloc(32, 7).toString('base64')}`);
  delivering(t, outbox, plane, { webhookSecret });
  await outbox.put('a', { status: 'connected' });
  await until(() => outbox.depth === 0, 'the delivery', 8000);
  assert.equal(seen.length, 3);
  const [event] = plane.events.slice(-1);
  assert.deepEqual([...new Set(seen.map((headers) => headers['webhook-id']))], [event.eventId]);
  const body = JSON.stringify(event);
  for (const headers of seen) {
    const at = Number(headers['webhook-timestamp']) * 1000;
    assert.equal(headers['webhook-signature'], signature(webhookSecret, event.eventId, body, at)['webhook-signature']);
  }
});

test('a secret that is none is refused, and not told', () => {
  assert.equal(readSecret(''), null);
  for (const wrong of ['not-one', 'whsec_AAAA', `whsec_${'§'.repeat(40)}`, `whsec_${'A'.repeat(100)}`]) {
    assert.throws(() => readSecret(wrong), ({ message }) => !message.includes(wrong));
  }
});
