import { EventEmitter, once } from 'node:events';

import { within } from './deadline.js';
import { Launch } from './launch.js';
import { lastWords, noBrowser } from './no_browser.js';
import { prove } from './probe.js';
import { QR_LIFE } from './state.js';

const PASSED_ON = ['qr', 'authenticated', 'ready', 'auth_failure', 'disconnected', 'change_state', 'message_create', 'message_ack'];

/**
 * One browser of a session, from its start to its end. Passes the client's events on until it is closed, and adds
 * `died` (the browser or its page is gone) and `crashed` (the page's renderer is).
 */
export class Run extends EventEmitter {
  #id;
  #parts;
  #launch = null;
  #starting = null;
  #settled = false;
  #shown = false;
  #refresh;
  #closing = null;
  #muted = false;
  #answers = false;

  /**
   * @param {string} id
   * @param {{createClient: Function, profiles: import('./profiles.js').Profiles, deadlines: object, log: object}} parts
   */
  constructor(id, parts) {
    super();
    this.#id = id;
    this.#parts = parts;
    this.client = null;
  }

  /** Whether the credentials were accepted without a QR code and the account is being loaded. */
  get loading() {
    return this.#settled && !this.#shown;
  }

  /** Starts the browser and loads the page; resolves once that shows a QR code or accepts the credentials. */
  async start() {
    const { profiles, createClient } = this.#parts;
    await profiles.clear(this.#id);
    if (this.#muted) return;
    this.#launch = new Launch(profiles.directory(this.#id));
    this.client = createClient(this.#id);
    this.client.on('qr', () => this.#renew());
    this.client.on('browser', () => this.#watch());
    for (const name of ['authenticated', 'ready']) this.client.on(name, () => clearTimeout(this.#refresh));
    for (const name of PASSED_ON) this.client.on(name, (...values) => this.#pass(name, ...values));
    this.#starting = this.#initialized();
    await this.#starting;
    this.#settled = true;
  }

  async #initialized() {
    try {
      await this.client.initialize();
    } catch (problem) {
      throw this.client.pupBrowser ? problem : await this.#noBrowser(problem);
    }
  }

  async #noBrowser(problem) {
    const { log, profiles } = this.#parts;
    await this.#launch.settled();
    const found = noBrowser(problem, this.#launch, () => profiles.holder(this.#id));
    for (const line of found.fields.output) log.warn(`Session ${this.#id}: the browser said: ${line}`);
    return found;
  }

  /** Why there is no browser although it had its time: it hangs. Null where there is one, or none was started. */
  get hanging() {
    if (this.client === null || this.client.pupBrowser) return null;
    return noBrowser(new Error('The start timed out'), this.#launch, () => this.#parts.profiles.holder(this.#id));
  }

  /** Whether WhatsApp's server was seen to find a number by a question of this browser. */
  get hasAnswered() {
    return this.#answers;
  }

  /** WhatsApp's server found a number that this browser asked for: such a question works. */
  answered() {
    this.#answers = true;
  }

  /** @returns {Promise<import('./probe.js').Proof>} */
  prove() {
    return prove(this.client, this.#parts.deadlines.proof);
  }

  /** Loads the page anew, in the same browser; rejects unless it is ready and proven in time. */
  async reload() {
    const ms = this.#parts.deadlines.reload;
    const abort = new AbortController();
    const ready = once(this, 'ready', { signal: abort.signal });
    try {
      await within(Promise.all([ready, this.client.pupPage.reload()]), ms, 'The reload');
    } finally {
      abort.abort();
    }
    const { verdict } = await this.prove();
    if (verdict !== 'fit') throw new Error(`The reloaded page is ${verdict}`);
  }

  /** Closes the browser, by force where it does not close by itself; passes nothing on from here on. */
  close() {
    this.#muted = true;
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close() {
    const { deadlines } = this.#parts;
    if (this.client === null) return;
    clearTimeout(this.#refresh);
    try {
      await within(this.client.destroy(), deadlines.close, 'Closing the browser');
    } catch {
      // Ended below.
    }
    // One that is still starting has no handle for the library: its end makes the start fail.
    await this.#launch.end();
    await within(this.#starting, deadlines.close, 'The start').catch(() => {});
    await this.#launch.end();
    this.#launch.forget();
  }

  /** An idle page stops at its last code, and the library's own way to go on does not work: asked for here. */
  #renew() {
    this.#shown = true;
    clearTimeout(this.#refresh);
    if (this.#muted) return;
    this.#refresh = setTimeout(() => {
      this.client.pupPage.evaluate(() => window.require('WAWebCmd').Cmd.refreshQR()).catch(() => {});
    }, QR_LIFE);
  }

  #watch() {
    const { pupBrowser, pupPage } = this.client;
    pupBrowser.on('disconnected', () => this.#died('Browser disconnected'));
    pupPage.on('error', (error) => this.#pass('crashed', error.message));
    pupPage.on('close', () => this.#died('Page closed, browser disconnected'));
  }

  /** The log has how, for whoever wants to know why. */
  #died(reason) {
    if (this.#muted) return;
    lastWords(this.#launch).then((said) => this.#parts.log.warn(`Session ${this.#id}: ${said}`));
    this.#pass('died', reason);
  }

  #pass(name, ...values) {
    if (!this.#muted) this.emit(name, ...values);
  }
}
