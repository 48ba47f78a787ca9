import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { serve, until } from './harness.js';
import { connects, shows } from './stub.js';

const NUMBER = '15550001234@c.us';

/** A service with a connected session, whose look-ups answer what `answer` says. */
async function asking(t, more = {}) {
  const asked = [];
  const script = { ...connects, answer: async (number) => ({ _serialized: number }) };
  script.lookUp = (number) => {
    asked.push(number);
    return script.answer(number);
  };
  const service = await serve(t, { script, deadlines: { server: 10_000 }, ...more });
  await service.init('a');
  const ask = async () => (await service.post('/api/session/server-check', { sessionId: 'a' })).body;
  return { ...service, script, asked, ask };
}

test("the server is asked for the session's own number, at each question anew", async (t) => {
  const { ask, asked, script } = await asking(t);
  const fine = { success: true, sessionId: 'a', answer: 'fine', detail: null };
  assert.deepEqual([await ask(), await ask()], [fine, fine]);
  assert.deepEqual(asked, [NUMBER, NUMBER]);
  script.answer = async () => null;
  assert.deepEqual(await ask(), {
    ...fine,
    answer: 'denied',
    detail: "WhatsApp's server has no account +15550001234",
  });
});

test('who asks while a question is under way gets its answer: one question at a time', async (t) => {
  const { ask, asked, script } = await asking(t);
  let answered;
  script.answer = () => new Promise((resolve) => (answered = resolve));
  const both = Promise.all([ask(), ask()]);
  await until(() => answered !== undefined, 'the question');
  // Both are there by then.
  await sleep(200);
  answered({});
  assert.deepEqual(
    (await both).map(({ answer }) => answer),
    ['fine', 'fine'],
  );
  assert.equal(asked.length, 1);
});

test('no answer proves nothing: a hang, an error, a page that never found a number', async (t) => {
  const { ask, script } = await asking(t, { deadlines: { server: 50 } });
  script.answer = async () => null;
  const blind = await ask();
  assert.deepEqual([blind.answer, /found no number/.test(blind.detail)], ['none', true]);
  script.answer = () => new Promise(() => {});
  assert.deepEqual(await ask(), {
    success: true,
    sessionId: 'a',
    answer: 'none',
    detail: "WhatsApp's server took longer than 0.05 s",
  });
  script.answer = async () => {
    throw new Error('Evaluation failed: rate-overlimit');
  };
  assert.equal((await ask()).answer, 'none');
});

test('a logout while the server is asked is its denial', async (t) => {
  const { ask, script, clients } = await asking(t);
  let failed;
  script.answer = () => new Promise((_, reject) => (failed = reject));
  const answer = ask();
  await until(() => failed !== undefined, 'the question');
  clients[0].emit('disconnected', 'LOGOUT');
  failed(new Error('Target closed'));
  assert.deepEqual((await answer).answer, 'denied');
});

test('who is not connected cannot be asked about', async (t) => {
  const { init, post, get } = await serve(t, { script: shows });
  await init('a');
  const refused = async (sessionId) => (await post('/api/session/server-check', { sessionId })).body.message;
  assert.equal(await refused('a'), 'Client not connected (status: qr_pending). Please reconnect the session.');
  assert.equal(await refused('b'), 'Client not found. Please reconnect the session.');
  assert.ok((await get('/health')).body.capabilities.includes('server_check'));
});

test('the health check has each page asked once, so that its later no is believed', async (t) => {
  const { asked, ask, script } = await asking(t, { env: { HEALTH_CHECK_INTERVAL: '1' } });
  await until(() => asked.length === 1, 'the first question');
  script.answer = async () => null;
  assert.equal((await ask()).answer, 'denied');
});

test('a health check that may not asks nothing, and a request for it is answered all the same', async (t) => {
  const { asked, ask, script } = await asking(t, { env: { HEALTH_CHECK_INTERVAL: '1', SERVER_CHECK: 'false' } });
  let calls = 0;
  // Called by each call into the page: one check makes two.
  script.hang = () => {
    calls += 1;
    return false;
  };
  await until(() => calls > 4, 'three rounds of checks');
  assert.deepEqual(asked, []);
  assert.equal((await ask()).answer, 'fine');
  assert.equal(asked.length, 1);
});
