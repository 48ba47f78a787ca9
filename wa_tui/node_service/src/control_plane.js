import { textOf } from './answers.js';
import { backOff, sleep } from './deadline.js';
import { words } from './errors.js';

const RETRY = { first: 500, most: 15_000 };
/** Some 200,000 sessions. */
const LARGEST = 32 * 1024 * 1024;

/**
 * Asks the control plane which sessions to restore, for as long as it takes it to answer (contract §2).
 * @param {object} config
 * @param {object} log
 * @param {AbortSignal} signal
 * @returns {Promise<{id: string, userId: number | string | null}[]>} none when the signal ended the wait
 */
export async function activeSessions(config, log, signal) {
  let said = null;
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    const answer = await ask(config, signal);
    if (answer.sessions) return answer.sessions;
    if (answer.why !== said && !signal.aborted) {
      said = answer.why;
      log.warn(`Waiting for the control plane before restoring sessions: ${config.activeSessionsUrl}: ${said}`);
    }
    await sleep(Math.max(backOff(attempt, RETRY), answer.retryAfter ?? 0), signal);
  }
  return [];
}

async function ask(config, signal) {
  try {
    const response = await fetch(config.activeSessionsUrl, {
      headers: { 'x-api-key': config.apiKey },
      signal: AbortSignal.any([AbortSignal.timeout(config.deadlines.activeSessions), signal]),
    });
    const { text, whole } = await textOf(response, LARGEST);
    if (!response.ok) {
      return { why: `it answered ${response.status}: ${text.slice(0, 200)}`, retryAfter: retryAfter(response) };
    }
    if (!whole) return { why: `its answer is larger than ${LARGEST} bytes` };
    const rows = JSON.parse(text)?.data?.sessions;
    if (!Array.isArray(rows)) return { why: 'its answer lists no sessions' };
    return {
      sessions: rows
        .filter((row) => typeof row?.session_id === 'string')
        .map((row) => ({ id: row.session_id, userId: row.user_id ?? null })),
    };
  } catch (problem) {
    return { why: words(problem.cause ?? problem) };
  }
}

/**
 * @param {Response} response
 * @returns {number} milliseconds it asks to wait, 5 minutes at most
 */
export function retryAfter(response) {
  const seconds = Number(response.headers.get('retry-after'));
  return seconds > 0 ? Math.min(seconds, 300) * 1000 : 0;
}
