import { lookup } from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import path from 'node:path';

import { isPublic } from './addresses.js';
import { Refusal, words } from './errors.js';

const MOST_REDIRECTS = 5;

/**
 * Fetches a file to send. Only http(s), and only from public addresses: each is checked after resolving, at every
 * redirect, and is the one connected to.
 * @param {string} location
 * @param {{maxBytes: number, timeout: number, allowedHosts: string[]}} settings
 * @returns {Promise<{type: string, data: Buffer, name: string}>} rejects with Refusal
 */
export async function fetchMedia(location, settings) {
  const signal = AbortSignal.timeout(settings.timeout);
  let next = location;
  for (let hop = 0; hop <= MOST_REDIRECTS; hop += 1) {
    const url = checked(next, settings);
    const response = await get(url, settings, signal);
    if (response.statusCode >= 300 && response.statusCode < 400 && response.headers.location) {
      response.destroy();
      next = new URL(response.headers.location, url).href;
      continue;
    }
    if (response.statusCode !== 200) {
      response.destroy();
      throw new Refusal(`mediaUrl: ${url.host} answered ${response.statusCode}`);
    }
    const data = await body(response, settings, signal);
    const type = (response.headers['content-type'] ?? 'application/octet-stream').split(';', 1)[0].trim();
    return { type, data, name: nameOf(url) };
  }
  throw new Refusal(`mediaUrl: more than ${MOST_REDIRECTS} redirects`);
}

function checked(location, { allowedHosts }) {
  if (!URL.canParse(location)) throw new Refusal('mediaUrl is not a URL');
  const url = new URL(location);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new Refusal('mediaUrl must be http or https');
  const host = bare(url);
  if (isIP(host) && !allowedHosts.includes(host) && !isPublic(host)) throw notAllowed(host);
  return url;
}

function bare(url) {
  return url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
}

function notAllowed(host) {
  return new Refusal(`mediaUrl: ${host} is not a public address; set MEDIA_ALLOWED_HOSTS to allow fetching from it`);
}

function get(url, { allowedHosts, timeout }, signal) {
  const allowed = allowedHosts.includes(bare(url));
  const { request } = url.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    const outgoing = request(url, {
      signal,
      agent: false,
      lookup: allowed ? lookup : publicLookup,
      headers: { 'accept-encoding': 'identity', 'user-agent': 'wa_tui' },
    });
    outgoing.once('response', resolve);
    outgoing.once('error', (problem) => reject(refusal(problem, signal, timeout)));
    outgoing.end();
  });
}

function publicLookup(host, options, callback) {
  lookup(host, options, (problem, found, family) => {
    if (problem) return callback(problem);
    const addresses = Array.isArray(found) ? found.map(({ address }) => address) : [found];
    if (!addresses.every(isPublic)) return callback(notAllowed(host));
    callback(null, found, family);
  });
}

async function body(response, { maxBytes, timeout }, signal) {
  const tooLarge = () => new Refusal(`mediaUrl: the file is larger than ${maxBytes} bytes`);
  const chunks = [];
  let size = 0;
  try {
    if (Number(response.headers['content-length']) > maxBytes) throw tooLarge();
    for await (const chunk of response) {
      size += chunk.length;
      if (size > maxBytes) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (problem) {
    response.destroy();
    throw refusal(problem, signal, timeout);
  }
  return Buffer.concat(chunks);
}

function refusal(problem, signal, timeout) {
  if (problem instanceof Refusal) return problem;
  if (signal.aborted) return new Refusal(`mediaUrl: not fetched within ${timeout / 1000} s`);
  return new Refusal(`mediaUrl: ${words(problem)}`);
}

function nameOf(url) {
  try {
    return path.posix.basename(decodeURIComponent(url.pathname)) || 'file';
  } catch {
    return 'file';
  }
}
