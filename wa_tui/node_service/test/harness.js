import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, mkdirSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { readConfig } from '../src/config.js';
import { sleep } from '../src/deadline.js';
import { Service } from '../src/service.js';
import { StubClient } from './stub.js';

export const KEY = 'a-key-for-tests';
const MAIN = new URL('../src/main.js', import.meta.url).pathname;

/** A test for the long run alone: one more case of what the others have. */
export const long = process.env.WA_TUI_LONG ? test : () => {};

/** A new directory that goes with the test. */
export function directory(t) {
  const made = mkdtempSync(path.join(tmpdir(), 'node-service-'));
  t.after(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** Polls until `found` returns something truthy. */
export async function until(found, what = 'it', ms = 40_000) {
  for (const end = Date.now() + ms; Date.now() < end; await sleep(10)) {
    const value = await found();
    if (value) return value;
  }
  return assert.fail(`${what} did not come within ${ms} ms`);
}

/** A control plane: keeps the webhooks it took, answers `active-sessions`, and is down when told so. */
export class ControlPlane {
  events = [];
  /** Counts of messages, as they were posted. */
  counts = [];
  asked = 0;
  sessions = [];
  down = false;
  /** Called with each event; a status other than 200 refuses it. */
  judge = () => 200;

  static async start(t, port = 0) {
    const plane = new ControlPlane();
    await plane.listen(port);
    t.after(() => plane.close());
    return plane;
  }

  async listen(port) {
    this.server = http.createServer((request, response) => this.#answer(request, response));
    await new Promise((resolve) => this.server.listen(port, '127.0.0.1', resolve));
    this.port = this.server.address().port;
  }

  async close() {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  of(sessionId) {
    return this.events.filter((event) => event.sessionId === sessionId);
  }

  statuses(sessionId) {
    return this.of(sessionId).map(({ status }) => status);
  }

  async #answer(request, response) {
    let text = '';
    for await (const chunk of request) text += chunk;
    assert.equal(request.headers['x-api-key'], KEY);
    response.setHeader('content-type', 'application/json');
    if (this.down) {
      response.writeHead(503, { 'retry-after': '0.05' }).end('{"success":false,"message":"down"}');
    } else if (request.method === 'GET') {
      this.asked += 1;
      const sessions = this.sessions.map((id) => ({ session_id: id, user_id: 1 }));
      response.end(JSON.stringify({ success: true, message: 'Success', data: { sessions, count: sessions.length } }));
    } else if (request.url.endsWith('/traffic/')) {
      this.counts.push(JSON.parse(text));
      response.end('{"success":true}');
    } else {
      const event = JSON.parse(text);
      const status = this.judge(event);
      if (status === 200) this.events.push(event);
      response.writeHead(status).end('{"success":true}');
    }
  }
}

/**
 * Starts the whole service with stubbed clients.
 * @param {object} more script (of every client), env, deadlines, more (settings), dataPath, stored (ids with credentials), plane
 */
export async function serve(t, { script, env = {}, deadlines = {}, more = {}, dataPath = directory(t), stored = [], plane }) {
  for (const id of stored) mkdirSync(path.join(dataPath, `session-${id}`), { recursive: true });
  plane ??= await ControlPlane.start(t);
  const config = readConfig({
    API_KEY: KEY,
    PORT: '0',
    DJANGO_API_URL: plane.url,
    WWEBJS_DATA_PATH: dataPath,
    ...env,
  });
  const clients = [];
  const lines = [];
  const log = { info: (line) => lines.push(line), warn: (line) => lines.push(line) };
  const service = new Service(
    { ...config, ...more, deadlines: { ...config.deadlines, close: 200, ...deadlines } },
    {
      createClient: (id) => {
        const client = new StubClient(id, typeof script === 'function' ? script(id, clients.length) : script);
        clients.push(client);
        return client;
      },
      messageMedia: (file) => file,
      log,
    },
  );
  const address = await service.start();
  let stopped;
  const stop = () => (stopped ??= service.stop());
  t.after(stop);
  return { address, config, plane, clients, lines, dataPath, stop, ...caller(address) };
}

/** Runs the real service in its own process; what it takes for a browser is Node, where nothing else is named. */
export function run(t, env) {
  const child = spawn(process.execPath, [MAIN], {
    env: { PATH: process.env.PATH, API_KEY: KEY, PORT: '0', PUPPETEER_EXECUTABLE_PATH: process.execPath, ...env },
  });
  const service = { child, output: '', code: undefined };
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (service.output += chunk));
  child.once('close', (code) => (service.code = code));
  t.after(() => child.kill('SIGKILL'));
  service.listening = () => until(() => /Listening at (\S+)/.exec(service.output)?.[1], 'listening');
  service.ended = () => until(() => service.code !== undefined, 'the end');
  return service;
}

/** What speaks to the service at an address. */
export function caller(address) {
  const call = async (method, route, body, headers = { 'x-api-key': KEY }) => {
    const response = await fetch(address + route, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await response.text();
    const type = response.headers.get('content-type') ?? '';
    return { code: response.status, type, body: type.includes('json') ? JSON.parse(text) : text };
  };
  return {
    call,
    get: (route) => call('GET', route),
    post: (route, body) => call('POST', route, body),
    init: (sessionId) => call('POST', '/api/session/init', { sessionId, userId: 1 }),
    status: async (sessionId) => (await call('GET', `/api/session/status/${sessionId}`)).body,
  };
}
