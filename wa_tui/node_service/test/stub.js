import { EventEmitter } from 'node:events';

/** A WhatsApp client without WhatsApp: says what it is told to, and remembers what was asked of it. */
export class StubClient extends EventEmitter {
  state = 'CONNECTED';
  synced = true;
  destroyed = false;
  reloads = 0;
  sent = [];
  info = undefined;
  pupBrowser = null;
  pupPage = null;

  constructor(id, script) {
    super();
    this.id = id;
    this.script = script;
  }

  async initialize() {
    if (this.script.noBrowser) return this.script.noBrowser(this);
    this.pupBrowser = Object.assign(new EventEmitter(), { process: () => ({ pid: undefined }) });
    this.pupPage = Object.assign(new EventEmitter(), {
      evaluate: async () => this.answer(this.synced),
      reload: async () => {
        this.reloads += 1;
        await this.script.reload?.(this);
      },
      screenshot: async () => new Uint8Array([137, 80, 78, 71]),
    });
    this.emit('browser');
    await this.script.start(this);
  }

  async destroy() {
    this.destroyed = true;
    this.pupBrowser?.emit('disconnected');
    await this.script.destroy?.(this);
  }

  getState() {
    return this.answer(this.state);
  }

  async sendMessage(to, content, options) {
    await this.script.send?.(this);
    this.sent.push({ to, content, options });
    return { id: { id: `3EB0${this.sent.length}` }, timestamp: 1795398127 };
  }

  async getNumberId(number) {
    return this.script.lookUp === undefined ? { _serialized: number } : this.script.lookUp(number);
  }

  async requestPairingCode(phoneNumber) {
    return `CODE${phoneNumber.slice(-4)}`;
  }

  showCode(text = '2@a-code') {
    this.emit('qr', text);
  }

  connect(number = '15550001234') {
    this.info = { wid: { user: number } };
    this.emit('authenticated');
    this.emit('ready');
  }

  kill() {
    this.pupBrowser.emit('disconnected');
  }

  async answer(value) {
    if (this.script.hang?.(this)) return new Promise(() => {});
    return value;
  }
}

/** Starts of a client. */
export const shows = { start: async (client) => client.showCode() };
export const connects = { start: async (client) => client.connect() };
export const waits = { start: async () => {} };
export const fails = {
  start: async () => {
    throw new Error('Failed to launch the browser process!');
  },
};
