import assert from 'node:assert/strict';
import http from 'node:http';
import { test } from 'node:test';

import { fetchMedia } from '../src/media.js';
import { serve } from './harness.js';
import { connects, shows } from './stub.js';

const TEXT = { sessionId: 'a', recipient: '+1 555 123-4567', message: 'hello' };
const KEYWORDS = /not found|reconnect|closed|not connected|not ready/i;
const again = (text) => `${text}. Please reconnect the session.`;

test('a text goes out once, and its id comes back', async (t) => {
  const { init, post, clients } = await serve(t, { script: connects });
  await init('a');
  const { code, body } = await post('/api/message/send-text', TEXT);
  assert.deepEqual([code, body], [200, { success: true, messageId: '3EB01', timestamp: 1795398127 }]);
  assert.deepEqual(clients[0].sent, [{ to: '15551234567@c.us', content: 'hello', options: {} }]);
  await post('/api/message/send-text', { ...TEXT, recipient: '123-456@g.us' });
  assert.equal(clients[0].sent[1].to, '123-456@g.us');
});

test('what is refused before anything is sent', async (t) => {
  const { init, post, clients } = await serve(t, { script: shows, deadlines: { proof: 50 } });
  await init('a');
  const send = async () => (await post('/api/message/send-text', TEXT)).body.message;
  assert.equal(await send(), again('Client not connected (status: qr_pending)'));
  clients[0].connect();
  clients[0].state = 'OPENING';
  assert.equal(await send(), again('Client not ready (state: OPENING)'));
  assert.equal(await send(), again('Client not connected (status: disconnected)'));
  assert.equal(
    (await post('/api/message/send-text', { sessionId: 'a' })).body.error,
    'sessionId, recipient and message are required',
  );
  assert.deepEqual(clients[0].sent, []);
});

test('whom a text goes to is parsed, never stripped', async (t) => {
  const { init, post, clients } = await serve(t, { script: connects });
  await init('a');
  const send = async (recipient) => (await post('/api/message/send-text', { ...TEXT, recipient })).body.message;
  for (const recipient of ['sales team', '+', '0049 152 5550001', '+49 (0) 152 5550001', 'x@lid', '1@broadcast']) {
    const refused = await send(recipient);
    assert.match(refused, /^Bad recipient: "/, recipient);
    assert.doesNotMatch(refused, KEYWORDS);
  }
  assert.deepEqual(clients[0].sent, []);
  const groups = ['120363025246125486', '6281312000300-1488324890'];
  for (const recipient of [...groups, '24681@lid', '12036@newsletter', '15551234567:12@s.whatsapp.net']) {
    assert.equal(await send(recipient), undefined, recipient);
  }
  assert.deepEqual(
    clients[0].sent.map(({ to }) => to),
    [...groups.map((id) => `${id}@g.us`), '24681@lid', '12036@newsletter', '15551234567@c.us'],
  );
});

test('a number is looked up before anything is sent to it', async (t) => {
  const asked = [];
  let answer = async () => null;
  const lookUp = async (number) => {
    asked.push(number);
    return answer(number);
  };
  const { init, post, clients, lines, get } = await serve(t, {
    script: { ...connects, lookUp },
    deadlines: { lookUp: 50 },
  });
  await init('a');
  const send = (recipient) => post('/api/message/send-text', { ...TEXT, recipient });

  const unknown = await send('+1 555 000 0404');
  assert.deepEqual(
    [unknown.code, unknown.body],
    [400, { success: false, message: 'Recipient unknown: WhatsApp has no account with +15550000404' }],
  );
  assert.doesNotMatch(unknown.body.message, KEYWORDS);
  assert.deepEqual([asked, clients[0].sent], [['15550000404@c.us'], []]);
  assert.equal((await get('/api/session/status/a')).body.status, 'connected');

  answer = async () => ({ _serialized: '5511876543210@c.us' });
  assert.equal((await send('5511987654321')).body.success, true);
  const failing = [
    () => new Promise(() => {}),
    async () => Promise.reject(new Error('no such job')),
    async () => undefined,
  ];
  for (answer of failing) assert.equal((await send('15551234567')).body.success, true);
  await send('120363025246125486');
  assert.deepEqual(
    clients[0].sent.map(({ to }) => to),
    ['5511876543210@c.us', ...failing.map(() => '15551234567@c.us'), '120363025246125486@g.us'],
  );
  assert.equal(asked.length, 2 + failing.length, 'groups are not looked up');
  assert.equal(lines.filter((line) => line.includes('sent to unseen')).length, 2);
});

test('a browser that is gone, before and while sending', async (t) => {
  const detached = new Error("Attempted to use detached Frame '1'.");
  const closed = again('Client session closed');
  const { init, post, clients } = await serve(t, {
    script: (id, n) => (n === 0 ? { ...connects, send: async () => Promise.reject(detached) } : connects),
  });
  await init('a');
  assert.equal((await post('/api/message/send-text', TEXT)).body.message, closed);
  clients[0].getState = async () => Promise.reject(new Error('Protocol error (Runtime.callFunctionOn): Target closed'));
  const { code, body } = await post('/api/message/send-text', TEXT);
  assert.deepEqual([code, body], [400, { success: false, message: closed }]);
});

test('the library’s own errors are passed on; a send that hangs is given up', async (t) => {
  const scripts = {
    a: { ...connects, send: async () => Promise.reject(new Error('Evaluation failed: no LID')) },
    b: { ...connects, send: () => new Promise(() => {}) },
  };
  const { init, post } = await serve(t, { script: (id) => scripts[id], deadlines: { send: 50 } });
  await init('a');
  await init('b');
  assert.equal((await post('/api/message/send-text', TEXT)).body.message, 'Evaluation failed: no LID');
  const { body } = await post('/api/message/send-text', { ...TEXT, sessionId: 'b' });
  assert.equal(body.message, 'Sending took longer than 0.05 s: the message may still go out');
});

test('media is fetched and sent with its caption', async (t) => {
  const url = await files(t);
  const { init, post, clients } = await serve(t, { script: connects, env: { MEDIA_ALLOWED_HOSTS: '127.0.0.1' } });
  await init('a');
  const media = {
    sessionId: 'a',
    recipient: '15551234567',
    mediaUrl: `${url}/report.pdf`,
    caption: 'This',
    mediaType: 'document',
  };
  assert.equal((await post('/api/message/send-media', media)).body.success, true);
  const [{ content, options }] = clients[0].sent;
  assert.deepEqual([content.type, content.name, content.data.toString()], ['application/pdf', 'report.pdf', 'a file']);
  assert.deepEqual(options, { sendMediaAsDocument: true, caption: 'This' });
});

test('media never comes from an address that is not public', async (t) => {
  const url = await files(t);
  const { port } = new URL(url);
  const { init, post, clients } = await serve(t, { script: connects });
  await init('a');
  const where = ['127.0.0.1', 'localhost', '2130706433', '0x7f.1', '[::1]', '[::ffff:127.0.0.1]', '0.0.0.0'];
  for (const host of where) {
    const mediaUrl = `http://${host}:${port}/report.pdf`;
    const { code, body } = await post('/api/message/send-media', { sessionId: 'a', recipient: '1', mediaUrl });
    assert.equal(code, 400);
    assert.match(body.message, /is not a public address/, host);
  }
  assert.deepEqual(clients[0].sent, []);
});

test('the limits of media', async (t) => {
  const url = await files(t);
  const settings = { maxBytes: 1000, timeout: 300, allowedHosts: ['127.0.0.1'] };
  const fetched = (path, more = {}) => fetchMedia(url + path, { ...settings, ...more });
  assert.equal((await fetched('/redirect?to=/report.pdf')).data.toString(), 'a file');
  await assert.rejects(
    fetched(`/redirect?to=${url.replace('127.0.0.1', 'localhost')}/report.pdf`),
    /localhost is not a public/,
  );
  await assert.rejects(fetched('/redirect?to=file:///etc/passwd'), /must be http or https/);
  await assert.rejects(fetched('/redirect?to=/redirect'), /more than 5 redirects/);
  await assert.rejects(fetched('/large'), /larger than 1000 bytes/);
  await assert.rejects(fetched('/endless'), /larger than 1000 bytes/);
  await assert.rejects(fetched('/slow'), /not fetched within 0.3 s/);
  await assert.rejects(fetched('/missing'), /answered 404/);
  await assert.rejects(fetchMedia('ftp://example.org/a', settings), /must be http or https/);
  await assert.rejects(fetchMedia('nonsense', settings), /not a URL/);
});

/** A server of files on loopback. */
async function files(t) {
  const server = http.createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://localhost');
    if (pathname === '/report.pdf') response.writeHead(200, { 'content-type': 'application/pdf; x=y' }).end('a file');
    else if (pathname === '/redirect')
      response.writeHead(302, { location: searchParams.get('to') ?? '/redirect' }).end();
    else if (pathname === '/large') response.writeHead(200, { 'content-length': '5000' }).end('x'.repeat(5000));
    else if (pathname === '/endless') for (let n = 0; n < 100; n += 1) response.write('x'.repeat(100));
    else if (pathname === '/slow') response.writeHead(200).write('x');
    else response.writeHead(404).end();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${server.address().port}`;
}
