"""A process killed in the middle of commits: everything whose commit returned is there."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

from wa_tui.store import Provenance, open_store

from .samples import NOW


def killed_after(path: Path, commits: int) -> int:
    """Run a committer, kill it some time after so many commits, and return the last id it was sure of."""
    command = [sys.executable, "-m", "tests.unit.store.committer", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(commits)]
        process.kill()
        lines += process.stdout.readlines()
    whole = [line for line in lines if line.endswith(b"\n")]
    assert len(whole) >= commits, "the committer ended by itself"
    return int(whole[-1])


async def test_what_was_committed_survives_kill_9(path: Path) -> None:
    chance = random.Random(9)
    for _ in range(4):
        sure = killed_after(path, chance.randrange(20, 200))
        store = await open_store(path, now=NOW)
        loaded = await store.load()
        assert (loaded.provenance, loaded.notices) == (Provenance.INTACT, [])
        assert loaded.last_event_id >= sure
        assert loaded.alive_at == loaded.last_event_id, "a batch is there whole or not at all"
        ids = [e.id for e in await store.events(limit=1_000_000)]
        assert ids == list(range(ids[0], loaded.last_event_id + 1))
        newest = {s.session_id: s.created_at for s in loaded.fleet.everything()}
        assert all(newest[e.session_id or ""] >= e.id for e in await store.events(limit=50))
        await store.close()
