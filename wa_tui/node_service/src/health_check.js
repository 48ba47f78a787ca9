import { limiter } from './limiter.js';

const REASON = 'Health check detected disconnection';
const WIDTH = 8;

/**
 * Proves every session that should work by a call into its page; what does not work is healed and announced.
 * @param {import('./sessions.js').Sessions} sessions
 * @param {object} log
 * @param {boolean} serverCheck whether WhatsApp's server may be asked where nobody wants to know yet
 */
export async function healthCheck(sessions, log, serverCheck) {
  log.info('Running health check and status sync...');
  const gate = limiter(WIDTH);
  const all = sessions.all();
  await Promise.all(
    all.map((session) =>
      gate(async () => {
        if (session.provable) await session.check(REASON);
        // Once for each page: a later no is believed of one that could say yes.
        if (serverCheck && session.state.status === 'connected' && !session.run.hasAnswered) await session.askServer();
      }),
    ),
  );
  log.info(`Health check complete. Checked ${all.length} sessions.`);
}
