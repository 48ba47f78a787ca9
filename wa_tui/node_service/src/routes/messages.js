const text = { type: 'string', minLength: 1 };

const sendText = {
  body: {
    type: 'object',
    required: ['sessionId', 'recipient', 'message'],
    properties: { sessionId: text, recipient: text, message: text },
  },
};

const sendMedia = {
  body: {
    type: 'object',
    required: ['sessionId', 'recipient', 'mediaUrl'],
    properties: {
      sessionId: text,
      recipient: text,
      mediaUrl: text,
      caption: { type: ['string', 'null'] },
      mediaType: { type: ['string', 'null'] },
    },
  },
};

/**
 * `POST /api/message/…` (contract §1).
 * @param {import('fastify').FastifyInstance} api
 * @param {object} parts sending
 */
export function messageRoutes(api, { sending }) {
  api.post('/api/message/send-text', { schema: sendText }, async ({ body }) => ({
    success: true,
    ...(await sending.text(body)),
  }));

  api.post('/api/message/send-media', { schema: sendMedia }, async ({ body }) => ({
    success: true,
    ...(await sending.media(body)),
  }));
}
