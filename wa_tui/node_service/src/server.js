import { createHash, timingSafeEqual } from 'node:crypto';

import fastify from 'fastify';

import { Refusal, StartTimeout, words } from './errors.js';
import { healthRoutes } from './routes/health.js';
import { messageRoutes } from './routes/messages.js';
import { sessionRoutes } from './routes/sessions.js';

const LARGEST_BODY = 100 * 1024;
const LARGEST_HEAD = 16 * 1024;
const MOST_CONNECTIONS = 512;
/** What is answered to a request that is none, by Node's code for it. */
const UNREADABLE = new Map([
  ['HPE_HEADER_OVERFLOW', [431, 'Request Header Fields Too Large']],
  ['ERR_HTTP_REQUEST_TIMEOUT', [408, 'Request Timeout']],
]);

/**
 * The HTTP side: contract §1, and what we add.
 * @param {object} parts config, sessions, sending, outbox, traffic, memory, log
 * @returns {import('fastify').FastifyInstance}
 */
export function createServer(parts) {
  const { deadlines, media } = parts.config;
  const app = fastify({
    bodyLimit: LARGEST_BODY,
    requestTimeout: deadlines.request,
    connectionTimeout: deadlines.idle + media.timeout,
    http: {
      maxHeaderSize: LARGEST_HEAD,
      headersTimeout: deadlines.request,
      connectionsCheckingInterval: Math.min(deadlines.request, 1000),
    },
    clientErrorHandler: turnAway,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 255 },
    frameworkErrors: (problem, request, reply) => reply.code(400).send({ success: false, error: words(problem) }),
    ajv: { customOptions: { coerceTypes: false, allowUnionTypes: true } },
  });
  app.server.maxConnections = MOST_CONNECTIONS;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, parseJson);
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => done(null, {}));
  app.setNotFoundHandler((request, reply) => reply.code(404).send({ success: false, error: 'Route not found' }));
  app.setErrorHandler((problem, request, reply) => answer(problem, request, reply, parts.log));
  healthRoutes(app, parts);
  app.register(async (api) => {
    api.addHook('onRequest', keyCheck(parts.config.apiKey));
    sessionRoutes(api, parts);
    messageRoutes(api, parts);
  });
  return app;
}

/**
 * @param {string} expected
 * @returns {Function} a hook that answers 401 to whoever has no key or another one
 */
function keyCheck(expected) {
  const digest = (text) => createHash('sha256').update(text).digest();
  const wanted = digest(expected);
  return async (request, reply) => {
    const given = request.headers['x-api-key'];
    if (!given) return reply.code(401).send({ success: false, error: 'API key required' });
    if (!timingSafeEqual(digest(String(given)), wanted)) {
      return reply.code(401).send({ success: false, error: 'Invalid API key' });
    }
  };
}

/** Answers what is no request, or was not there in time, in the contract's shape; closes its connection. */
function turnAway(problem, socket) {
  if (problem.code === 'ECONNRESET' || socket.destroyed) return;
  const [code, name] = UNREADABLE.get(problem.code) ?? [400, 'Bad Request'];
  const body = JSON.stringify({ success: false, error: name });
  const head = `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close`;
  if (socket.writable) socket.write(`HTTP/1.1 ${code} ${name}\r\n${head}\r\n\r\n${body}`);
  socket.destroySoon();
}

function parseJson(request, text, done) {
  if (text.trim() === '') return done(null, {});
  try {
    done(null, JSON.parse(text));
  } catch (problem) {
    done(problem);
  }
}

/** Two shapes: `error` from the routes, `message` from behind them (contract §1). */
function answer(problem, request, reply, log) {
  if (problem instanceof StartTimeout) return reply.code(408).send({ success: false, error: problem.message });
  if (problem instanceof Refusal) {
    return reply.code(400).send({ success: false, message: problem.message, ...problem.fields });
  }
  if (problem.validation) return reply.code(400).send({ success: false, error: invalid(problem, request) });
  if (problem.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return reply.code(500).send({ success: false, error: 'request entity too large' });
  }
  if (!(problem instanceof SyntaxError)) log.warn(`${request.method} ${request.url}: ${words(problem)}`);
  return reply.code(500).send({ success: false, error: words(problem) });
}

function invalid({ validation, message }, request) {
  const missing = validation.some(({ keyword }) => keyword === 'required' || keyword === 'minLength');
  if (!missing) return message;
  const names = request.routeOptions.schema.body.required;
  const last = names.at(-1);
  return names.length === 1 ? `${last} is required` : `${names.slice(0, -1).join(', ')} and ${last} are required`;
}
