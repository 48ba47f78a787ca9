import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, rmdirSync } from 'node:fs';
import * as disk from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Why a test that needs a disk of its own is skipped, false where it can have one. */
export const NO_TMPFS =
  process.platform === 'linux' && process.getuid() === 0 ? false : 'mounts a tmpfs: needs root on Linux';

/** A disk of so many bytes that goes with the test. */
export function smallDisk(t, bytes) {
  return mounted(t, `size=${bytes}`);
}

/** A disk that has room for so many files and directories, its own included. */
export function fewFiles(t, count) {
  return mounted(t, `nr_inodes=${count}`);
}

function mounted(t, option) {
  const where = mkdtempSync(path.join(tmpdir(), 'node-service-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', option, 'tmpfs', where]);
  t.after(() => {
    execFileSync('umount', ['--lazy', where]);
    rmdirSync(where);
  });
  return where;
}

/** Takes what room is left there; returns what gives it back. */
export function fill(where) {
  const ballast = path.join(where, 'ballast');
  for (const piece of [4096, 1]) {
    try {
      for (;;) appendFileSync(ballast, Buffer.alloc(piece));
    } catch (problem) {
      if (problem.code !== 'ENOSPC') throw problem;
    }
  }
  return () => rmSync(ballast);
}

/** `node:fs/promises` whose steps fail when `fault(step)` names an error: a write then leaves a part of itself. */
export class FaultyDisk {
  /** @param {(step: string) => string | null} fault */
  constructor(fault) {
    this.fault = fault;
    this.readFile = disk.readFile;
    this.rm = disk.rm;
  }

  async open(...what) {
    this.#check('open');
    const handle = await disk.open(...what);
    const checked =
      (step) =>
      async (...args) => {
        this.#check(step);
        return handle[step](...args);
      };
    return {
      appendFile: async (content) => {
        const code = this.fault('appendFile');
        if (code) await handle.appendFile(content.subarray(0, Math.floor(content.length * Math.random())));
        if (code) throw problem(code, 'appendFile');
        await handle.appendFile(content);
      },
      datasync: checked('datasync'),
      truncate: checked('truncate'),
      sync: checked('sync'),
      close: () => handle.close(),
    };
  }

  async rename(...what) {
    this.#check('rename');
    await disk.rename(...what);
  }

  #check(step) {
    const code = this.fault(step);
    if (code) throw problem(code, step);
  }
}

function problem(code, step) {
  return Object.assign(new Error(`${code}: the disk has a fault, ${step}`), { code });
}
