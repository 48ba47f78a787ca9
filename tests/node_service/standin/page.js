// The page that stands in for web.whatsapp.com: just enough of its modules for whatsapp-web.js to pair,
// restore, send and be logged out. The "servers" and the "phone" behind it are server.mjs.
'use strict';

const page = crypto.randomUUID();
const events = new EventSource(`/ctl/events?page=${page}`);
const known = new Promise((open) => (events.onopen = open)); // the servers know this page
const later = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

async function ask(path, body) {
  await known;
  const answer = await fetch(`/ctl/${path}`, { method: 'POST', body: JSON.stringify({ page, ...body }) });
  return answer.json();
}

// --- state
let me = null; // our own wid once paired
let syncing = false; // hasSynced is due: fired when somebody listens
const keys = crypto.getRandomValues(new Uint8Array(96));
const base64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));
const advSecret = base64(keys.slice(64));
const PLATFORM = '1';

const Socket = emitter({
  state: 'OPENING',
  hasSynced: false,
  async logout() {
    await ask('unlinked');
    setTimeout(leave, 50, 'user_initiated'); // after the caller has its answer
  },
  reconnect: () => setState('CONNECTED'),
  takeover: () => setState('CONNECTED'),
});
const Conn = emitter({
  ref: undefined,
  platform: 'android',
  serialize: () => ({ pushname: 'Stand-in', platform: 'android', ref: Conn.ref }),
});
const Cmd = emitter({ refreshQR: () => ask('refresh') });

function setState(state) {
  if (Socket.state === state) return;
  Socket.state = state;
  document.title = document.body.textContent = `${me?.user ?? 'nobody'}: ${state}`;
  ask('state', { state });
  Socket.trigger('change:state', Socket, state);
}

// The library listens for hasSynced at the end of its injection: an earlier event would be lost.
function attached(model, name) {
  if (model === Socket && name === 'change:hasSynced') setTimeout(sync);
}

function sync() {
  if (!syncing || Socket.hasSynced || !Socket.heard('change:hasSynced')) return;
  Socket.hasSynced = true;
  for (const percent of [50, 100]) {
    progress = percent;
    Cmd.trigger('offline_progress_update_from_bridge');
  }
  Socket.trigger('change:hasSynced', Socket, true);
}
let progress = 0;

// --- messages
const Msg = collection();
const Chat = collection();

function chatWith(id) {
  const serialize = () => ({ id: id._serialized });
  return Chat.get(id) ?? Chat.add({ id, unreadCount: 0, mute: { expiration: 0 }, serialize });
}

function addAndSendMsgToChat(chat, fields) {
  const sent = Msg.add(message(fields));
  const { id, type, size, body, caption } = sent;
  const told = { id: id.id, to: chat.id._serialized, body: caption ?? body, type, size };
  const answered = ask('sent', told).then(({ acked }) => acked && acknowledged({ id: id.id, ack: 1 }));
  return [Promise.resolve(sent), answered];
}

function incoming({ from, body }) {
  const remote = wid(from);
  const id = new MsgKey({ from: remote, to: remote, id: crypto.randomUUID(), selfDir: 'in' });
  const t = Math.floor(Date.now() / 1000);
  Msg.add(message({ id, from: remote, to: me, body, type: 'chat', t, ack: 1, isNewMsg: true }));
}

/** Sent on the phone: this client is told. */
function typed({ to, id, ack }) {
  const key = new MsgKey({ from: me, to: wid(to), id, selfDir: 'out' });
  const t = Math.floor(Date.now() / 1000);
  Msg.add(message({ id: key, from: me, to: wid(to), body: 'typed', type: 'chat', t, ack, isNewMsg: true }));
}

function acknowledged({ id, ack }) {
  const sent = Msg.getModelsArray().find((each) => each.id.id === id);
  sent.ack = ack;
  Msg.trigger('change:ack', sent, ack);
}

// Each question goes to the servers, as WhatsApp Web has it; what they never answer is never answered.
async function lookedUp(id) {
  const { answers, exists } = await ask('exists', { number: id.user });
  if (!answers) return new Promise(() => {});
  return exists ? { wid: id } : null;
}

// --- the modules, by the names that the library asks for
const links = (text) => (text?.match(/https?:\/\/\S+/g) ?? []).map((href) => ({ href }));
const modules = {
  WAWebSocketModel: { Socket },
  WAWebCmd: { Cmd },
  WAWebConnModel: { Conn },
  WAWebSignalStoreApi: {
    waSignalStore: { getRegistrationInfo: async () => ({ identityKeyPair: { pubKey: keys.slice(32, 64) } }) },
  },
  WAWebUserPrefsInfoStore: { waNoiseInfo: { get: async () => ({ staticKeyPair: { pubKey: keys.slice(0, 32) } }) } },
  WABase64: { encodeB64: base64 },
  WAWebCompanionRegClientUtils: { DEVICE_PLATFORM: PLATFORM },
  WAWebAdvSignatureApi: {},
  WAWebUserPrefsMultiDevice: { getADVSecretKey: () => advSecret },
  WAWebAltDeviceLinkingApi: {
    setPairingType() {},
    async initializeAltDeviceLinking() {},
    async initializeQRLinking() {},
    startAltLinkingFlow: async (number) => (await ask('code', { number })).code,
  },
  WAWebLaunchSocketUtils: { refreshQR: () => ask('refresh') },
  WAWebOfflineHandler: { OfflineMessageHandler: { getOfflineDeliveryProgress: () => progress } },
  WAWebUserPrefsMeUser: { getMaybeMePnUser: () => me, getMaybeMeLidUser: () => null },
  WAWebCollections: { Msg, Chat },
  WAWebSyncGatingUtils: {},
  WAWebWidFactory: { createWid: wid, asUserWidOrThrow: wid },
  WAWebQueryExistsJob: { queryWidExists: lookedUp },
  WAWebFindChatAction: { findOrCreateLatestChat: async (id) => ({ chat: chatWith(id) }) },
  WAWebStreamModel: { Stream: { markAvailable() {}, markUnavailable() {} } },
  WAWebUpdateUnreadChatAction: { sendSeen: async () => {} },
  WAWebChatGetters: { getIsNewsletter: () => false, getIsBroadcast: () => false },
  WALinkify: { findLink: (text) => links(text)[0], findLinks: links },
  WAWebLinkPreviewChatAction: { getLinkPreview: async () => null },
  WAWebMsgKey: MsgKey,
  WAWebGetEphemeralFieldsMsgActionsUtils: { getEphemeralFields: () => ({}) },
  WAWebSendMsgChatAction: { addAndSendMsgToChat },
  ...mediaModules,
};
const asked = new Set();
const unreported = [];

window.require = (name) => {
  if (!asked.has(name)) {
    asked.add(name);
    if (unreported.push(name) === 1) setTimeout(() => ask('asked', { names: unreported.splice(0) }), 20);
  }
  return modules[name]; // undefined for what is not there, as the library expects of optional ones
};

// --- what the servers and the phone say
const commands = {
  ref({ ref }) {
    Conn.ref = ref;
    const qr = [ref, base64(keys.slice(0, 32)), base64(keys.slice(32, 64)), advSecret, PLATFORM].join(',');
    ask('shows', { ref, qr });
    Conn.trigger('change:ref', Conn, ref);
    setState('UNPAIRED');
  },
  async scanned({ number }) {
    setState('PAIRING');
    await link.write(number);
    setState('OPENING');
    connected(number);
  },
  async logout() {
    Cmd.trigger('logout_from_bridge');
    await later(20);
    await leave('phone');
  },
  state: ({ state }) => setState(state),
  reload: () => location.reload(),
  hang({ seconds }) {
    navigator.sendBeacon('/ctl/hangs', JSON.stringify({ page }));
    for (const end = Date.now() + seconds * 1000; Date.now() < end; );
  },
  incoming,
  typed,
  acknowledged,
};

async function leave(reason) {
  await link.clear().catch(() => {});
  location.replace(`/?post_logout=1&logout_reason=${reason}`);
}

function connected(number, syncs = true) {
  me = wid(number);
  syncing = syncs;
  setState('CONNECTED');
  sync();
}

async function start() {
  // After a logout the library removes the profile under the running browser: no link then.
  const number = (await link.read().catch(() => null)) ?? null;
  events.onmessage = ({ data }) => {
    const { command, ...args } = JSON.parse(data);
    commands[command](args);
  };
  const { linked, syncs, wait } = await ask('hello', { number });
  await later(wait);
  if (linked) return connected(number, syncs);
  if (number) await link.clear();
  await ask('refresh');
}

window.Debug = { VERSION: '2.3000.1' };
start();
