import { activeSessions } from './control_plane.js';
import { sleep } from './deadline.js';

/** How long what a former start left to say may hold up restoring, in milliseconds. */
const NEWS = 5_000;

/**
 * Brings back the sessions the control plane names, several at once; said when all were tried.
 * @param {{sessions: import('./sessions.js').Sessions, outbox: import('./outbox.js').Outbox,
 *   webhooks: import('./webhooks.js').Webhooks, config: object, log: object}} parts
 * @param {AbortSignal} signal ends it before it began
 */
export async function restoreSessions({ sessions, outbox, webhooks, config, log }, signal) {
  let wanted = await activeSessions(config, log, signal);
  if (outbox.former > 0) {
    // It may not know yet that one of them was logged out: what is left from before goes first, then it is asked again.
    webhooks.hurry();
    const until = performance.now() + NEWS;
    while (outbox.former > 0 && performance.now() < until && !signal.aborted) await sleep(20);
    wanted = await activeSessions(config, log, signal);
  }
  if (signal.aborted) return;
  const results = await Promise.all(wanted.map(({ id, userId }) => sessions.restore(id, userId)));
  const count = (outcome) => results.filter((result) => result === outcome).length;
  log.info(`Session restoration complete: ${count(true)} restored, ${count(false)} failed`);
}
