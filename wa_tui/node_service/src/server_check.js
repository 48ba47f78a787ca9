import { within } from './deadline.js';
import { words } from './errors.js';

/** Reasons after which WhatsApp's server knows the client no longer. */
const UNLINKED = new Set(['LOGOUT', 'UNPAIRED', 'UNPAIRED_IDLE', 'TOS_BLOCK', 'SMB_TOS_BLOCK']);

/**
 * What WhatsApp's server said of a session. `fine`: it has the account. `denied`: it says itself that it has not, or
 * that the client is unlinked. `none`: it did not answer, or nobody could ask; that proves nothing.
 * @typedef {{answer: 'fine' | 'denied' | 'none', detail: string | null}} ServerAnswer
 */

/**
 * Has WhatsApp's server look up the session's own number. WhatsApp Web makes a query of its own of each such question
 * (WAWebQueryExistsJob, a usync query): neither it nor the library remembers an answer.
 * @param {import('./session.js').Session} session
 * @param {number} ms
 * @returns {Promise<ServerAnswer>} never rejects
 */
export async function askServer(session, ms) {
  const { run } = session;
  const number = session.state.phoneNumber;
  if (!number) return none('The session has not told its own number');
  try {
    const found = await within(run.client.getNumberId(`${number}@c.us`), ms, "WhatsApp's server");
    return judged(session, run, found, number);
  } catch (problem) {
    return unlinked(session) ?? none(words(problem));
  }
}

function judged(session, run, found, number) {
  if (found) {
    run.answered();
    return { answer: 'fine', detail: null };
  }
  // New versions of WhatsApp Web have made it find nobody at all: only a page that found somebody is believed.
  if (!run.hasAnswered) return unlinked(session) ?? none('WhatsApp Web found no number since its page was loaded');
  return unlinked(session) ?? { answer: 'denied', detail: `WhatsApp's server has no account +${number}` };
}

function unlinked({ state }) {
  const gone = state.status !== 'connected' && UNLINKED.has(state.reason);
  return gone ? { answer: 'denied', detail: `WhatsApp's server ended the link: ${state.reason}` } : null;
}

function none(detail) {
  return { answer: 'none', detail };
}
