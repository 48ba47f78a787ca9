/** A QR code's life, in milliseconds. */
export const QR_LIFE = 60_000;

/**
 * What is known of a session. Only here does it change, and every change of the status is announced.
 */
export class State {
  status = 'initializing';
  reason = null;
  since = new Date();
  phoneNumber = null;
  /** @type {{text: string, expiresAt: Date} | null} */
  qr = null;
  /** @type {Date | null} when a call into the page last showed that it works */
  provenAt = null;

  #announce;
  /** As `since`, by the clock that nobody sets. */
  #changed = performance.now();

  /** @param {(status: string, fields: object) => void} announce */
  constructor(announce) {
    this.#announce = announce;
  }

  /**
   * @param {string} status
   * @param {{reason?: string, error?: string, phoneNumber?: string}} fields as in the webhook
   */
  become(status, fields = {}) {
    if (status === this.status) return;
    this.status = status;
    this.reason = fields.reason ?? fields.error ?? null;
    this.since = new Date();
    this.#changed = performance.now();
    if (status !== 'qr_pending') this.qr = null;
    this.#announce(status, fields);
  }

  /**
   * Why it is down is known better now: announced, once for the same reason.
   * @param {{reason: string}} fields as in the webhook
   */
  explain(fields) {
    if (fields.reason === this.reason) return;
    this.reason = fields.reason;
    this.#announce(this.status, fields);
  }

  /** @param {string} text a QR code to scan, the first one or one that replaces another */
  show(text) {
    this.qr = { text, expiresAt: new Date(Date.now() + QR_LIFE) };
    const fields = { qr: text, qrExpiresAt: this.qr.expiresAt.toISOString() };
    if (this.status === 'qr_pending') this.#announce(this.status, fields);
    else this.become('qr_pending', fields);
  }

  /** @param {string | undefined} phoneNumber */
  connected(phoneNumber) {
    this.phoneNumber = phoneNumber ?? this.phoneNumber;
    this.become('connected', { phoneNumber: this.phoneNumber });
  }

  /** A call into the page showed that the client works. */
  proven() {
    this.provenAt = new Date();
  }

  /** Milliseconds since the status last changed. */
  get age() {
    return performance.now() - this.#changed;
  }
}
