/** The settings cannot be used; the message says which and what to set. */
export class ConfigError extends Error {}

/** A request that is refused in the `message` shape of the contract (400). */
export class Refusal extends Error {}

/**
 * No browser could be started: nothing was done for the account. `code` is `browser_unable` or `profile_in_use`, `cause`
 * a few words, `advice` the way out, `output` what the browser said last; `details` what else is known.
 */
export class NoBrowser extends Refusal {
  constructor(message, { code, cause, advice, output = [], ...details }) {
    super(message);
    this.fields = { code, cause, advice, output, ...details };
  }
}

/** Neither a QR code nor a connection came in time (408). */
export class StartTimeout extends Error {
  constructor() {
    super('QR code generation timeout');
  }
}

/** A call took longer than its own deadline. */
export class DeadlineExceeded extends Error {}

/** A session's stored credentials are missing or no longer accepted: it shows a QR code instead. */
export class NeedsScan extends Error {}

/**
 * Puppeteer and the library reject with errors, strings and anything else.
 * @param {unknown} problem
 * @returns {string} one line
 */
export function words(problem) {
  const text = problem instanceof Error ? problem.message || problem.name : String(problem);
  return text.split('\n', 1)[0].slice(0, 300);
}
