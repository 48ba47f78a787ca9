// What the library calls models and collections: backbone's on, off, once and trigger, ids and messages.
'use strict';

function emitter(fields = {}) {
  const listeners = new Map();
  return Object.assign(fields, {
    on(names, listener) {
      for (const name of names.split(' ')) {
        listeners.set(name, [...(listeners.get(name) ?? []), listener]);
        attached(this, name);
      }
    },
    once(name, listener) {
      const first = (...args) => (this.off(name, first), listener(...args));
      this.on(name, first);
    },
    off(name, listener) {
      listeners.set(name, (listeners.get(name) ?? []).filter((other) => other !== listener));
    },
    heard: (name) => (listeners.get(name) ?? []).length > 0,
    trigger(name, ...args) {
      for (const listener of listeners.get(name) ?? []) listener(...args);
    },
  });
}

const wid = (text) => {
  const [user, server = 'c.us'] = String(text?._serialized ?? text).split('@');
  return {
    user,
    server,
    _serialized: `${user}@${server}`,
    isLid: () => server === 'lid',
    isGroup: () => server === 'g.us',
    isStatus: () => server === 'broadcast',
    toString: () => `${user}@${server}`,
  };
};

class MsgKey {
  constructor({ from, to, id, participant, selfDir }) {
    Object.assign(this, { fromMe: selfDir === 'out', remote: to, id, participant, from });
    this._serialized = `${this.fromMe}_${to._serialized}_${id}`;
  }
  static async newId() {
    const bytes = crypto.getRandomValues(new Uint8Array(9));
    return `3EB0${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('').toUpperCase()}`;
  }
}

function message(fields) {
  return {
    ...fields,
    serialize() {
      const { id, from, to, serialize, toJSON, ...rest } = this;
      const plain = (each) => each && { user: each.user, server: each.server, _serialized: each._serialized };
      const key = { fromMe: id.fromMe, remote: plain(id.remote), id: id.id, _serialized: id._serialized };
      return JSON.parse(JSON.stringify({ ...rest, id: key, from: plain(from), to: plain(to) }));
    },
  };
}

function collection() {
  const models = new Map();
  return emitter({
    get: (id) => models.get(id?._serialized ?? id),
    add(model) {
      models.set(model.id._serialized, model);
      this.trigger('add', model);
      return model;
    },
    getModelsArray: () => [...models.values()],
    getMessagesById: async () => ({ messages: [] }),
  });
}
