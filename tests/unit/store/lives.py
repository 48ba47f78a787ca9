"""What became of a store before the test: an end, a crash, and the next start."""

from __future__ import annotations

import shutil
from pathlib import Path

from wa_tui.model.fleet import Fleet
from wa_tui.store import Batch, Loaded, Provenance, open_store

from .samples import FULL_GATEWAY, NOW, event, session

SESSIONS = [session(f"user_{n}_instance_x", created_at=NOW + n) for n in range(300)]


def beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


async def written(path: Path, *, side: bool) -> None:
    """A store that ended well, with a side file of event 100 or without."""
    store = await open_store(path, now=NOW)
    await store.commit(Batch(sessions=SESSIONS, gateways=[FULL_GATEWAY]))
    await store.commit(Batch(events=[event(i) for i in range(1, 101)], alive_at=NOW))
    if side:
        await store.copy_aside(Fleet(SESSIONS, [FULL_GATEWAY]), NOW)
    await store.commit(Batch(events=[event(i) for i in range(101, 201)], alive_at=NOW + 5))
    await store.close()


async def crashed(path: Path, *, side: bool) -> Path:
    """The files of such a store as a power cut leaves them: never closed."""
    store = await open_store(path, now=NOW)
    await store.commit(Batch(sessions=SESSIONS, gateways=[FULL_GATEWAY]))
    await store.commit(Batch(events=[event(i) for i in range(1, 201)], alive_at=NOW))
    if side:
        await store.copy_aside(Fleet(SESSIONS, [FULL_GATEWAY]), NOW)
    copy = path.parent.parent / "copy"
    shutil.copytree(path.parent, copy)
    await store.close()
    return copy / path.name


async def loaded(path: Path) -> Loaded:
    """What is loaded; the store can be written to, and what is written is there at the next start."""
    store = await open_store(path, now=NOW)
    result = await store.load()
    next_id = result.last_event_id + 1
    await store.commit(Batch(events=[event(next_id)], alive_at=NOW + 9))
    await store.close()
    again = await open_store(path, now=NOW)
    after = await again.load()
    assert (after.provenance, after.last_event_id) == (Provenance.INTACT, next_id)
    assert list(after.fleet.everything()) == list(result.fleet.everything())
    await again.close()
    return result
