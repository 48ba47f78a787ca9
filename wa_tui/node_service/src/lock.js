import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { ConfigError } from './errors.js';
import { alive, processOf } from './processes.js';

/**
 * Takes the data directory for this process: a second service would end the first one's browsers as orphans.
 * @param {string} directory
 * @returns {() => void} gives it back
 * @throws {ConfigError} naming who holds it
 */
export function takeDirectory(directory) {
  const file = path.join(directory, 'service.lock');
  const holder = read(file);
  if (
    holder &&
    holder.host === os.hostname() &&
    holder.pid !== process.pid &&
    alive(holder.pid) &&
    processOf(holder.pid).started === holder.started
  ) {
    throw new ConfigError(
      `${directory} is in use by another service (pid ${holder.pid}): end that one, or set WWEBJS_DATA_PATH`,
    );
  }
  const { pid } = process;
  writeFileSync(file, JSON.stringify({ host: os.hostname(), pid, started: processOf(pid)?.started ?? null }));
  return () => rmSync(file, { force: true });
}

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}
