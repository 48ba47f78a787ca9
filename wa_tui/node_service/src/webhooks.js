import { textOf } from './answers.js';
import { retryAfter } from './control_plane.js';
import { backOff, sleep } from './deadline.js';
import { words } from './errors.js';
import { limiter } from './limiter.js';
import { qrPicture } from './qr_picture.js';
import { signature } from './signing.js';

const WIDTH = 4;
const RETRY = { first: 500, most: 10_000 };
/** The event itself is not acceptable: sending it again changes nothing. */
const HOPELESS = new Set([400, 413, 415, 422]);
/** Other refusals, such as 404 for a session the control plane does not know yet, get so many tries. */
const TRIES = 6;
/** What an operator will mend (a key, an address), or the control plane itself. */
const PATIENT = new Set([401, 403, 408, 425, 429]);

/**
 * Delivers the outbox: the events of one session in their order, each until it was answered 2xx, several sessions at
 * once.
 */
export class Webhooks {
  #outbox;
  #config;
  #log;
  #gate = limiter(WIDTH);
  #busy = new Map();
  #stop = new AbortController();
  #trouble = null;

  /**
   * @param {import('./outbox.js').Outbox} outbox
   * @param {object} config
   * @param {object} log
   */
  constructor(outbox, config, log) {
    this.#outbox = outbox;
    this.#config = config;
    this.#log = log;
  }

  /** Begins, with what is in the outbox. */
  start() {
    this.#outbox.onReady = (sessionId) => this.#deliver(sessionId);
    this.#outbox.resume();
  }

  /** Tries again now what waits for its next try. */
  hurry() {
    for (const { wake } of this.#busy.values()) wake.abort();
  }

  /** Ends; what is not delivered stays in the outbox. */
  async stop() {
    this.#stop.abort();
    await Promise.allSettled([...this.#busy.values()].map(({ done }) => done));
  }

  #deliver(sessionId) {
    if (this.#busy.has(sessionId) || this.#stop.signal.aborted) return;
    const entry = { wake: new AbortController(), done: null };
    this.#busy.set(sessionId, entry);
    entry.done = this.#drain(sessionId, entry);
  }

  async #drain(sessionId, entry) {
    let tries = 0;
    for (let event; (event = this.#outbox.head(sessionId)) && !this.#stop.signal.aborted;) {
      const answer = await this.#gate(() => this.#post(event));
      if (this.#stop.signal.aborted && !answer.ok) return;
      tries = await this.#judge(event, answer, tries, entry);
    }
    // At once, so that an event that comes now finds nobody busy.
    this.#busy.delete(sessionId);
  }

  /** @returns {Promise<number>} how often the session's next event has been tried */
  async #judge(event, { ok, status, why, retryAfter }, tries, entry) {
    if (ok) {
      this.#outbox.done(event);
      this.#recovered();
      return 0;
    }
    const refused = status >= 400 && status < 500 && !PATIENT.has(status);
    if (HOPELESS.has(status) || (refused && tries + 1 >= TRIES)) {
      this.#outbox.giveUp(event, why);
      return 0;
    }
    this.#complain(why);
    entry.wake = new AbortController();
    const signal = AbortSignal.any([entry.wake.signal, this.#stop.signal]);
    await sleep(Math.max(backOff(tries, RETRY), retryAfter), signal);
    return tries + 1;
  }

  async #post(event) {
    const signal = AbortSignal.any([AbortSignal.timeout(this.#config.deadlines.webhook), this.#stop.signal]);
    try {
      const body = JSON.stringify(await onTheWire(event));
      const { webhookUrl, apiKey, webhookSecret = null } = this.#config;
      const response = await fetch(webhookUrl, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-api-key': apiKey,
          ...signature(webhookSecret, event.eventId, body),
        },
        body,
        // A redirected POST would become a GET.
        redirect: 'manual',
        signal,
      });
      // Its status says whether it has the event, whatever becomes of the rest.
      const { text } = await textOf(response, 200).catch(() => ({ text: '' }));
      const why = `the control plane answered ${response.status}: ${text}`;
      return { ok: response.ok, status: response.status, why, retryAfter: retryAfter(response) };
    } catch (problem) {
      return { ok: false, status: 0, why: words(problem.cause ?? problem), retryAfter: 0 };
    }
  }

  /** It answers again: whoever waits for that need not wait longer. */
  #recovered() {
    if (this.#trouble === null) return;
    this.#log.info(`Webhooks are delivered again, ${this.#outbox.depth} left`);
    this.#trouble = null;
    this.hurry();
  }

  #complain(why) {
    if (this.#trouble === why) return;
    this.#trouble = why;
    this.#log.warn(`Webhooks to ${this.#config.webhookUrl} are kept and tried again: ${why}`);
  }
}

/** The picture is made when it is needed: the outbox keeps the code's text alone. */
async function onTheWire(event) {
  if (!event.qr) return event;
  const { sessionId, userId, timestamp, status, ...rest } = event;
  return { sessionId, userId, timestamp, status, qrCode: await qrPicture(event.qr), ...rest };
}
