import assert from 'node:assert/strict';
import net from 'node:net';
import { test } from 'node:test';

import { ControlPlane, KEY, serve, until } from './harness.js';
import { shows } from './stub.js';

/** Sends text as it is, and `more` again and again; returns what came back until the connection was closed. */
async function raw(t, address, text, more) {
  const { hostname, port } = new URL(address);
  const socket = net.connect(port, hostname);
  t.after(() => socket.destroy());
  let answer = '';
  let closed = false;
  socket.on('data', (chunk) => (answer += chunk));
  socket.on('error', () => {});
  socket.on('close', () => (closed = true));
  socket.write(text);
  if (more !== undefined) {
    const drip = setInterval(() => socket.writable && socket.write(more), 20);
    t.after(() => clearInterval(drip));
  }
  await until(() => closed, `an end of ${JSON.stringify(text.slice(0, 60))}`);
  return answer;
}

const HEAD = `POST /api/session/init HTTP/1.1\r\nhost: a\r\nx-api-key: ${KEY}\r\n`;
const JSON_BODY = `${HEAD}content-type: application/json\r\ncontent-length: 90000\r\n\r\n`;

/**
 * A request that never becomes whole: what begins it, what comes again and again, and the code of the answer; none where
 * the connection's end may be all that comes back.
 */
const HALF = {
  'nothing at all': ['', undefined, ''],
  'half a head': ['GET /health HTTP/1.1\r\nhost: a\r\n', undefined, '408'],
  'a head that drips': ['GET /health HTTP/1.1\r\n', 'x: y\r\n', '408'],
  'an endless head': ['GET /health HTTP/1.1\r\nx: ', 'y'.repeat(4096), '431'],
  'half a body': [`${JSON_BODY}{"sessionId":`, undefined, '408'],
  'a body that drips': [JSON_BODY, ' ', '408'],
  'an endless body of another type': [
    `${HEAD}content-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n`,
    `10000\r\n${'x'.repeat(65536)}\r\n`,
    '',
  ],
  'no HTTP': ['\x16\x03\x01 hello\r\n\r\n', undefined, '400'],
};

test('a request that never becomes whole is ended, and nobody else waits for it', async (t) => {
  const { address, get } = await serve(t, { script: shows, deadlines: { request: 2000 } });
  const answers = Object.entries(HALF).map(async ([what, [begin, more, code]]) => {
    const answer = await raw(t, address, begin, more);
    if (code) assert.match(answer, new RegExp(`^HTTP/1.1 ${code} `), `${what}: ${answer}`);
    if (code) assert.match(answer, /"success":false/, what);
  });
  assert.equal((await get('/health')).code, 200);
  await Promise.all(answers);
  assert.equal((await get('/health')).code, 200);
});

test('a body of another type that is too large is refused, not read', async (t) => {
  const { call } = await serve(t, { script: shows });
  const headers = { 'x-api-key': KEY, 'content-type': 'text/plain' };
  const { code, body } = await call('POST', '/api/session/init', 'x'.repeat(200 * 1024), headers);
  assert.deepEqual([code, body], [500, { success: false, error: 'request entity too large' }]);
});

test('an event is delivered when the control plane says so, however its answer goes on', async (t) => {
  const plane = await ControlPlane.start(t);
  plane.server.removeAllListeners('request');
  let posts = 0;
  plane.server.on('request', (request, response) => {
    request.resume();
    if (request.method === 'GET') return response.end('{"data":{"sessions":[]}}');
    posts += 1;
    response.writeHead(200, { 'content-length': '1000000000' });
    response.write('x'.repeat(posts % 2 ? 10 : 100_000));
    if (posts % 2) setTimeout(() => response.destroy(), 20);
  });
  const { init, get } = await serve(t, { script: shows, plane });
  await init('a');
  await init('b');
  const { delivered, depth } = await until(async () => {
    const { outbox } = (await get('/health')).body;
    return outbox.depth === 0 && outbox;
  });
  assert.deepEqual([delivered, depth, posts], [2, 0, 2]);
});
