import { lstatSync, renameSync } from 'node:fs';

/**
 * Moves something out of the way that is where a file of ours has to be, and that is not to be lost.
 * @param {string} file
 * @returns {string} where it is now: beside, with a name that nothing had
 */
export function setAside(file) {
  for (let n = 1; ; n += 1) {
    const place = `${file}.unreadable${n === 1 ? '' : `-${n}`}`;
    if (lstatSync(place, { throwIfNoEntry: false }) !== undefined) continue;
    renameSync(file, place);
    return place;
  }
}
