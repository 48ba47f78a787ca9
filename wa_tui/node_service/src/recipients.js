/**
 * Whom a message goes to: parsed, never stripped. `wa_tui/identity/recipients.py` keeps the same rule and the same
 * words; `tests/data/recipients.json` holds what both must say.
 */

/** Bidi marks, zero-width characters and soft hyphens, which are copied along and stand for nothing; not the one that shows digits in another order. */
const INVISIBLE = /[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202d\u2060-\u2064\u2066-\u2069\ufeff]/gu;

const SPACES = ' \\t\\u00a0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000';
/** What people put between the digits of a phone number: spaces of any kind, dashes, dots, slashes, brackets. */
const BETWEEN = `${SPACES}\\u2010-\\u2015\\u2212\\ufe58\\ufe63\\uff0d./()\\-`;
const AROUND = new RegExp(`^[${SPACES}\\r\\n]+|[${SPACES}\\r\\n]+$`, 'gu');
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u202e]/gu;

const PHONE = new RegExp(`^[(]?[${SPACES}]*[+]?[0-9${BETWEEN}]*[0-9][${BETWEEN}]*$`, 'u');
const BRACKETS = /^[^()]*(?:[(][^()]*[)][^()]*)*$/u;
const ZERO_IN_BRACKETS = new RegExp(`(?<=[0-9${BETWEEN}])[(][${SPACES}]*0[^()]*[)]`, 'u');
const BARE_GROUP = /^[1-9][0-9]{15,19}$/u;
/** The number of who made a group, and the second of its making. */
const OLD_GROUP = /^[1-9][0-9]{6,14}-1[0-9]{9}$/u;

/** What may stand before the `@` of each kind of WhatsApp id; `:12` names a device of a phone's account. */
const SERVERS = new Map([
  ['c.us', /^([0-9]+)(?::[0-9]{1,5})?$/u],
  ['s.whatsapp.net', /^([0-9]+)(?::[0-9]{1,5})?$/u],
  ['g.us', /^([0-9]{1,20}(?:-[0-9]{1,20})?)$/u],
  ['lid', /^([0-9]{1,20}(?::[0-9]{1,5})?)$/u],
  ['newsletter', /^([0-9]{1,20})$/u],
]);

const LEAST = 7;
const MOST = 15;
/** Characters of a refused text that are said again. */
const SHOWN = 40;

/** A text that names nobody, or could name two; the message is a sentence for who typed it. */
export class NotARecipient extends Error {}

/**
 * @typedef {{kind: 'phone' | 'g.us' | 'lid' | 'newsletter', name: string}} Recipient a phone number's digits, or what
 *   stands before the `@` of an id
 */

/**
 * @param {string} text
 * @returns {Recipient}
 * @throws {NotARecipient}
 */
export function parseRecipient(text) {
  return parse(text, 'recipient', ', or a WhatsApp id');
}

/**
 * @param {string} text
 * @returns {string} a phone number's digits, with the country code and without `+`
 * @throws {NotARecipient}
 */
export function parsePhone(text) {
  const { kind, name } = parse(text, 'phone number', '');
  if (kind === 'phone') return name;
  throw new NotARecipient(`${quoted(`${name}@${kind}`)} is no phone number: write it with its country code`);
}

/**
 * @param {Recipient} recipient
 * @returns {string} the id as the library takes it
 */
export function chatId({ kind, name }) {
  return kind === 'phone' ? `${name}@c.us` : `${name}@${kind}`;
}

function parse(text, wanted, otherwise) {
  const trimmed = text.replace(INVISIBLE, '').replace(AROUND, '');
  if (trimmed === '') throw new NotARecipient(`the ${wanted} is missing`);
  if (trimmed.includes('@')) return parseId(trimmed);
  if (BARE_GROUP.test(trimmed) || OLD_GROUP.test(trimmed)) return { kind: 'g.us', name: trimmed };
  if (!PHONE.test(trimmed) || !BRACKETS.test(trimmed)) {
    throw new NotARecipient(
      `${quoted(trimmed)} is no ${wanted}: ` +
        `write a phone number with its country code, as +49 152 5550001${otherwise}`,
    );
  }
  return { kind: 'phone', name: phoneDigits(trimmed) };
}

function parseId(text) {
  const at = text.lastIndexOf('@');
  const server = text.slice(at + 1).toLowerCase();
  const match = SERVERS.get(server)?.exec(text.slice(0, at));
  if (!match) {
    throw new NotARecipient(
      `${quoted(text)} is no WhatsApp id that can be sent to: digits, then ` +
        '@c.us, @s.whatsapp.net, @g.us, @lid or @newsletter',
    );
  }
  if (server === 'c.us' || server === 's.whatsapp.net') return { kind: 'phone', name: phoneDigits(match[1]) };
  return { kind: server, name: match[1] };
}

/** Returns the digits of a phone number, all of them; throws where they could be meant otherwise. */
function phoneDigits(text) {
  const digits = onlyDigits(text);
  if (digits.length < LEAST) throw wrongLength(text, digits);
  const zero = ZERO_IN_BRACKETS.exec(text);
  if (zero !== null) {
    const without =
      onlyDigits(text.slice(0, zero.index)) +
      onlyDigits(zero[0]).replace(/^0+/u, '') +
      onlyDigits(text.slice(zero.index + zero[0].length));
    throw new NotARecipient(
      `${quoted(text)} has a 0 in brackets: write +${withoutZeros(without)}, or ` +
        `+${withoutZeros(digits)} where that 0 is dialled from abroad too, as in Italy`,
    );
  }
  if (digits.startsWith('00')) {
    throw new NotARecipient(
      `${quoted(text)} begins with 00: write +${digits.slice(2)} if 00 stands for +; ` +
        `if it is a number within one country, write that country's code before ${digits}`,
    );
  }
  if (digits.startsWith('0')) {
    throw new NotARecipient(
      `${quoted(text)} begins with 0: write the country code in place of the 0, as +49 ${digits.slice(1)}, ` +
        `or before it where that 0 is dialled from abroad too, as +39 ${digits}`,
    );
  }
  if (digits.length > MOST) throw wrongLength(text, digits);
  return digits;
}

function wrongLength(text, { length }) {
  const many = `${length} ${length === 1 ? 'digit' : 'digits'}`;
  const group = length > MOST ? "; a group's id is written without +, spaces or other dashes" : '';
  return new NotARecipient(
    `${quoted(text)} has ${many}: a phone number has ${LEAST} to ${MOST} with its country code${group}`,
  );
}

function onlyDigits(text) {
  return text.replace(/[^0-9]/gu, '');
}

/** Leaves out the 00 that stands for +, which is not what the sentence is about. */
function withoutZeros(digits) {
  return digits.replace(/^00/u, '');
}

function quoted(text) {
  const letters = [...text.replace(CONTROL, '')];
  return letters.length > SHOWN ? `"${letters.slice(0, SHOWN).join('')}…"` : `"${letters.join('')}"`;
}
