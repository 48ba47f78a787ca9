import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { NotARecipient, chatId, parsePhone, parseRecipient } from '../src/recipients.js';

// In the repository alone: the service is installed without them.
const data = process.env.TEST_DATA ?? fileURLToPath(new URL('../../../tests/data', import.meta.url));
const vectors = path.join(data, 'recipients.json');
const skip = !existsSync(vectors);
const { accepted, refused, phones } = skip ? {} : JSON.parse(readFileSync(vectors, 'utf8'));
const SERVERS = { phone: 'c.us' };

test('what is accepted', { skip }, () => {
  for (const [text, kind, written] of accepted) {
    const recipient = parseRecipient(text);
    assert.equal(recipient.kind, kind, text);
    const [name] = written.split('@');
    assert.equal(chatId(recipient), `${name}@${SERVERS[kind] ?? kind}`, text);
    assert.deepEqual(parseRecipient(chatId(recipient)), recipient, text);
  }
});

test('what is refused, and how it is said', { skip }, () => {
  for (const [text, message] of refused) {
    assert.throws(() => parseRecipient(text), { constructor: NotARecipient, message }, text);
  }
});

test('a pairing code is for a phone', { skip }, () => {
  for (const [text, written] of phones.accepted) assert.equal(parsePhone(text), written);
  for (const [text, message] of phones.refused) assert.throws(() => parsePhone(text), { message }, text);
});
