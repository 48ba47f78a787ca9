import { mkdirSync } from 'node:fs';

import { ConfigError, words } from './errors.js';
import { healthCheck } from './health_check.js';
import { takeDirectory } from './lock.js';
import { BrowserMemory } from './memory.js';
import { Outbox } from './outbox.js';
import { Profiles } from './profiles.js';
import { restoreSessions } from './restore.js';
import { Sending } from './sending.js';
import { createServer } from './server.js';
import { Sessions } from './sessions.js';
import { Traffic } from './traffic.js';
import { TrafficPosts } from './traffic_posts.js';
import { Webhooks } from './webhooks.js';

/** The whole service, from its listening to its end. */
export class Service {
  #config;
  #log;
  #profiles;
  #outbox;
  #webhooks;
  #trafficPosts;
  #sessions;
  #server;
  #stop = new AbortController();
  #restoring = Promise.resolve();
  #release = () => {};

  /**
   * @param {object} config
   * @param {{createClient: Function, messageMedia: Function, log: object}} parts
   */
  constructor(config, { createClient, messageMedia, log }) {
    this.#config = config;
    this.#log = log;
    this.#profiles = new Profiles(config.dataPath, log);
    this.#outbox = new Outbox(config.dataPath, { limit: config.outboxLimit, log });
    this.#webhooks = new Webhooks(this.#outbox, config, log);
    const traffic = new Traffic(this.#outbox.bootId);
    this.#trafficPosts = new TrafficPosts(traffic, config, log);
    const announce = ({ id, userId }, status, fields) => this.#outbox.put(id, { userId, status, ...fields });
    this.#sessions = new Sessions(config, { createClient, profiles: this.#profiles, log, traffic, announce });
    this.#server = createServer({
      config,
      log,
      sessions: this.#sessions,
      sending: new Sending(this.#sessions, config, messageMedia, log),
      outbox: this.#outbox,
      traffic,
      memory: new BrowserMemory(this.#sessions),
    });
  }

  /**
   * Listens, then restores in the background.
   * @returns {Promise<string>} its address; rejects with ConfigError, or when the port is taken
   */
  async start() {
    makeDirectory(this.#config.dataPath);
    this.#release = await takeDirectory(this.#config.dataPath, this.#log);
    await this.#outbox.open();
    // Before any of ours runs.
    const orphans = this.#profiles.orphans();
    const address = await this.#server.listen({ host: this.#config.host, port: this.#config.port });
    this.#webhooks.start();
    this.#trafficPosts.start();
    this.#restoring = this.#restore(orphans);
    const { healthCheckInterval, serverCheck } = this.#config;
    const check = setInterval(() => healthCheck(this.#sessions, this.#log, serverCheck), healthCheckInterval);
    this.#stop.signal.addEventListener('abort', () => clearInterval(check));
    return address;
  }

  /** Closes every browser, keeps what was not delivered, and ends. */
  async stop() {
    this.#stop.abort();
    const closed = this.#server.close();
    await this.#sessions.closeAll();
    await Promise.all([this.#webhooks.stop(), this.#trafficPosts.stop()]);
    await closed;
    await this.#restoring;
    await this.#outbox.close();
    this.#release();
  }

  async #restore(orphans) {
    await this.#profiles.end(orphans);
    const parts = { sessions: this.#sessions, outbox: this.#outbox, webhooks: this.#webhooks };
    await restoreSessions({ ...parts, config: this.#config, log: this.#log }, this.#stop.signal);
  }
}

function makeDirectory(directory) {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (problem) {
    throw new ConfigError(`WWEBJS_DATA_PATH is ${directory}, which cannot be made: ${words(problem)}`);
  }
}
