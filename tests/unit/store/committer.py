"""A process that commits until it is killed, and says of each commit when it has returned."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from wa_tui.model.fleet import Fleet
from wa_tui.store import Batch, open_store

from .samples import NOW, event, session


async def main(path: Path) -> None:
    store = await open_store(path, now=NOW)
    last = (await store.load()).last_event_id
    while True:
        batch = [event(last + n, f"s{(last + n) % 50}", at=last + n) for n in range(1, 1 + last % 40 + 1)]
        last += len(batch)
        rows = {e.session_id: session(e.session_id or "", created_at=e.id) for e in batch}
        await store.commit(Batch(batch, [*rows.values()], alive_at=last))
        sys.stdout.write(f"{last}\n")
        sys.stdout.flush()
        if last % 7 == 0:
            await store.prune(last - 2000, Fleet(rows.values()), last)
        if last % 5 == 0:
            await store.copy_aside(Fleet(rows.values()), last)


asyncio.run(main(Path(sys.argv[1])))
