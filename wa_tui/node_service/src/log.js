// A reader of our log may go away (a daemon that was killed): that must not end us before the browsers are closed.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

const LONGEST = 2_000;

const oneLine = (text) => text.slice(0, LONGEST).replace(/[\x00-\x1f\x7f]+/g, ' ');

/** Plain lines: what is as it should be to standard output, what is not to standard error. */
export const log = {
  info(text) {
    process.stdout.write(`${oneLine(text)}\n`);
  },
  warn(text) {
    process.stderr.write(`${oneLine(text)}\n`);
  },
};
