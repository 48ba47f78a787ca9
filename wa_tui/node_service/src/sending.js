import { within } from './deadline.js';
import { DeadlineExceeded, Refusal, words } from './errors.js';
import { fetchMedia } from './media.js';
import { isClosed } from './probe.js';
import { NotARecipient, chatId, parseRecipient } from './recipients.js';

const CLOSED = 'Client session closed. Please reconnect the session.';

/** Sends messages; each once, and nothing before the session was proven (contract §1). */
export class Sending {
  #sessions;
  #config;
  #messageMedia;
  #log;

  /**
   * @param {import('./sessions.js').Sessions} sessions
   * @param {object} config
   * @param {Function} messageMedia makes the library's attachment of a fetched file
   * @param {object} log
   */
  constructor(sessions, config, messageMedia, log) {
    this.#sessions = sessions;
    this.#config = config;
    this.#messageMedia = messageMedia;
    this.#log = log;
  }

  /**
   * @param {{sessionId: string, recipient: string, message: string}} body
   * @returns {Promise<{messageId: string, timestamp: number}>} rejects with Refusal
   */
  async text({ sessionId, recipient, message }) {
    const session = await this.#ready(sessionId);
    return this.#send(session, recipient, message, {});
  }

  /**
   * @param {{sessionId: string, recipient: string, mediaUrl: string, caption?: string, mediaType?: string}} body
   * @returns {Promise<{messageId: string, timestamp: number}>} rejects with Refusal
   */
  async media({ sessionId, recipient, mediaUrl, caption, mediaType }) {
    this.#connected(sessionId);
    const file = await fetchMedia(mediaUrl, this.#config.media);
    const session = await this.#ready(sessionId);
    const options = { sendMediaAsDocument: mediaType === 'document', ...(caption ? { caption } : {}) };
    return this.#send(session, recipient, this.#messageMedia(file), options);
  }

  async #ready(sessionId) {
    const session = this.#connected(sessionId);
    const { verdict, state } = await session.check();
    if (verdict === 'fit') return session;
    session.traffic.refused();
    if (verdict === 'closed') throw new Refusal(CLOSED);
    const found = verdict === 'waiting' ? state : verdict.toUpperCase();
    throw new Refusal(`Client not ready (state: ${found}). Please reconnect the session.`);
  }

  #connected(sessionId) {
    const session = this.#sessions.known(sessionId);
    if (session.state.status === 'connected') return session;
    session.traffic.refused();
    throw new Refusal(`Client not connected (status: ${session.state.status}). Please reconnect the session.`);
  }

  async #send(session, recipient, content, options) {
    const to = parsed(recipient);
    const { client } = session;
    const sending = this.#lookUp(session, to).then((chat) => client.sendMessage(chat, content, options));
    try {
      const sent = await within(sending, this.#config.deadlines.send, 'Sending');
      if (!sent) throw new Error(`WhatsApp has no chat with ${recipient}`);
      // A page whose events do not come counts it all the same.
      session.traffic.sent(sent.id.id);
      return { messageId: sent.id.id, timestamp: sent.timestamp };
    } catch (problem) {
      if (problem instanceof Refusal) throw problem;
      if (session.provable) session.check();
      if (problem instanceof DeadlineExceeded) {
        throw new Refusal(`${problem.message}: the message may still go out`);
      }
      throw new Refusal(isClosed(problem) ? CLOSED : words(problem));
    }
  }

  /** Asks WhatsApp which account a phone number is; one that cannot be looked up is sent to as it was given. */
  async #lookUp({ client, run, id, traffic }, recipient) {
    const to = chatId(recipient);
    if (recipient.kind !== 'phone') return to;
    let found;
    try {
      found = await within(client.getNumberId(to), this.#config.deadlines.lookUp, 'Looking the number up');
    } catch (problem) {
      this.#log.warn(`Session ${id}: ${words(problem)}: it is sent to unseen`);
      return to;
    }
    if (found === null) {
      traffic.refused();
      throw new Refusal(`Recipient unknown: WhatsApp has no account with +${recipient.name}`);
    }
    run.answered();
    return found?._serialized ?? to;
  }
}

/** Returns whom a text names; throws Refusal. */
function parsed(text) {
  try {
    return parseRecipient(text);
  } catch (problem) {
    if (problem instanceof NotARecipient) throw new Refusal(`Bad recipient: ${problem.message}`);
    throw problem;
  }
}
