import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { Journal } from '../src/journal.js';
import { Outbox } from '../src/outbox.js';
import { FaultyDisk, NO_TMPFS, fill, smallDisk } from './faulty_disk.js';
import { directory, until } from './harness.js';

/** A sample; the long run tries many. */
const TIMES = process.env.WA_TUI_LONG ? 500 : 40;
const QUICK = { patience: 2000, retry: 10 };

async function opened(t, where, more = {}) {
  const said = [];
  const log = { info: (line) => said.push(line), warn: (line) => said.push(line) };
  const outbox = new Outbox(where, { limit: 10_000, log, disk: QUICK, ...more });
  await outbox.open();
  t.after(() => outbox.close());
  return { outbox, said, file: path.join(where, 'outbox.jsonl') };
}

test('whatever a disk does, what was on it is there, and no line is glued to another', async (t) => {
  const where = directory(t);
  for (let time = 0; time < TIMES; time += 1) {
    const kept = new Map();
    const pending = new Map();
    const file = path.join(where, `journal-${time}`);
    const files = new FaultyDisk(() => (Math.random() < 0.2 ? ['ENOSPC', 'EIO'][time % 2] : null));
    const journal = new Journal(file, () => pending.values(), { files, mostWaiting: 5 });
    const ignore = () => {};
    await Promise.all(
      Array.from({ length: 40 }, async (_, n) => {
        const event = { eventId: `${n}`, sessionId: 's', status: 'connected', padding: 'é'.repeat(n * 7) };
        pending.set(event.eventId, event);
        const written = journal.append(['put', event]).then(() => kept.set(event.eventId, event), ignore);
        if (n % 3 > 0) await written;
        if (n % 5 === 0) {
          pending.delete(event.eventId);
          kept.delete(event.eventId);
          await journal.append(['done', event.eventId]).catch(ignore);
          kept.delete(event.eventId);
        }
        if (n % 10 === 0) await journal.compact().catch(ignore);
      }),
    );
    await check(file, kept, 'as after a crash');
    files.fault = () => null;
    await journal.close();
    await check(file, pending, 'once the disk is well');
  }
});

/** What a new start finds: nothing that cannot be read, and these events among the others. */
async function check(file, wanted, when) {
  const { events, damaged } = await new Journal(file, () => []).load();
  assert.equal(damaged, 0, when);
  for (const [id, event] of wanted) assert.deepEqual(events.get(id), event, `${id} ${when}`);
}

test('a full disk costs no event: all are written once there is room', { skip: NO_TMPFS }, async (t) => {
  const where = smallDisk(t, 64 * 1024);
  const { outbox, said, file } = await opened(t, where);
  const free = fill(where);
  const ready = [];
  outbox.onReady = (id) => ready.push(id);
  for (let n = 0; n < 199; n += 1) await outbox.put(`s${n}`, { status: 'connected', n, text: 'x'.repeat(n) });
  assert.equal(ready.length, 199, 'each is delivered all the same');
  assert.match(said[0], /outbox.jsonl cannot be written: ENOSPC.*events are delivered all the same/);
  assert.equal(said.length, 1, 'said once');
  assert.equal(outbox.trouble, 'ENOSPC');
  free();
  await until(() => said.some((line) => /is written again/.test(line)));
  assert.equal(outbox.trouble, null);
  const { events, damaged } = await new Journal(file, () => []).load();
  assert.deepEqual([events.size, damaged], [199, 0]);
});

test('an outbox opens on a full disk, with all that was in it', { skip: NO_TMPFS }, async (t) => {
  const where = smallDisk(t, 64 * 1024);
  const before = await opened(t, where);
  for (let n = 0; n < 100; n += 1) await before.outbox.put('a', { status: 'connected', n });
  await before.outbox.close();
  appendFileSync(before.file, '["put",{"eventId":"half a line');
  const free = fill(where);
  const { outbox, said, file } = await opened(t, where);
  assert.equal(outbox.depth, 100);
  assert.match(said.join('\n'), /stays as large as it is for now: ENOSPC/);
  assert.ok(!existsSync(`${file}.new`), 'what was begun takes no room');
  await outbox.put('b', { status: 'connected' });
  free();
  await until(() => said.some((line) => /is written again/.test(line)));
  const { events, damaged } = await new Journal(file, () => []).load();
  assert.deepEqual([events.size, damaged], [101, 0]);
});

test('a directory in the place of the file is moved away, and said', async (t) => {
  const where = directory(t);
  for (let time = 1; time <= 2; time += 1) {
    rmSync(path.join(where, 'outbox.jsonl'), { force: true });
    mkdirSync(path.join(where, 'outbox.jsonl'));
    const { outbox, said } = await opened(t, where);
    assert.match(said[0], /outbox.jsonl cannot be read \(EISDIR.*\); it is kept as .*outbox.jsonl.unreadable/);
    await outbox.put('a', { status: 'connected' });
    await outbox.close();
    assert.equal((await opened(t, where)).outbox.depth, 1);
  }
  assert.deepEqual(readdirSync(where).toSorted(), [
    'outbox.jsonl',
    'outbox.jsonl.unreadable',
    'outbox.jsonl.unreadable-2',
  ]);
});

test('a file that a disk cannot read is kept, whatever it held', async (t) => {
  const where = directory(t);
  writeFileSync(path.join(where, 'outbox.jsonl'), 'precious');
  const files = Object.assign(new FaultyDisk(() => null), {
    readFile: async () => {
      throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' });
    },
  });
  const { said } = await opened(t, where, { files });
  assert.match(said[0], /cannot be read \(EIO/);
  assert.equal(readFileSync(path.join(where, 'outbox.jsonl.unreadable'), 'utf8'), 'precious');
});

test('lines that cannot be read are left out, counted and kept; a text that is no UTF-8 costs nothing else', async (t) => {
  const where = directory(t);
  const file = path.join(where, 'outbox.jsonl');
  const put = (id, more = '') => `["put",{"eventId":"${id}","sessionId":"a","status":"connected"${more}}]\n`;
  const content = Buffer.concat([
    Buffer.from(put(1)),
    Buffer.alloc(64),
    Buffer.from(`\n${put(2)}nonsense\n["put",null]\n["put",{"eventId":3}]\n[]\n7\n`),
    Buffer.from(put(4, ',"reason":"\xff\xfe"'), 'latin1'),
    Buffer.from('["done","1"]\n["put",{"eventId":"torn'),
  ]);
  writeFileSync(file, content);
  const { outbox, said } = await opened(t, where);
  assert.equal(outbox.depth, 2);
  assert.match(
    said[0],
    /6 lines of .*outbox.jsonl cannot be read and are left out; .* is kept as .*outbox.jsonl.damaged/,
  );
  assert.deepEqual(readFileSync(`${file}.damaged`), content);
});
