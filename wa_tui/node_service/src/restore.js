import { activeSessions } from './control_plane.js';

/**
 * Brings back the sessions the control plane names, several at once; said when all were tried.
 * @param {import('./sessions.js').Sessions} sessions
 * @param {object} config
 * @param {object} log
 * @param {AbortSignal} signal ends it before it began
 */
export async function restoreSessions(sessions, config, log, signal) {
  const wanted = await activeSessions(config, log, signal);
  if (signal.aborted) return;
  const results = await Promise.all(wanted.map(({ id, userId }) => sessions.restore(id, userId)));
  const count = (outcome) => results.filter((result) => result === outcome).length;
  log.info(`Session restoration complete: ${count(true)} restored, ${count(false)} failed`);
}
