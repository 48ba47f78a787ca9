import whatsapp from 'whatsapp-web.js';

import { browserEnvironment } from './browsers.js';
import { findBrowser } from './config.js';

const { Client, LocalAuth, MessageMedia } = whatsapp;

/** LocalAuth that says when the browser is up, and leaves the profile alone while it runs. */
class WatchedAuth extends LocalAuth {
  async afterBrowserInitialized() {
    this.client.emit('browser');
  }

  async logout() {
    // The library would remove the profile under the running browser: the session does, once it is closed.
  }
}

/**
 * @param {object} config
 * @returns {(id: string) => Client} makes a client that has not been started
 * @throws {import('./errors.js').ConfigError} where there is no browser
 */
export function clientFactory(config) {
  const executablePath = findBrowser(config.chromiumPath, process.env.PATH ?? '');
  return (id) =>
    new Client({
      authStrategy: new WatchedAuth({ clientId: id, dataPath: config.dataPath }),
      webVersionCache: config.webVersionCache,
      ...(config.webVersion ? { webVersion: config.webVersion } : {}),
      qrMaxRetries: config.qrMaxRetries,
      puppeteer: {
        headless: true,
        executablePath,
        // Over a pipe Chromium ends with us, however we went.
        pipe: true,
        args: [...sandbox(), ...config.chromiumArgs],
        env: browserEnvironment(),
        protocolTimeout: config.protocolTimeout,
        handleSIGINT: false,
        handleSIGTERM: false,
        handleSIGHUP: false,
      },
    });
}

/**
 * @param {{type: string, data: Buffer, name: string}} file
 * @returns {MessageMedia}
 */
export function messageMedia({ type, data, name }) {
  return new MessageMedia(type, data.toString('base64'), name, data.length);
}

/** Chromium refuses to start as root inside its sandbox. */
function sandbox() {
  return process.getuid?.() === 0 ? ['--no-sandbox'] : [];
}
