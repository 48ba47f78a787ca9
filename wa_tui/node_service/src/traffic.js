/** What is counted of messages. */
export const FLOWS = ['received', 'sent', 'acked', 'delivered', 'read', 'failed'];

/** The acknowledgements' levels (the library's MessageAck): played is read. */
const LEVELS = [null, 'acked', 'delivered', 'read', 'read'];
const FAILED = -1;
/** What WhatsApp Web files as a message and nobody wrote: notices of calls, keys and groups. */
const NOTICES = new Set([
  'call_log',
  'ciphertext',
  'debug',
  'e2e_notification',
  'gp2',
  'notification',
  'notification_template',
  'protocol',
]);
/** Messages that are remembered for each session, so that none counts twice at a level. */
const REMEMBERED = 2_000;
/** Sessions that there ever were. */
const SESSIONS = 10_000;

/**
 * How many messages went through one session since the service started, over as many browsers as it had: numbers and
 * instants alone. Of a message its id is remembered for a while, nothing else.
 */
export class Counters {
  #numbers = Object.fromEntries(FLOWS.map((flow) => [flow, 0]));
  #last = {};
  #queued = 0;
  /** What was counted of a message, by its id, oldest first. */
  #messages = new Map();

  /**
   * A message came in or went out, by whomever.
   * @param {{id: {id: string, fromMe: boolean}, type: string, ack?: number}} message the library's
   */
  created({ id, type, ack }) {
    if (NOTICES.has(type)) return;
    if (id.fromMe) this.sent(id.id, ack);
    else this.#once(this.#of(id.id), 'received');
  }

  /**
   * A message is out of our hands: the library, or whoever sent it, says so.
   * @param {string} id
   * @param {number} [ack] how far it is already
   */
  sent(id, ack = 0) {
    const counted = this.#of(id);
    if (this.#once(counted, 'sent') && waits(counted)) this.#queued += 1;
    // Acknowledgements may have come before it: those that they imply are known to be its own by now.
    this.#upTo(counted, Math.max(ack, highest(counted)));
    if (ack === FAILED) this.#fail(counted);
  }

  /**
   * Something became of a message.
   * @param {{id: {id: string, fromMe: boolean}}} message the library's
   * @param {number} ack
   */
  acknowledged({ id }, ack) {
    if (!id.fromMe) return;
    const counted = this.#of(id.id);
    if (ack === FAILED) this.#fail(counted);
    else if (counted.has('sent')) this.#upTo(counted, ack);
    // Sent before the service started, or long ago: what is implied may have been counted then.
    else if (LEVELS[ack]) this.#once(counted, LEVELS[ack]);
  }

  /** A page begins anew: what the one before had not sent may have gone out unseen, and waits for us no longer. */
  begin() {
    for (const counted of this.#messages.values()) if (waits(counted)) counted.add('unseen');
    this.#queued = 0;
  }

  /** A message was not sent, for sure. */
  refused() {
    this.#count('failed');
  }

  /** @returns {Record<string, number>} numbers, `queued`, and when each last happened (`receivedAt` …), in ms */
  read() {
    return { ...this.#numbers, queued: this.#queued, ...this.#last };
  }

  /**
   * @param {string} id
   * @returns {string[]} what was counted of one message; nothing of one that is not remembered
   */
  flowsOf(id) {
    const counted = this.#messages.get(id);
    return FLOWS.filter((flow) => counted?.has(flow));
  }

  #upTo(counted, ack) {
    for (let level = 1; level <= ack && level < LEVELS.length; level += 1) {
      const waited = waits(counted);
      if (this.#once(counted, LEVELS[level]) && waited) this.#queued -= 1;
    }
  }

  #fail(counted) {
    const waited = waits(counted);
    if (this.#once(counted, 'failed') && waited) this.#queued -= 1;
  }

  #once(counted, flow) {
    if (counted.has(flow)) return false;
    counted.add(flow);
    this.#count(flow);
    return true;
  }

  #count(flow) {
    this.#numbers[flow] += 1;
    this.#last[`${flow}At`] = Date.now();
  }

  #of(id) {
    let counted = this.#messages.get(id);
    if (counted === undefined) {
      if (this.#messages.size >= REMEMBERED) this.#forgetOldest();
      this.#messages.set(id, (counted = new Set()));
    }
    return counted;
  }

  #forgetOldest() {
    const [[id, counted]] = this.#messages;
    this.#messages.delete(id);
    if (waits(counted)) this.#queued -= 1;
  }
}

/** The counters of all sessions; they outlive browsers, and a session that is given up and started again. */
export class Traffic {
  #sessions = new Map();

  /** @param {string} boot names the life of the service, and so that of the counters */
  constructor(boot) {
    this.boot = boot;
  }

  /**
   * @param {string} sessionId
   * @returns {Counters}
   */
  of(sessionId) {
    let found = this.#sessions.get(sessionId);
    if (found === undefined) {
      if (this.#sessions.size >= SESSIONS) this.#sessions.delete(this.#sessions.keys().next().value);
      this.#sessions.set(sessionId, (found = new Counters()));
    }
    return found;
  }

  /** @returns {[flow: string, number: number][]} of all sessions together */
  totals() {
    const counted = [...this.#sessions.values()].map((counters) => counters.read());
    return FLOWS.map((flow) => [flow, counted.reduce((sum, numbers) => sum + numbers[flow], 0)]);
  }

  /** @returns {[sessionId: string, counted: object][]} */
  read() {
    return [...this.#sessions].map(([sessionId, counters]) => [sessionId, counters.read()]);
  }
}

/** Whether a message is out of our hands, and nothing became of it yet. */
function waits(counted) {
  return counted.has('sent') && !counted.has('failed') && !counted.has('unseen') && highest(counted) <= 0;
}

function highest(counted) {
  return LEVELS.findLastIndex((flow) => counted.has(flow));
}
