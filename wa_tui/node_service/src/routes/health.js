import { exposition } from '../metrics.js';

/** What this service can do beyond contract §1. */
const CAPABILITIES = ['restart', 'raw_qr', 'pairing_code', 'logout', 'screenshot', 'server_check', 'message_check'];

const STATUSES = ['initializing', 'qr_pending', 'authenticated', 'connected', 'disconnected'];

/**
 * `GET /health` and `GET /metrics`: neither needs a key, and neither names a session.
 * @param {import('fastify').FastifyInstance} app
 * @param {object} parts config, sessions, outbox, traffic, memory
 */
export function healthRoutes(app, { config, sessions, outbox, traffic, memory }) {
  app.get('/health', async () => {
    const { browsers, bytes } = memory.read();
    return {
      success: true,
      status: 'healthy',
      uptime: process.uptime(),
      timestamp: new Date().toISOString(),
      bootId: outbox.bootId,
      capabilities: CAPABILITIES,
      limit: config.maxSessions,
      sessions: counted(sessions),
      browsers,
      memory: { browsersPss: bytes, serviceRss: process.memoryUsage.rss() },
      outbox: {
        depth: outbox.depth,
        delivered: outbox.delivered,
        dropped: outbox.dropped,
        dead: outbox.dead,
        trouble: outbox.trouble,
      },
    };
  });

  app.get('/metrics', async (request, reply) => {
    const { browsers, bytes } = memory.read();
    const statuses = Object.entries(counted(sessions)).map(([status, count]) => [`status="${status}"`, count]);
    const messages = traffic.totals().map(([flow, number]) => [`flow="${flow}"`, number]);
    reply.type('text/plain; version=0.0.4; charset=utf-8');
    return exposition([
      ['wa_node_uptime_seconds', 'gauge', 'Seconds since the service started.', [['', process.uptime()]]],
      ['wa_node_sessions', 'gauge', 'Sessions by status.', statuses],
      ['wa_node_messages_total', 'counter', 'Messages of all sessions, by what became of them.', messages],
      ['wa_node_browsers', 'gauge', 'Browsers that run.', [['', browsers]]],
      ['wa_node_browsers_pss_bytes', 'gauge', 'Memory of all browsers, shared pages once.', [['', bytes ?? NaN]]],
      ['wa_node_rss_bytes', 'gauge', 'Memory of the service itself.', [['', process.memoryUsage.rss()]]],
      ['wa_node_outbox_events', 'gauge', 'Events not delivered yet.', [['', outbox.depth]]],
      ['wa_node_outbox_on_disk', 'gauge', '0 while the disk does not take events.', [['', outbox.trouble ? 0 : 1]]],
      ['wa_node_webhooks_delivered_total', 'counter', 'Events delivered.', [['', outbox.delivered]]],
      [
        'wa_node_webhooks_dropped_total',
        'counter',
        'Superseded events dropped from a full outbox.',
        [['', outbox.dropped]],
      ],
      ['wa_node_webhooks_dead_total', 'counter', 'Events the control plane refused for good.', [['', outbox.dead]]],
    ]);
  });
}

function counted(sessions) {
  const counts = Object.fromEntries(STATUSES.map((status) => [status, 0]));
  for (const { state } of sessions.all()) counts[state.status] += 1;
  return counts;
}
