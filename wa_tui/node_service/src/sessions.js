import { backOff, sleep } from './deadline.js';
import { DeadlineExceeded, NeedsScan, NoBrowser, Refusal, StartTimeout, words } from './errors.js';
import { limiter } from './limiter.js';
import { Session } from './session.js';

const ID = /^[-_A-Za-z0-9]+$/;
/** A profile's directory must fit into a file name. */
const LONGEST_ID = 200;
const RESTORE_TRIES = 3;
const RETRY = { first: 500, most: 2_000 };

export const NOT_RESTORED = 'Failed to restore session on Node.js restart';

/** Every session of the service, one client an id at most. */
export class Sessions {
  #config;
  #parts;
  #open = new Map();
  /** Browsers that are being closed: the next client of such an id waits for its profile. */
  #closing = new Map();

  /**
   * @param {object} config
   * @param {object} parts createClient, profiles, log, traffic and announce(session, status, fields)
   */
  constructor(config, parts) {
    this.#config = config;
    this.#parts = {
      ...parts,
      deadlines: config.deadlines,
      starts: limiter(config.restoreConcurrency),
      onEnd: (session) => this.#release(session),
    };
  }

  /** @returns {Session[]} */
  all() {
    return [...this.#open.values()];
  }

  /**
   * @param {string} id
   * @returns {Session | undefined}
   */
  get(id) {
    return this.#open.get(id);
  }

  /**
   * Starts a client and waits for its QR code or its connection (contract §1).
   * @param {string} id
   * @param {number | string} userId
   * @returns {Promise<Session>} rejects with StartTimeout or Refusal; the id is free again then, unless the account's
   *   credentials were accepted and it is only slow to load
   */
  async init(id, userId) {
    const session = this.#claim(id, userId);
    try {
      await this.#closing.get(id);
      await session.open({ qrAllowed: true, ms: this.#config.deadlines.init, patient: false });
    } catch (problem) {
      if (problem instanceof StartTimeout && session.loading) {
        session.keepLoading();
        throw problem;
      }
      this.#parts.log.warn(`Session ${id}: not started: ${words(problem)}`);
      session.close().catch(() => {});
      throw problem instanceof StartTimeout || problem instanceof Refusal ? problem : new Refusal(words(problem));
    }
    return session;
  }

  /**
   * Brings a session back from its stored credentials.
   * @param {string} id
   * @param {number | string | null} userId
   * @returns {Promise<boolean | null>} whether it is there; where it is not, that was announced and its browser is
   *   closed; null when somebody else has started it
   */
  async restore(id, userId) {
    if (this.#open.has(id)) return null;
    let session;
    try {
      session = this.#claim(id, userId);
      if (!this.#parts.profiles.stored(id)) throw new Refusal('no stored credentials');
      await this.#closing.get(id);
      await this.#parts.starts(() => this.#reopen(session));
      return true;
    } catch (problem) {
      this.#parts.log.warn(`Session ${id}: not restored: ${words(problem)}`);
      if (session?.ended) return null;
      this.#parts.announce(session ?? { id, userId }, 'disconnected', { ...whyNot(problem), error: NOT_RESTORED });
      await session?.close();
      return false;
    }
  }

  /**
   * Destroys a client; its credentials stay.
   * @param {string} id
   * @returns {Promise<boolean>} whether there was one
   */
  async disconnect(id) {
    const session = this.#open.get(id);
    if (session === undefined) return false;
    await session.close();
    return true;
  }

  /**
   * Starts a client anew; as `init`. A failure is announced too: the session was there before.
   * @param {string} id
   * @returns {Promise<Session>}
   */
  async restart(id) {
    const { userId } = this.known(id);
    await this.disconnect(id);
    try {
      return await this.init(id, userId);
    } catch (problem) {
      const why = { error: words(problem), ...problem.fields };
      if (!this.#open.has(id)) this.#parts.announce({ id, userId }, 'disconnected', why);
      throw problem;
    }
  }

  /**
   * @param {string} id
   * @returns {Session}
   * @throws {Refusal} in the contract's words
   */
  known(id) {
    const session = this.#open.get(id);
    if (session === undefined) throw new Refusal('Client not found. Please reconnect the session.');
    return session;
  }

  /** Closes every browser; resolves once they are gone. */
  async closeAll() {
    for (const session of this.#open.values()) session.close().catch(() => {});
    await Promise.allSettled(this.#closing.values());
  }

  /** Starts a browser on stored credentials; one that fails to start, or dies meanwhile, is not the end of it. */
  async #reopen(session) {
    const until = performance.now() + this.#config.deadlines.restore;
    this.#parts.log.info(`Restoring session: ${session.id}`);
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await session.open({ qrAllowed: false, ms: until - performance.now(), patient: true });
      } catch (problem) {
        const final = [NeedsScan, StartTimeout, DeadlineExceeded].some((kind) => problem instanceof kind);
        if (final || session.ended !== null || attempt + 1 === RESTORE_TRIES) throw problem;
        this.#parts.log.warn(`Session ${session.id}: ${words(problem)}; trying again`);
        await session.run.close();
        await sleep(backOff(attempt, RETRY));
      }
    }
  }

  #claim(id, userId) {
    if (!ID.test(id)) {
      throw new Refusal('Invalid clientId. Only alphanumeric characters, underscores and hyphens are allowed.');
    }
    if (id.length > LONGEST_ID) throw new Refusal(`Invalid clientId. At most ${LONGEST_ID} characters are allowed.`);
    if (this.#open.has(id)) {
      // Whoever asks wants it now: one that waits for its next try need not wait longer.
      this.#open.get(id).hurry();
      throw new Refusal('Client already exists');
    }
    const limit = this.#config.maxSessions;
    if (this.#open.size >= limit) throw new Refusal(`Maximum number of sessions reached (${limit})`);
    const session = new Session(id, userId, this.#parts);
    this.#open.set(id, session);
    return session;
  }

  #release(session) {
    if (this.#open.get(session.id) !== session) return;
    this.#open.delete(session.id);
    const closed = session.ended
      .catch(() => {})
      .finally(() => {
        if (this.#closing.get(session.id) === closed) this.#closing.delete(session.id);
      });
    this.#closing.set(session.id, closed);
  }
}

/** What is said of a session that could not be restored, besides that. */
function whyNot(problem) {
  // A code where there were credentials: they are worth nothing any more.
  if (problem instanceof NeedsScan) return { reason: 'UNPAIRED' };
  return problem instanceof NoBrowser ? { reason: problem.message, ...problem.fields } : {};
}
