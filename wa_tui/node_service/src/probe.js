import { within } from './deadline.js';
import { DeadlineExceeded, words } from './errors.js';

const CLOSED =
  /session closed|protocol error|target closed|detached frame|connection closed|page crashed|target\.?closeerror/i;
const TIMED_OUT = /timed out/i;

/** What to say of a page that is not fit. */
export const WHY = {
  silent: 'Page does not answer',
  unsynced: 'Page was reloaded and is not synchronised',
  closed: 'Session closed',
};

/**
 * What a call into the page showed. `fit`: it can send now. `closed`: the browser is gone. `silent`: no answer in
 * time. `unsynced`: it says CONNECTED and lacks what a send needs. `waiting`: its own state is another.
 * @typedef {{verdict: 'fit' | 'closed' | 'silent' | 'unsynced' | 'waiting', state: string | null}} Proof
 */

/**
 * Proves a client by calls into its page, not by what it remembers.
 * @param {import('whatsapp-web.js').Client} client
 * @param {number} ms
 * @returns {Promise<Proof>}
 */
export async function prove(client, ms) {
  try {
    const [state, synced] = await within(
      Promise.all([client.getState(), client.pupPage.evaluate(synchronised)]),
      ms,
      'The page',
    );
    if (state !== 'CONNECTED') return { verdict: 'waiting', state };
    return { verdict: synced ? 'fit' : 'unsynced', state };
  } catch (problem) {
    if (problem instanceof DeadlineExceeded || TIMED_OUT.test(words(problem)))
      return { verdict: 'silent', state: null };
    return { verdict: isClosed(problem) ? 'closed' : 'unsynced', state: null };
  }
}

/**
 * Whether an error says that the browser or its page is gone (contract §1, "browser gone").
 * @param {unknown} problem
 */
export function isClosed(problem) {
  return CLOSED.test(words(problem));
}

/** Runs in the page: a reload takes away what the library put there, until it has synchronised again. */
function synchronised() {
  return (
    typeof window.WWebJS?.getChat === 'function' &&
    typeof window.WWebJS?.sendMessage === 'function' &&
    Boolean(window.require('WAWebCollections').Chat)
  );
}
