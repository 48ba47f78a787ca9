import { backOff, sleep } from './deadline.js';
import { NoBrowser, words } from './errors.js';
import { WHY } from './probe.js';

const RESTART = { first: 1_000, most: 60_000 };
/** Connected for so long, the next death is not one more of a row. */
const STEADY = 60_000;

/** Brings a session back whose page or browser is gone: by a reload, else by a new browser, as often as it takes. */
export class Healing {
  /** Whether the session is being healed. */
  active = false;

  #session;
  #parts;
  #restarts = 0;
  #doubted = false;
  #stop = new AbortController();
  #hurry = new AbortController();

  /**
   * @param {import('./session.js').Session} session
   * @param {object} parts deadlines, log and starts (a limiter)
   */
  constructor(session, parts) {
    this.#session = session;
    this.#parts = parts;
  }

  /** Tries a waiting restart now. */
  hurry() {
    this.#hurry.abort();
    this.#hurry = new AbortController();
  }

  /** Ends all waiting: the session was given up. */
  stop() {
    this.#stop.abort();
    this.hurry();
  }

  /**
   * @param {string} reason what happened, as announced
   * @param {{reload?: boolean}} [how] `reload`: the browser lives, so that its page may do
   */
  async recover(reason, { reload = false } = {}) {
    const { id, state, ended } = this.#session;
    if (this.active || ended !== null) return;
    this.active = true;
    if (state.status === 'connected' && state.age > STEADY) this.#restarts = 0;
    this.#parts.log.warn(`Session ${id}: ${reason}; ${reload ? 'reloading its page' : 'restarting its browser'}`);
    state.become('disconnected', { reason });
    const healed = (reload && (await this.#reloaded())) || (await this.#restarted());
    this.active = false;
    if (healed === 'connected') this.#session.connected();
  }

  /**
   * A page that is busy, or loading itself anew, gets a second look before it is healed.
   * @param {import('./run.js').Run} run
   */
  async doubt(run) {
    if (this.#doubted) return;
    this.#doubted = true;
    await sleep(this.#parts.deadlines.patience, this.#stop.signal);
    this.#doubted = false;
    const session = this.#session;
    const settled = () => run !== session.run || !session.provable || session.state.status === 'connected';
    if (settled()) return;
    const { verdict } = await run.prove();
    if (settled() || verdict === 'waiting') return;
    if (verdict === 'fit') session.connected();
    else this.recover(WHY[verdict], { reload: verdict === 'unsynced' });
  }

  /** @returns {Promise<'connected' | null>} */
  async #reloaded() {
    try {
      await this.#session.run.reload();
      return 'connected';
    } catch (problem) {
      this.#parts.log.warn(`Session ${this.#session.id}: ${words(problem)}; restarting its browser`);
      return null;
    }
  }

  /** @returns {Promise<'connected' | 'qr_pending' | null>} null when the session was given up */
  async #restarted() {
    const session = this.#session;
    const { deadlines, log, starts } = this.#parts;
    while (session.ended === null) {
      await session.run.close();
      if (this.#restarts > 0) await sleep(backOff(this.#restarts - 1, RESTART), this.#hurry.signal);
      this.#restarts += 1;
      try {
        return await starts(() => session.open({ qrAllowed: true, ms: deadlines.restore, patient: true }));
      } catch (problem) {
        if (session.ended !== null) return null;
        log.warn(`Session ${session.id}: restart failed: ${words(problem)}; trying again`);
        if (problem instanceof NoBrowser) session.state.explain({ reason: problem.message, ...problem.fields });
      }
    }
    return null;
  }
}
