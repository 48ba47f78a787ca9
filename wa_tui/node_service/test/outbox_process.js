// Puts events until it is killed; prints each id once its event is on the disk.
import { Outbox } from '../src/outbox.js';

const outbox = new Outbox(process.argv[2], { limit: 10_000, log: console });
await outbox.open();
for (let n = 0; ; n += 1) {
  await Promise.all(
    Array.from({ length: 5 }, async (_, k) => {
      await outbox.put(`s${k}`, { userId: 1, status: 'connected', n });
    }),
  );
  process.stdout.write(`${n}\n`);
}
