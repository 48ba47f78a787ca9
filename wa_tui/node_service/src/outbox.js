import { randomUUID } from 'node:crypto';
import path from 'node:path';

import { OutboxFile } from './outbox_file.js';

const COMPACT_AFTER = 2000;

/**
 * The events for the control plane, on disk until each was delivered. Bounded: over `limit` the oldest event goes
 * whose session has a newer one; a session's newest is never dropped.
 */
export class Outbox {
  /** This start of the service. */
  bootId = randomUUID();
  dropped = 0;
  dead = 0;
  delivered = 0;

  #file;
  #log;
  #limit;
  #entries = new Map();
  #queues = new Map();
  #sequence = 0;
  #latest = new Map();
  #finished = 0;

  /**
   * @param {string} directory
   * @param {{limit: number, log: object}} settings and what an OutboxFile takes besides
   */
  constructor(directory, { limit, log, ...disk }) {
    this.#file = new OutboxFile(path.join(directory, 'outbox.jsonl'), () => this.#pending(), { log, ...disk });
    this.#limit = limit;
    this.#log = log;
    /** Called with a session's id when an event of it may be sent. */
    this.onReady = () => {};
  }

  /** Events not delivered yet. */
  get depth() {
    return this.#entries.size;
  }

  /** Why they are not on the disk, null while they are. */
  get trouble() {
    return this.#file.trouble;
  }

  /** Those of them that a former start of the service left. */
  get former() {
    return this.#pending().filter(({ bootId }) => bootId !== this.bootId).length;
  }

  /** Takes up what a former start of the service left. */
  async open() {
    for (const event of await this.#file.load()) this.#enqueue(event);
    await this.#file.compact();
    if (this.depth > 0) this.#log.info(`Outbox: ${this.depth} events of a former start are to be delivered`);
  }

  /** Offers every session that has events to `onReady`. */
  resume() {
    for (const id of [...this.#queues.keys()]) this.onReady(id);
  }

  /**
   * Takes an event in; it is offered for delivery once it is on the disk, or the disk does not take it.
   * @param {string} sessionId
   * @param {object} fields userId, status and what belongs to it (contract §2)
   * @returns {Promise<void>}
   */
  async put(sessionId, fields) {
    const event = {
      sessionId,
      ...fields,
      timestamp: this.#timestamp(sessionId),
      eventId: randomUUID(),
      sequence: ++this.#sequence,
      bootId: this.bootId,
    };
    this.#enqueue(event);
    this.#bound();
    await this.#file.keep(['put', event]);
    this.onReady(sessionId);
  }

  /**
   * @param {string} sessionId
   * @returns {object | undefined} the event whose turn it is
   */
  head(sessionId) {
    const entry = this.#queues.get(sessionId)?.[0];
    if (entry) entry.offered = true;
    return entry?.event;
  }

  /**
   * An event was taken by the control plane.
   * @param {object} event
   */
  done(event) {
    this.delivered += 1;
    this.#remove(event);
  }

  /**
   * An event will never be taken: the control plane said so, and why.
   * @param {object} event
   * @param {string} why
   */
  giveUp(event, why) {
    this.dead += 1;
    this.#log.warn(`Outbox: ${described(event)} was refused for good: ${why}`);
    this.#remove(event);
  }

  /** Writes everything to the disk and closes. */
  async close() {
    await this.#file.close();
  }

  #enqueue(event) {
    const entry = { event, offered: false };
    this.#entries.set(event.eventId, entry);
    if (!this.#queues.has(event.sessionId)) this.#queues.set(event.sessionId, []);
    this.#queues.get(event.sessionId).push(entry);
  }

  #pending() {
    return Array.from(this.#entries.values(), ({ event }) => event);
  }

  #bound() {
    while (this.depth > this.#limit) {
      const oldest = this.#superseded();
      if (oldest === undefined) return;
      this.dropped += 1;
      this.#log.warn(
        `Outbox: full with ${this.#limit} events: dropping ${described(oldest)}, which a newer one supersedes`,
      );
      this.#remove(oldest);
    }
  }

  #superseded() {
    for (const entry of this.#entries.values()) {
      if (!entry.offered && entry !== this.#queues.get(entry.event.sessionId).at(-1)) return entry.event;
    }
    return undefined;
  }

  #remove(event) {
    const entry = this.#entries.get(event.eventId);
    if (entry === undefined) return;
    this.#entries.delete(event.eventId);
    const queue = this.#queues.get(event.sessionId);
    queue.splice(queue.indexOf(entry), 1);
    if (queue.length === 0) this.#queues.delete(event.sessionId);
    this.#file.keep(['done', event.eventId]);
    this.#finished += 1;
    if (this.#finished >= COMPACT_AFTER && this.#finished > this.depth) {
      this.#finished = 0;
      this.#file.compact();
    }
  }

  /** Two events of one session never share a timestamp: a control plane that knows no sequence orders by it. */
  #timestamp(sessionId) {
    const at = Math.max(Date.now(), (this.#latest.get(sessionId) ?? 0) + 1);
    this.#latest.set(sessionId, at);
    return new Date(at).toISOString();
  }
}

function described({ sessionId, status, sequence }) {
  return `event ${sequence} (${status}) of session ${sessionId}`;
}
