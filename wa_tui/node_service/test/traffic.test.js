import assert from 'node:assert/strict';
import http from 'node:http';
import { test } from 'node:test';

import { Counters, FLOWS } from '../src/traffic.js';
import { ControlPlane, serve, until } from './harness.js';
import { connects, shows } from './stub.js';

const ours = (id, more) => ({ id: { id, fromMe: true }, type: 'chat', ...more });
const theirs = (id, more) => ({ id: { id, fromMe: false }, type: 'chat', ...more });
const TEXT = { sessionId: 'a', recipient: '+1 555 123-4567', message: 'hello' };

/** What was counted, in the order of the flows, and what waits. */
function numbers(counters) {
  const counted = counters instanceof Counters ? counters.read() : counters;
  return [...FLOWS, 'queued'].map((name) => counted[name]);
}

test('each message counts once at each level, whatever is skipped, repeated or late', () => {
  const counters = new Counters();
  counters.created(theirs('1'));
  counters.created(theirs('1'));
  counters.created(ours('2', { ack: 0 }));
  assert.deepEqual(numbers(counters), [1, 1, 0, 0, 0, 0, 1]);
  counters.acknowledged(ours('2'), 3);
  counters.acknowledged(ours('2'), 1);
  counters.acknowledged(ours('2'), 4);
  assert.deepEqual(numbers(counters), [1, 1, 1, 1, 1, 0, 0]);
  counters.acknowledged(theirs('1'), 3);
  assert.deepEqual(numbers(counters), [1, 1, 1, 1, 1, 0, 0], 'what we read is none of ours');
  const { receivedAt, sentAt, failedAt } = counters.read();
  assert.ok(receivedAt <= sentAt && sentAt <= Date.now());
  assert.equal(failedAt, undefined);
});

test('what became of a message is told by its id, as long as it is remembered', async (t) => {
  const service = await serve(t, { script: connects });
  await service.init('a');
  const told = async (messageId) =>
    (await service.post('/api/session/message-check', { sessionId: 'a', messageId })).body;
  const sent = (await service.post('/api/message/send-text', TEXT)).body.messageId;
  service.clients[0].emit('message_ack', ours(sent), 2);
  service.clients[0].emit('message_create', theirs('came'));
  const known = { success: true, sessionId: 'a' };
  assert.deepEqual(await told(sent), { ...known, flows: ['sent', 'acked', 'delivered'] });
  assert.deepEqual(await told('came'), { ...known, flows: ['received'] });
  assert.deepEqual(await told('of nobody'), { ...known, flows: [] });
  for (let number = 0; number < 2_000; number += 1) service.clients[0].emit('message_create', theirs(`${number}`));
  assert.deepEqual(await told('came'), { ...known, flows: [] });
  const nobody = await service.post('/api/session/message-check', { sessionId: 'b', messageId: sent });
  assert.equal(nobody.body.success, false);
});

test('an acknowledgement before its message, and one of a message from before', () => {
  const counters = new Counters();
  counters.acknowledged(ours('early'), 2);
  assert.deepEqual(numbers(counters), [0, 0, 0, 1, 0, 0, 0]);
  counters.created(ours('early', { ack: 1 }));
  assert.deepEqual(numbers(counters), [0, 1, 1, 1, 0, 0, 0]);
  counters.acknowledged(ours('of another boot'), 3);
  assert.deepEqual(numbers(counters), [0, 1, 1, 1, 1, 0, 0], 'its other levels were counted then');
});

test('a message that fails waits no longer, and may be sent all the same', () => {
  const counters = new Counters();
  counters.sent('1');
  counters.created(ours('1', { ack: 0 }));
  counters.acknowledged(ours('1'), -1);
  counters.acknowledged(ours('1'), -1);
  assert.deepEqual(numbers(counters), [0, 1, 0, 0, 0, 1, 0]);
  counters.acknowledged(ours('1'), 1);
  assert.deepEqual(numbers(counters), [0, 1, 1, 0, 0, 1, 0]);
  counters.created(ours('2', { ack: -1 }));
  assert.deepEqual(numbers(counters), [0, 2, 1, 0, 0, 2, 0]);
});

test('what an earlier page had not sent waits no longer', () => {
  const counters = new Counters();
  counters.created(ours('1', { ack: 0 }));
  counters.begin();
  assert.deepEqual(numbers(counters), [0, 1, 0, 0, 0, 0, 0]);
  counters.created(ours('2', { ack: 0 }));
  counters.acknowledged(ours('1'), 1);
  assert.deepEqual(numbers(counters), [0, 2, 1, 0, 0, 0, 1]);
});

test('notices are no messages, and what is remembered of messages is bounded', () => {
  const counters = new Counters();
  for (const type of ['e2e_notification', 'call_log', 'protocol', 'notification_template']) {
    counters.created(theirs('n', { type }));
  }
  assert.deepEqual(numbers(counters), [0, 0, 0, 0, 0, 0, 0]);
  for (let number = 0; number < 5_000; number += 1) counters.created(ours(String(number)));
  assert.deepEqual(numbers(counters), [0, 5_000, 0, 0, 0, 0, 2_000]);
  counters.acknowledged(ours('4999'), 2);
  assert.deepEqual(numbers(counters), [0, 5_000, 1, 1, 0, 0, 1_999]);
});

test('any order of what happens comes to the same', () => {
  const steps = ['1', '2', '3'].flatMap((id) => [
    (counters) => counters.created(ours(id, { ack: 0 })),
    ...[1, 2, 3].map((ack) => (counters) => counters.acknowledged(ours(id), ack)),
  ]);
  for (let round = 0; round < 200; round += 1) {
    const counters = new Counters();
    const shuffled = [...steps, ...steps].sort(() => Math.random() - 0.5);
    for (const step of shuffled) step(counters);
    assert.deepEqual(numbers(counters), [0, 3, 3, 3, 3, 0, 0]);
  }
});

test('the list tells what was counted, over browsers and new starts', async (t) => {
  const { init, post, get, clients, plane } = await serve(t, { script: connects });
  await init('a');
  const counted = async () => (await get('/api/session/list')).body.sessions[0].traffic;
  assert.deepEqual(numbers(await counted()), [0, 0, 0, 0, 0, 0, 0]);
  clients[0].emit('message_create', theirs('in', { body: 'a secret' }));
  await post('/api/message/send-text', TEXT);
  clients[0].emit('message_create', ours('3EB01', { ack: 0, to: '15551234567@c.us' }));
  clients[0].emit('message_ack', ours('3EB01'), 2);
  const { boot, receivedAt, ...first } = await counted();
  assert.equal(boot, (await get('/health')).body.bootId);
  assert.ok(Math.abs(receivedAt - Date.now()) < 60_000);
  assert.deepEqual(numbers(first), [1, 1, 1, 1, 0, 0, 0]);

  await post('/api/session/restart', { sessionId: 'a' });
  clients[1].emit('message_create', ours('3EB01', { ack: 2 }));
  clients[1].emit('message_create', theirs('in again'));
  assert.deepEqual(numbers(await counted()), [2, 1, 1, 1, 0, 0, 0]);
  await post('/api/session/disconnect', { sessionId: 'a' });
  await init('a');
  assert.deepEqual(numbers(await counted()), [2, 1, 1, 1, 0, 0, 0]);
  const metrics = (await get('/metrics')).body;
  assert.match(metrics, /^wa_node_messages_total\{flow="received"\} 2$/m);
  const said = JSON.stringify([await counted(), plane.events, metrics]);
  assert.doesNotMatch(said, /secret|15551234567|3EB01/);
});

test('a send that surely failed counts, one of unknown outcome does not', async (t) => {
  const lookUp = async (number) => (number.startsWith('404') ? null : { _serialized: number });
  const send = async () => {
    throw new Error('Protocol error (Runtime.callFunctionOn): Target closed');
  };
  const { init, post, get, clients } = await serve(t, { script: { ...shows, lookUp, send }, deadlines: { proof: 50 } });
  await init('a');
  const failed = async () => (await get('/api/session/list')).body.sessions[0].traffic.failed;
  await post('/api/message/send-text', TEXT);
  assert.equal(await failed(), 1, 'not connected');
  clients[0].connect();
  await post('/api/message/send-text', { ...TEXT, recipient: '+404 0000 0000' });
  assert.equal(await failed(), 2, 'no such account');
  await post('/api/message/send-text', { ...TEXT, recipient: 'nobody at all' });
  assert.equal(await failed(), 2, 'no recipient: nobody was asked to send anything');
  await post('/api/message/send-text', TEXT);
  assert.equal(await failed(), 2, 'it may have gone out');
});

/** A control plane that takes counters, or answers with another `status`. */
async function counting(t) {
  const posts = [];
  const plane = { posts, status: 200, asked: 0 };
  const server = http.createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    plane.asked += 1;
    if (plane.status === 200) posts.push({ url: request.url, key: request.headers['x-api-key'], ...JSON.parse(text) });
    response.writeHead(plane.status).end('{}');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  plane.url = `http://127.0.0.1:${server.address().port}/api/v1/sessions/traffic/`;
  return plane;
}

test('counters that changed are posted, and what was lost is in the next post', async (t) => {
  const plane = await counting(t);
  plane.status = 503;
  const { init, clients, stop, lines } = await serve(t, {
    script: connects,
    env: { TRAFFIC_URL: plane.url },
    more: { trafficInterval: 20 },
  });
  await init('a');
  await init('b');
  clients[0].emit('message_create', theirs('1'));
  await until(() => plane.asked >= 2, 'a second try');
  plane.status = 200;
  const [first] = await until(() => plane.posts.length > 0 && plane.posts, 'a post');
  assert.deepEqual(
    first.sessions.map(({ sessionId, received }) => [sessionId, received]),
    [['a', 1]],
  );
  assert.equal(first.url, '/api/v1/sessions/traffic/');
  assert.match(first.boot, /^[-0-9a-f]{36}$/);
  const { asked } = plane;
  clients[1].emit('message_create', ours('2', { ack: 1 }));
  await until(() => plane.posts.length > 1, 'the next');
  assert.equal(plane.asked, asked + 1, 'nothing is posted while nothing changes');
  assert.deepEqual(plane.posts[1].sessions[0].acked, 1);
  assert.equal(lines.filter((line) => line.includes('not posted')).length, 1);
  clients[0].emit('message_create', theirs('3'));
  await stop();
  assert.equal(plane.posts.at(-1).sessions[0].received, 2, 'the last are posted at the end');
});

test('a control plane that has no such route is left alone for an hour', async (t) => {
  const plane = await counting(t);
  plane.status = 404;
  const { init, clients, lines, stop } = await serve(t, {
    script: connects,
    env: { TRAFFIC_URL: plane.url },
    more: { trafficInterval: 5 },
  });
  await init('a');
  clients[0].emit('message_create', theirs('1'));
  await until(() => lines.some((line) => line.includes('asked again in an hour')), 'the pause');
  clients[0].emit('message_create', theirs('2'));
  await stop();
  assert.equal(plane.asked, 1);
});

test('counts go beside the webhooks, unless told otherwise', async (t) => {
  const plane = await ControlPlane.start(t);
  const where = async (env) => (await serve(t, { script: connects, plane, env })).config.trafficUrl;
  assert.equal(await where({}), `${plane.url}/api/v1/sessions/traffic/`);
  const named = `${plane.url}/api/v1/gateways/eu-1`;
  assert.equal(await where({ WEBHOOK_URL: `${named}/webhook/` }), `${named}/traffic/`);
  assert.equal(await where({ WEBHOOK_URL: `${named}/webhook` }), `${named}/traffic/`);
  assert.equal(await where({ TRAFFIC_URL: 'https://elsewhere/x' }), 'https://elsewhere/x');
  assert.equal(await where({ TRAFFIC_URL: 'none' }), null);
});
