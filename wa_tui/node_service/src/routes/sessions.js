import { Refusal } from '../errors.js';
import { pairingCode, screenshot } from '../page_calls.js';
import { qrPicture } from '../qr_picture.js';
import { NotARecipient, parsePhone } from '../recipients.js';

const id = { type: 'string', minLength: 1 };
const named = { body: { type: 'object', required: ['sessionId'], properties: { sessionId: id } } };

const written = {
  body: {
    type: 'object',
    required: ['sessionId', 'messageId'],
    properties: { sessionId: id, messageId: { type: 'string', minLength: 1, maxLength: 200 } },
  },
};

const init = {
  body: {
    type: 'object',
    required: ['sessionId', 'userId'],
    properties: { sessionId: id, userId: { type: ['integer', 'string'], minLength: 1 } },
  },
};

const pairing = {
  body: {
    type: 'object',
    required: ['sessionId', 'phoneNumber'],
    properties: { sessionId: id, phoneNumber: { type: 'string', minLength: 1, maxLength: 100 } },
  },
};

/**
 * `/api/session/…`: contract §1, then what we add.
 * @param {import('fastify').FastifyInstance} api
 * @param {object} parts sessions, traffic, config
 */
export function sessionRoutes(api, { sessions, traffic, config }) {
  api.post('/api/session/init', { schema: init }, async ({ body }) =>
    started(await sessions.init(body.sessionId, body.userId)),
  );

  api.get('/api/session/status/:sessionId', async ({ params }) => status(sessions.get(params.sessionId)));

  api.post('/api/session/disconnect', { schema: named }, async ({ body }) =>
    (await sessions.disconnect(body.sessionId))
      ? { success: true, message: 'Client destroyed' }
      : { success: false, message: 'Client not found' },
  );

  api.get('/api/session/list', async () => {
    const { boot } = traffic;
    const counted = (session) => ({ ...row(session), traffic: { boot, ...session.traffic.read() } });
    const listed = sessions.all().map(counted);
    return { success: true, sessions: listed, count: listed.length };
  });

  api.post('/api/session/restart', { schema: named }, async ({ body }) =>
    started(await sessions.restart(body.sessionId)),
  );

  api.post('/api/session/logout', { schema: named }, async ({ body }) => {
    await sessions.known(body.sessionId).logout();
    return { success: true, message: 'Client logged out' };
  });

  api.post('/api/session/server-check', { schema: named }, async ({ body }) => {
    const session = sessions.known(body.sessionId);
    const { status } = session.state;
    if (status !== 'connected') {
      throw new Refusal(`Client not connected (status: ${status}). Please reconnect the session.`);
    }
    return { success: true, sessionId: session.id, ...(await session.askServer()) };
  });

  api.post('/api/session/message-check', { schema: written }, async ({ body }) => {
    const { id: sessionId, traffic: counters } = sessions.known(body.sessionId);
    return { success: true, sessionId, flows: counters.flowsOf(body.messageId) };
  });

  api.post('/api/session/pairing-code', { schema: pairing }, async ({ body }) => {
    const session = sessions.known(body.sessionId);
    const number = phone(body.phoneNumber);
    return {
      success: true,
      sessionId: session.id,
      pairingCode: await pairingCode(session, number, config.deadlines.call),
    };
  });

  api.get('/api/session/screenshot/:sessionId', async ({ params }, reply) => {
    const picture = await screenshot(sessions.known(params.sessionId), config.deadlines.call);
    return reply.type('image/png').header('cache-control', 'no-store').send(picture);
  });
}

function phone(text) {
  try {
    return parsePhone(text);
  } catch (problem) {
    if (problem instanceof NotARecipient) throw new Refusal(`Bad phone number: ${problem.message}`);
    throw problem;
  }
}

async function started({ id: sessionId, state }) {
  const answer = { success: true, sessionId, status: state.status };
  if (state.status === 'connected') return { ...answer, phoneNumber: state.phoneNumber };
  return { ...answer, ...(await code(state)) };
}

async function status(session) {
  if (session === undefined) {
    return { success: true, exists: false, status: 'not_found', qrCode: null, phoneNumber: null, isReady: false };
  }
  if (session.provable) await session.check();
  const { state } = session;
  return {
    success: true,
    exists: true,
    status: state.status,
    qrCode: null,
    phoneNumber: state.phoneNumber,
    isReady: state.status === 'connected',
    reason: state.reason,
    ...(await code(state)),
  };
}

async function code({ qr }) {
  if (qr === null) return {};
  return { qrCode: await qrPicture(qr.text), qr: qr.text, qrExpiresAt: qr.expiresAt.toISOString() };
}

function row({ id: sessionId, userId, state }) {
  return {
    sessionId,
    status: state.status,
    userId,
    phoneNumber: state.phoneNumber,
    since: state.since.toISOString(),
    proven: state.provenAt?.toISOString() ?? null,
    reason: state.reason,
  };
}
