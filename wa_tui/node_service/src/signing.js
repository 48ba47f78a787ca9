import { createHmac } from 'node:crypto';

import { ConfigError } from './errors.js';

const SECRET = /^whsec_([A-Za-z0-9+/]+={0,2})$/;
/** Bytes of a secret. */
const SIZE = { least: 24, most: 64 };

/**
 * Reads a secret as Standard Webhooks has them.
 * @param {string | undefined} text `whsec_<base64>`
 * @returns {Buffer | null} `null` where webhooks are not signed
 * @throws {ConfigError} which does not tell it
 */
export function readSecret(text) {
  if (!text) return null;
  const key = Buffer.from(SECRET.exec(text)?.[1] ?? '', 'base64');
  if (key.length < SIZE.least || key.length > SIZE.most) {
    throw new ConfigError('WEBHOOK_SECRET is no secret: whsec_ and 24 to 64 bytes as base64');
  }
  return key;
}

/**
 * Signs a webhook as it is sent now: each try anew, so that its time is that of the try.
 * @param {Buffer | null} secret
 * @param {string} id
 * @param {string} body
 * @param {number} now milliseconds since the epoch
 * @returns {Record<string, string>} the headers; none without a secret
 */
export function signature(secret, id, body, now = Date.now()) {
  if (secret === null) return {};
  const timestamp = String(Math.floor(now / 1000));
  const mac = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${mac}` };
}
