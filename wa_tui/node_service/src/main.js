// First: before anything else fills the heap.
import './heap.js';

import { readConfig } from './config.js';
import { words } from './errors.js';
import { log } from './log.js';
import { Service } from './service.js';

/** Until we end, whatever still hangs. */
const LAST_MOMENT = 9_000;

// Credentials and QR codes are nobody else's.
process.umask(0o077);
// The library rejects behind our back, with strings too: one client's trouble must not end the others.
process.on('unhandledRejection', (problem) => log.warn(`Unhandled: ${words(problem)}`));
process.on('uncaughtException', (problem) => log.warn(`Uncaught: ${problem?.stack ?? words(problem)}`));

async function main() {
  const config = readConfig(process.env);
  const { clientFactory, messageMedia } = await import('./whatsapp.js');
  const service = new Service(config, { createClient: clientFactory(config), messageMedia, log });
  let ending = false;
  const end = async (why) => {
    if (ending) return;
    ending = true;
    log.info(`Ending: ${why}`);
    setTimeout(() => process.exit(0), LAST_MOMENT);
    await service.stop().catch((problem) => log.warn(words(problem)));
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => end(signal));
  if (config.parentPipe) watchParent(end);
  log.info(`Listening at ${await service.start()}`);
}

/** Whoever started us holds the other end of our standard input: when it is gone, so are we. */
function watchParent(end) {
  for (const event of ['end', 'close', 'error']) process.stdin.on(event, () => end('our parent is gone'));
  process.stdin.resume();
}

try {
  await main();
} catch (problem) {
  log.warn(`Not started: ${words(problem)}`);
  process.exit(1);
}
