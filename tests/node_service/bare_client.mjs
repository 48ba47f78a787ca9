// The least client that whatsapp-web.js allows, for the bars and for proving the stand-in page: prints one
// JSON line per event ({"event", "ms", …}) and obeys lines on its standard input (send, destroy, state).
// Usage: node bare_client.mjs DATA_PATH SESSION_ID, in a directory with node_modules; flags in CHROMIUM_ARGS.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const require = createRequire(pathToFileURL(`${process.cwd()}/`));
const { Client, LocalAuth } = require('whatsapp-web.js');

const [dataPath, clientId] = process.argv.slice(2);
const started = performance.now();
const say = (event, more = {}) => {
  process.stdout.write(`${JSON.stringify({ event, ms: Math.round(performance.now() - started), ...more })}\n`);
};

const client = new Client({
  authStrategy: new LocalAuth({ clientId, dataPath }),
  webVersionCache: { type: 'none' },
  puppeteer: {
    headless: true,
    executablePath: process.env.PUPPETEER_EXECUTABLE_PATH,
    args: process.env.CHROMIUM_ARGS.split('\n').filter(Boolean),
    protocolTimeout: 10_000,
    handleSIGTERM: false,
  },
});

client.on('qr', (qr) => say('qr', { qr }));
client.on('code', (code) => say('code', { code }));
client.on('loading_screen', (percent) => say('loading_screen', { percent }));
client.on('authenticated', () => say('authenticated'));
client.on('auth_failure', (text) => say('auth_failure', { text }));
client.on('ready', () => say('ready', { number: client.info.wid.user }));
client.on('change_state', (state) => say('change_state', { state }));
client.on('disconnected', (reason) => say('disconnected', { reason }));
client.on('message', (message) => say('message', { from: message.from, body: message.body }));
client.on('message_ack', (message, ack) => say('message_ack', { id: message.id.id, ack }));
process.on('unhandledRejection', (reason) => say('unhandled', { text: String(reason?.message ?? reason) }));

const orders = {
  send: async ([recipient, ...words]) => ({ id: (await client.sendMessage(recipient, words.join(' '))).id.id }),
  state: async () => ({ state: await client.getState() }),
  reload: async () => void (await client.pupPage.reload()),
  code: async ([number]) => ({ code: await client.requestPairingCode(number) }),
  destroy: async () => void (await client.destroy()),
};

createInterface({ input: process.stdin })
  .on('line', async (line) => {
    const [order, ...words] = line.split(' ');
    try {
      say(`${order} done`, await orders[order](words));
    } catch (error) {
      say(`${order} failed`, { text: error.message });
    }
  })
  .on('close', () => client.destroy().finally(() => process.exit(0)));

await client.initialize().then(
  () => say('initialized', { browser: client.pupBrowser.process().pid }),
  (error) => say('failed', { text: String(error?.message ?? error) }),
);
client.pupBrowser?.on('disconnected', () => say('browser disconnected'));
client.pupPage?.on('error', (error) => say('page error', { text: error.message }));
