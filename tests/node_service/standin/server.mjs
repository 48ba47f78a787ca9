// web.whatsapp.com on loopback: serves the page for every path, and under /ctl its "servers" (what the page
// asks) and the "phone" (what a test does). Says {"port": …} on its first line, ends with its standard input.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';

const read = (name) => readFileSync(new URL(name, import.meta.url));
const SCRIPTS = ['models.js', 'link.js', 'media.js', 'page.js'].map(read).join('');
const DOCUMENT = `<!doctype html><title>WhatsApp</title><body><script>${SCRIPTS}</script></body>`;

/** Pages that are open, by their id: { say, state, number, ref, qr, code }. */
const pages = new Map();
/** Numbers whose link was ended on the phone; their credentials are worth nothing. */
const revoked = new Set();
const settings = { rotateSeconds: 20, wait: 0, unsynced: [], unknown: [], silent: [], acks: true };
const record = { sent: [], asked: new Set(), hellos: {}, lookUps: [] };

/** What the page asks; answers an object. */
const servers = {
  hello(page, { number }) {
    page.state = 'OPENING';
    page.number = number;
    record.hellos[number] = (record.hellos[number] ?? 0) + 1;
    const linked = number !== null && !revoked.has(number);
    return { linked, syncs: !settings.unsynced.includes(number), wait: settings.wait };
  },
  refresh(page) {
    rotate(page);
    return {};
  },
  shows(page, { ref, qr }) {
    if (ref === page.ref) page.qr = qr;
    return {};
  },
  state(page, { state }) {
    page.state = state;
    return {};
  },
  code(page, { number }) {
    page.code = randomBytes(5).toString('base64url').replaceAll(/[-_]/g, 'A').toUpperCase().padEnd(8, 'X').slice(0, 8);
    page.codeFor = number;
    return { code: page.code };
  },
  hangs(page) {
    page.hangs();
    return {};
  },
  unlinked(page) {
    revoked.add(page.number);
    return {};
  },
  sent(page, { id, to, body, type, size }) {
    record.sent.push({ from: page.number, id, to, body, type, size });
    return { acked: settings.acks };
  },
  /** There is no number that ends in 0404, and about one that ends in 0408 nothing is answered. */
  exists(page, { number }) {
    record.lookUps.push(number);
    const answers = !number.endsWith('0408') && !settings.silent.includes(number);
    return { answers, exists: !number.endsWith('0404') && !settings.unknown.includes(number) };
  },
  asked(page, { names }) {
    for (const name of names) record.asked.add(name);
    return {};
  },
};

/** What the test's phone does; throws when there is nothing to do it to. */
const phone = {
  scan({ qr, number }) {
    link(find((page) => page.qr === qr, 'no page shows this code now'), number);
  },
  enter({ code, number }) {
    link(find((page) => page.code === code && page.codeFor === number, `no page waits for ${code}`), number);
  },
  logout({ number }) {
    revoked.add(number);
    paired(number).say('logout');
  },
  revoke({ number }) {
    revoked.add(number); // while the gateway is away: nobody is told
  },
  /** Any WAState: CONFLICT, UNPAIRED, OPENING, TIMEOUT … */
  state({ number, state }) {
    paired(number).say('state', { state });
  },
  /** The page is loaded anew and never syncs again: CONNECTED, but nothing can be sent. */
  zombie({ number }) {
    settings.unsynced.push(number);
    paired(number).say('reload');
  },
  /** Answers once it is busy. */
  hang({ number, seconds }) {
    const page = paired(number);
    page.say('hang', { seconds });
    return new Promise((hangs) => (page.hangs = hangs));
  },
  rotate({ qr }) {
    rotate(find((page) => page.qr === qr, 'no page shows this code now'));
  },
  incoming({ number, from, body }) {
    paired(number).say('incoming', { from, body });
  },
  /** A person writes a message on the phone. */
  typed({ number, ...message }) {
    paired(number).say('typed', message);
  },
  acknowledge({ number, id, ack }) {
    paired(number).say('acknowledged', { id, ack });
  },
  set(changes) {
    Object.assign(settings, changes);
  },
};

function find(wanted, otherwise) {
  const page = [...pages.values()].find(wanted);
  if (!page) throw new Error(otherwise);
  return page;
}

const paired = (number) => find((page) => page.number === number, `no page is linked to ${number}`);

function link(page, number) {
  clearTimeout(page.rotation);
  revoked.delete(number);
  Object.assign(page, { number, ref: null, qr: null, code: null });
  page.say('scanned', { number });
}

function rotate(page) {
  clearTimeout(page.rotation);
  page.ref = `2@${randomBytes(90).toString('base64')}`;
  page.qr = null;
  page.say('ref', { ref: page.ref });
  page.rotation = setTimeout(rotate, settings.rotateSeconds * 1000, page);
}

function events(id, response) {
  const say = (command, args) => response.write(`data: ${JSON.stringify({ command, ...args })}\n\n`);
  const page = { say, state: 'LOADING', number: null, ref: null, qr: null, code: null };
  pages.set(id, page);
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.flushHeaders();
  response.on('close', () => {
    clearTimeout(page.rotation);
    pages.delete(id);
  });
}

function look() {
  const shown = [...pages.values()].map(({ state, number, ref, qr, code }) => ({ state, number, ref, qr, code }));
  return { pages: shown, ...record, asked: [...record.asked].sort(), revoked: [...revoked] };
}

async function answer(path, request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = chunks.length ? JSON.parse(Buffer.concat(chunks)) : {};
  if (path === 'look') return look();
  if (path.startsWith('phone/')) return (await phone[path.slice(6)](body)) ?? {};
  const page = pages.get(body.page);
  if (!page) throw new Error(`page ${body.page} is gone`);
  return servers[path](page, body);
}

const options = { key: read('key.pem'), cert: read('certificate.pem') };
const server = createServer(options, async (request, response) => {
  const url = new URL(request.url, 'https://web.whatsapp.com');
  if (!url.pathname.startsWith('/ctl/')) {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
    return response.end(DOCUMENT);
  }
  const path = url.pathname.slice('/ctl/'.length);
  if (path === 'events') return events(url.searchParams.get('page'), response);
  const [status, said] = await answer(path, request).then(
    (value) => [200, value],
    (error) => [409, { error: error.message }],
  );
  response.writeHead(status, { 'content-type': 'application/json' });
  return response.end(JSON.stringify(said));
});

server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify({ port: server.address().port })}\n`);
});
process.stdin.resume().on('end', () => process.exit(0));
