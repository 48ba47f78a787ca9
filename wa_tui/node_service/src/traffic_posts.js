import { textOf } from './answers.js';
import { words } from './errors.js';
import { sleep } from './deadline.js';

/** Sessions in one post. */
const BATCH = 500;
/** Before a control plane that has no such route is asked again: the original one has none. */
const PAUSE = 3_600_000;

/**
 * Posts the counters that changed, at an interval. They only grow: what is lost is in the next, and what comes twice or
 * late costs nothing. So nothing is kept for it, and nothing waits for it.
 */
export class TrafficPosts {
  #traffic;
  #config;
  #log;
  #posted = new Map();
  #stop = new AbortController();
  #running = Promise.resolve();
  #trouble = null;
  #pausedUntil = 0;

  /**
   * @param {import('./traffic.js').Traffic} traffic
   * @param {object} config
   * @param {object} log
   */
  constructor(traffic, config, log) {
    this.#traffic = traffic;
    this.#config = config;
    this.#log = log;
  }

  start() {
    if (this.#config.trafficUrl !== null) this.#running = this.#run();
  }

  /** Posts what is not posted yet, in a moment, and ends. */
  async stop() {
    this.#stop.abort();
    await this.#running;
  }

  async #run() {
    const { trafficInterval, deadlines } = this.#config;
    while (!this.#stop.signal.aborted) {
      await sleep(trafficInterval, this.#stop.signal);
      if (!this.#stop.signal.aborted) await this.#postChanged(deadlines.webhook);
    }
    // The last must not hold up the end.
    await this.#postChanged(deadlines.lastPost);
  }

  async #postChanged(ms) {
    if (performance.now() < this.#pausedUntil) return;
    const changed = this.#traffic
      .read()
      .map(([sessionId, counted]) => [sessionId, counted, JSON.stringify(counted)])
      .filter(([sessionId, counted, text]) => text !== this.#posted.get(sessionId) && any(counted));
    for (let start = 0; start < changed.length; start += BATCH) {
      const batch = changed.slice(start, start + BATCH);
      if (!(await this.#post(batch, ms))) return;
      for (const [sessionId, , text] of batch) this.#posted.set(sessionId, text);
    }
  }

  async #post(batch, ms) {
    const sessions = batch.map(([sessionId, counted]) => ({ sessionId, ...counted }));
    let why;
    try {
      const response = await fetch(this.#config.trafficUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': this.#config.apiKey },
        body: JSON.stringify({ boot: this.#traffic.boot, sessions }),
        redirect: 'manual',
        signal: AbortSignal.timeout(ms),
      });
      const { text } = await textOf(response, 200).catch(() => ({ text: '' }));
      if (response.status === 404) return this.#pause();
      if (response.ok) {
        this.#trouble = null;
        return true;
      }
      why = `the control plane answered ${response.status}: ${text}`;
    } catch (problem) {
      why = words(problem.cause ?? problem);
    }
    this.#complain(why);
    return false;
  }

  #pause() {
    this.#pausedUntil = performance.now() + PAUSE;
    this.#complain('the control plane has no such route; it is asked again in an hour');
    return false;
  }

  #complain(why) {
    if (this.#trouble === why) return;
    this.#trouble = why;
    this.#log.info(`Counts of messages are not posted to ${this.#config.trafficUrl}: ${why}`);
  }
}

/** Whether anything was counted: of a session that never had a message there is nothing to say. */
function any(counted) {
  return Object.values(counted).some((number) => number > 0);
}
