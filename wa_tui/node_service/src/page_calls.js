import { within } from './deadline.js';
import { Refusal, words } from './errors.js';

/**
 * Asks for a code to type into the phone, instead of scanning.
 * @param {import('./session.js').Session} session
 * @param {string} phoneNumber digits alone, with the country's
 * @param {number} ms
 * @returns {Promise<string>} rejects with Refusal unless the session waits for a scan
 */
export async function pairingCode({ client, state: { status } }, phoneNumber, ms) {
  if (status !== 'qr_pending') throw new Refusal(`Client not waiting for a scan (status: ${status}).`);
  return refused(within(client.requestPairingCode(phoneNumber), ms, 'Asking for a pairing code'));
}

/**
 * @param {import('./session.js').Session} session
 * @param {number} ms
 * @returns {Promise<Buffer>} a PNG of the page; rejects with Refusal where there is none
 */
export async function screenshot({ client, state: { status } }, ms) {
  if (!client?.pupPage) throw new Refusal(`Client has no page yet (status: ${status}).`);
  return Buffer.from(await refused(within(client.pupPage.screenshot({ type: 'png' }), ms, 'The screenshot')));
}

/**
 * Unlinks the account from its phone.
 * @param {import('whatsapp-web.js').Client} client
 * @param {number} ms
 */
export async function unlink(client, ms) {
  await within(
    client.pupPage.evaluate(() => window.require('WAWebSocketModel').Socket.logout()),
    ms,
    'The logout',
  );
}

async function refused(answer) {
  try {
    return await answer;
  } catch (problem) {
    throw new Refusal(words(problem));
  }
}
