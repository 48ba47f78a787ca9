import { accessSync, constants } from 'node:fs';
import path from 'node:path';

import { ConfigError } from './errors.js';
import { readSecret } from './signing.js';

const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** Between two posts of the counts of messages that changed, in milliseconds. */
const TRAFFIC_INTERVAL = 15_000;

/** How long things may take, in milliseconds. */
const DEADLINES = Object.freeze({
  /** Until an `init` has a QR code or a connection (contract §1). */
  init: 30_000,
  /** Until a restored session is connected. */
  restore: 90_000,
  /** Until a client whose credentials were accepted has loaded: a large account takes its time. */
  load: 180_000,
  /** One call into the page that proves a session: shorter than what callers of `status` wait. */
  proof: 8_000,
  /** Between two proofs of a page that does not answer. */
  patience: 5_000,
  /** How long a client may say that it is connecting again before its browser is restarted. */
  offline: 600_000,
  /** A reload that is to heal a crashed page, up to `ready`. */
  reload: 15_000,
  /** Until a browser has closed by itself; then it is killed. */
  close: 4_000,
  /** One send, the look-up of its number and the upload of its media included. */
  send: 28_000,
  /** Whether WhatsApp knows a number, asked before a send. */
  lookUp: 5_000,
  /** One question to WhatsApp's server about a session. */
  server: 10_000,
  /** Any other call into the page: a screenshot, a logout, a pairing code. */
  call: 10_000,
  /** Until a request is there, its head and its body. */
  request: 15_000,
  /** A connection on which nothing is said: longer than any answer takes, but for media. */
  idle: 180_000,
  /** One delivery to the control plane (contract §2). */
  webhook: 5_000,
  /** The last counts of messages, at the end. */
  lastPost: 2_000,
  /** One question for the sessions to restore (contract §2). */
  activeSessions: 10_000,
});

/**
 * Reads the settings from the environment.
 * @param {NodeJS.ProcessEnv} env
 * @returns {Readonly<object>} see the README for each
 * @throws {ConfigError}
 */
export function readConfig(env) {
  if (!env.API_KEY) {
    throw new ConfigError('API_KEY is not set: choose a long random key and give it to wa-tui as well');
  }
  const controlPlane = url(env, 'DJANGO_API_URL', 'http://localhost:8000');
  const webhookUrl = env.WEBHOOK_URL ? url(env, 'WEBHOOK_URL') : `${controlPlane}/api/v1/sessions/webhook/`;
  return Object.freeze({
    host: env.HOST || '127.0.0.1',
    port: integer(env, 'PORT', 3000, { least: 0, most: 65535 }),
    apiKey: env.API_KEY,
    webhookSecret: readSecret(env.WEBHOOK_SECRET),
    activeSessionsUrl: `${controlPlane}/api/v1/sessions/active-sessions/`,
    webhookUrl,
    trafficUrl: trafficUrl(env, webhookUrl),
    trafficInterval: TRAFFIC_INTERVAL,
    maxSessions: integer(env, 'MAX_CONCURRENT_SESSIONS', 50, { least: 1 }),
    restoreConcurrency: integer(env, 'RESTORE_CONCURRENCY', 4, { least: 1 }),
    healthCheckInterval: integer(env, 'HEALTH_CHECK_INTERVAL', 300, { least: 1 }) * 1000,
    serverCheck: flag(env, 'SERVER_CHECK', true),
    outboxLimit: integer(env, 'OUTBOX_LIMIT', 10_000, { least: 1 }),
    dataPath: path.resolve(env.WWEBJS_DATA_PATH || '.wwebjs_auth'),
    chromiumPath: env.PUPPETEER_EXECUTABLE_PATH || null,
    chromiumArgs: lines(env.CHROMIUM_ARGS),
    protocolTimeout: integer(env, 'PROTOCOL_TIMEOUT', 30, { least: 1 }) * 1000,
    qrMaxRetries: integer(env, 'QR_MAX_RETRIES', 15, { least: 0 }),
    webVersion: env.WWEBJS_WEB_VERSION || null,
    webVersionCache: versionCache(env.WWEBJS_WEB_VERSION_CACHE),
    media: Object.freeze({
      maxBytes: integer(env, 'MEDIA_MAX_BYTES', 32 * 1024 * 1024, { least: 1 }),
      timeout: integer(env, 'MEDIA_TIMEOUT', 20, { least: 1 }) * 1000,
      allowedHosts: (env.MEDIA_ALLOWED_HOSTS ?? '')
        .split(',')
        .map((host) => host.trim().toLowerCase())
        .filter(Boolean),
    }),
    parentPipe: Boolean(env.WA_TUI_PARENT_PIPE),
    deadlines: DEADLINES,
  });
}

/**
 * @param {string | null} configured
 * @param {string} searchPath as in PATH
 * @returns {string} the browser to start
 * @throws {ConfigError} naming what to install
 */
export function findBrowser(configured, searchPath) {
  if (configured) {
    if (!executable(configured)) {
      throw new ConfigError(`PUPPETEER_EXECUTABLE_PATH is ${configured}, which is not there or cannot be run`);
    }
    return configured;
  }
  for (const directory of searchPath.split(path.delimiter).filter(Boolean)) {
    for (const name of BROWSERS) {
      const candidate = path.join(directory, name);
      if (executable(candidate)) return candidate;
    }
  }
  throw new ConfigError(
    'No Chromium or Chrome found on PATH: install one (apt-get install chromium, brew install --cask chromium) ' +
      'or set PUPPETEER_EXECUTABLE_PATH',
  );
}

function executable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function integer(env, name, fallback, { least, most = Number.MAX_SAFE_INTEGER }) {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new ConfigError(`${name} is ${JSON.stringify(text)}: it must be a whole number of at least ${least}`);
  }
  return value;
}

function flag(env, name, fallback) {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  if (text !== 'true' && text !== 'false') {
    throw new ConfigError(`${name} is ${JSON.stringify(text)}: it must be true or false`);
  }
  return text === 'true';
}

function url(env, name, fallback) {
  const text = env[name] || fallback;
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new ConfigError(`${name} is ${JSON.stringify(text)}: it must begin with http:// or https://`);
  }
  return name === 'DJANGO_API_URL' ? text.replace(/\/+$/, '') : text;
}

/** Beside the webhook's, where nothing else is set; null: nowhere. */
function trafficUrl(env, webhookUrl) {
  if (env.TRAFFIC_URL === 'none') return null;
  if (env.TRAFFIC_URL) return url(env, 'TRAFFIC_URL');
  return new URL(webhookUrl.endsWith('/') ? '../traffic/' : 'traffic/', webhookUrl).href;
}

function lines(text) {
  return (text ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
}

function versionCache(text) {
  if (!text || text === 'none') return { type: 'none' };
  if (text === 'local') return { type: 'local' };
  if (/^https?:\/\//.test(text)) return { type: 'remote', remotePath: text };
  throw new ConfigError(
    `WWEBJS_WEB_VERSION_CACHE is ${JSON.stringify(text)}: it must be none, local or a URL that holds {version}`,
  );
}
