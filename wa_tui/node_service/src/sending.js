import { within } from './deadline.js';
import { DeadlineExceeded, Refusal, words } from './errors.js';
import { fetchMedia } from './media.js';
import { isClosed } from './probe.js';

const CLOSED = 'Client session closed. Please reconnect the session.';

/** Sends messages; each once, and nothing before the session was proven (contract §1). */
export class Sending {
  #sessions;
  #config;
  #messageMedia;

  /**
   * @param {import('./sessions.js').Sessions} sessions
   * @param {object} config
   * @param {Function} messageMedia makes the library's attachment of a fetched file
   */
  constructor(sessions, config, messageMedia) {
    this.#sessions = sessions;
    this.#config = config;
    this.#messageMedia = messageMedia;
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
    connected(this.#sessions.known(sessionId));
    const file = await fetchMedia(mediaUrl, this.#config.media);
    const session = await this.#ready(sessionId);
    const options = { sendMediaAsDocument: mediaType === 'document', ...(caption ? { caption } : {}) };
    return this.#send(session, recipient, this.#messageMedia(file), options);
  }

  async #ready(sessionId) {
    const session = connected(this.#sessions.known(sessionId));
    const { verdict, state } = await session.check();
    if (verdict === 'closed') throw new Refusal(CLOSED);
    if (verdict !== 'fit') {
      const found = verdict === 'waiting' ? state : verdict.toUpperCase();
      throw new Refusal(`Client not ready (state: ${found}). Please reconnect the session.`);
    }
    return session;
  }

  async #send(session, recipient, content, options) {
    const to = recipient.includes('@') ? recipient : `${recipient.replace(/\D/g, '')}@c.us`;
    try {
      const sent = await within(
        session.client.sendMessage(to, content, options),
        this.#config.deadlines.send,
        'Sending',
      );
      if (!sent) throw new Error(`WhatsApp has no chat with ${recipient}`);
      return { messageId: sent.id.id, timestamp: sent.timestamp };
    } catch (problem) {
      if (session.provable) session.check();
      if (problem instanceof DeadlineExceeded) {
        throw new Refusal(`${problem.message}: the message may still go out`);
      }
      throw new Refusal(isClosed(problem) ? CLOSED : words(problem));
    }
  }
}

function connected(session) {
  if (session.state.status === 'connected') return session;
  throw new Refusal(`Client not connected (status: ${session.state.status}). Please reconnect the session.`);
}
