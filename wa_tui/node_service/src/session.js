import { within } from './deadline.js';
import { DeadlineExceeded, NeedsScan, StartTimeout, words } from './errors.js';
import { Healing } from './healing.js';
import { unlink } from './page_calls.js';
import { WHY } from './probe.js';
import { Run } from './run.js';
import { askServer } from './server_check.js';
import { State } from './state.js';

/** Reasons after which the stored credentials are worth nothing. */
const REVOKED = new Set(['LOGOUT', 'UNPAIRED', 'UNPAIRED_IDLE']);
const GIVEN_UP = 'The session was given up while it started';

/**
 * One WhatsApp account, over as many browsers as it takes. `ended` is set once it is given up, and resolves when its
 * browser is closed.
 */
export class Session {
  ended = null;

  #parts;
  #run = null;
  #outcome = null;
  #opening = false;
  #checking = null;
  #asking = null;
  #giveUp = () => {};
  #healing;

  /**
   * @param {string} id
   * @param {number | string | null} userId
   * @param {object} parts createClient, profiles, deadlines, log, traffic, starts (a limiter), announce(session,
   *   status, fields) and onEnd(session)
   */
  constructor(id, userId, parts) {
    this.id = id;
    this.userId = userId;
    this.#parts = parts;
    this.traffic = parts.traffic.of(id);
    this.state = new State((status, fields) => parts.announce(this, status, fields));
    this.#healing = new Healing(this, parts);
  }

  /** Its browser, null before the first start. */
  get run() {
    return this.#run;
  }

  /** The library's client, null before the first start. */
  get client() {
    return this.#run?.client ?? null;
  }

  /** Whether its credentials were accepted and the account is still being loaded. */
  get loading() {
    return this.#opening && (this.#run?.loading ?? false);
  }

  /** Whether a call into its page tells something: it should work, and is not being healed. */
  get provable() {
    const { status, age } = this.state;
    const stuck = status === 'authenticated' && age > this.#parts.deadlines.load;
    const paired = status === 'connected' || status === 'disconnected' || stuck;
    return paired && !this.#opening && !this.#healing.active && this.ended === null;
  }

  /**
   * Starts a browser and waits for a QR code or the connection; a failure leaves closing it to the caller.
   * @param {{qrAllowed: boolean, ms: number, patient: boolean}} how `patient`: an account being loaded gets more time
   * @returns {Promise<'qr_pending' | 'connected'>} rejects with StartTimeout, NeedsScan, NoBrowser or what went wrong
   */
  async open({ qrAllowed, ms, patient }) {
    if (this.ended !== null) throw new Error(GIVEN_UP);
    const { load } = this.#parts.deadlines;
    const outcome = (this.#outcome = this.#begin(qrAllowed));
    try {
      return await within(outcome, ms, 'The start');
    } catch (problem) {
      if (!(problem instanceof DeadlineExceeded)) throw problem;
      if (!patient || !this.loading) throw this.#run.hanging ?? new StartTimeout();
      return await within(outcome, load - ms, 'Loading the account');
    }
  }

  /** Gives an account that is being loaded the rest of its time, in the background. */
  async keepLoading() {
    const { init, load } = this.#parts.deadlines;
    try {
      await within(this.#outcome, load - init, 'Loading the account');
    } catch (problem) {
      this.#end('disconnected', { error: words(problem) });
    }
  }

  /**
   * Proves the session by a call into its page and acts on what that shows; concurrent calls share one.
   * @param {string} [reason] said if it is no longer fit
   * @returns {Promise<import('./probe.js').Proof>}
   */
  check(reason) {
    this.#checking ??= this.#check(reason).finally(() => (this.#checking = null));
    return this.#checking;
  }

  /**
   * Has WhatsApp's server asked about the session; concurrent calls share one question.
   * @returns {Promise<import('./server_check.js').ServerAnswer>}
   */
  askServer() {
    this.#asking ??= askServer(this, this.#parts.deadlines.server).finally(() => (this.#asking = null));
    return this.#asking;
  }

  /** Tries a waiting restart now. */
  hurry() {
    this.#healing.hurry();
  }

  /** The client works: says so, unless that is known or the session was given up meanwhile. */
  connected() {
    if (this.ended === null) this.state.connected(numberOf(this.client.info?.wid));
  }

  /**
   * Closes the browser and gives the session up.
   * @param {{forget?: boolean}} [how] `forget`: the credentials go too
   * @returns {Promise<void>}
   */
  close({ forget = false } = {}) {
    this.ended ??= this.#shut(forget);
    this.#parts.onEnd(this);
    return this.ended;
  }

  /** Unlinks the account from its phone where that can be reached, and removes the credentials. */
  async logout() {
    const { deadlines, log } = this.#parts;
    if (this.state.status === 'connected') {
      await unlink(this.client, deadlines.call).catch((problem) =>
        log.warn(`Session ${this.id}: its phone may still show this device: ${words(problem)}`),
      );
    }
    this.#end('disconnected', { reason: 'LOGOUT' }, true);
    await this.ended;
  }

  #begin(qrAllowed) {
    const run = (this.#run = new Run(this.id, this.#parts));
    this.#opening = true;
    const outcome = new Promise((resolve, reject) => {
      this.#giveUp = () => reject(new Error(GIVEN_UP));
      run.on('qr', (text) => {
        if (!qrAllowed) return reject(new NeedsScan('it shows a QR code: no stored credentials'));
        this.state.show(text);
        resolve('qr_pending');
      });
      run.on('ready', () => {
        this.traffic.begin();
        if (!this.#healing.active) this.connected();
        resolve('connected');
      });
      this.#listen(run, reject);
      run.start().catch(reject);
    });
    const settled = () => (this.#opening = false);
    outcome.then(settled, settled);
    return outcome;
  }

  #listen(run, reject) {
    run.on('authenticated', () => this.state.status !== 'connected' && this.state.become('authenticated'));
    run.on('auth_failure', (message) => {
      reject(new Error(`Authentication failed: ${message}`));
      this.#end('auth_failed', { error: String(message) });
    });
    run.on('disconnected', (reason) => {
      reject(new Error(reason));
      this.#end('disconnected', { reason: String(reason) }, REVOKED.has(reason));
    });
    run.on('message_create', (message) => this.traffic.created(message));
    run.on('message_ack', (message, ack) => this.traffic.acknowledged(message, ack));
    run.on('change_state', (state) => state === 'CONNECTED' && this.provable && this.check());
    const lost = (reason, how) => (this.#opening ? reject(new Error(reason)) : this.#lost(reason, how));
    run.on('died', (reason) => lost(reason));
    run.on('crashed', (reason) => lost(reason, { reload: true }));
  }

  #end(status, fields, forget = false) {
    if (this.ended === null) this.state.become(status, fields);
    this.close({ forget }).catch((problem) => this.#parts.log.warn(`Session ${this.id}: ${words(problem)}`));
  }

  async #shut(forget) {
    this.#healing.stop();
    this.#giveUp();
    await this.#run?.close();
    if (forget) await this.#parts.profiles.remove(this.id);
  }

  async #check(reason) {
    const run = this.#run;
    const proof = await run.prove();
    if (run !== this.#run || !this.provable) return proof;
    const why = reason ?? WHY[proof.verdict] ?? `State ${proof.state}`;
    if (proof.verdict === 'fit') {
      this.state.proven();
      this.connected();
    } else if (proof.verdict === 'closed' || this.#offlineTooLong()) {
      this.#healing.recover(why);
    } else {
      this.state.become('disconnected', { reason: why });
      if (proof.verdict !== 'waiting') this.#healing.doubt(run);
    }
    return proof;
  }

  #offlineTooLong() {
    return this.state.status === 'disconnected' && this.state.age > this.#parts.deadlines.offline;
  }

  #lost(reason, how) {
    // Without credentials there is nothing that could come back by itself.
    if (this.state.status === 'qr_pending') this.#end('disconnected', { reason });
    else this.#healing.recover(reason, how);
  }
}

/** Returns an account's number; the id of one that hides it is none. */
function numberOf(wid) {
  return wid?.server === undefined || wid.server === 'c.us' ? wid?.user : undefined;
}
