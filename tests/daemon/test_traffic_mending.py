"""A file of counts that cannot be read or written after all: it is said, and kept counts go on by themselves."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.unit.gateways.posted import received
from wa_tui.store.traffic import sqlite

from .inside import Inside, inside, nth
from .test_silence import A_MINUTE, look, watched
from .test_traffic import GATEWAY, KIND, OPEN, door, elsewhere, loaded, minute, notice, post, series, total
from .waiting import until

BROKEN = "CAST(x'ff' AS TEXT)"
"""No text: SQLite's own look at a file finds nothing wrong with it."""


async def test_what_cannot_be_loaded_is_set_aside() -> None:
    async with inside(GATEWAY) as daemon:
        async with door(daemon) as web:
            await loaded(daemon)
            await post(web, OPEN, received(KIND, "a"))
        await daemon.stop()
        elsewhere(daemon.config.traffic_database, f"UPDATE sessions SET session_id = {BROKEN}")
        await daemon.start()
        async with door(daemon) as web:

            async def is_found() -> bool:
                return "tried again each minute" in await notice(daemon)

            await until(is_found)
            await post(web, received(KIND, "b"))
            await minute(daemon)
        assert "they begin anew" in await notice(daemon)
        assert total(await series(daemon, 24)) == {"received": 1}
        assert len(aside(daemon)) == 1


async def test_damage_that_one_sessions_history_meets_stops_nobody_elses() -> None:
    async with watched(2) as (sim, daemon):
        broken = f"UPDATE days SET counts = {BROKEN} WHERE session_id = '{nth(0)}'"
        elsewhere(daemon.config.traffic_database, broken)
        # What is usual is read anew each day.
        await look(sim, daemon, 24 * 60 * A_MINUTE)
        await minute(daemon)
        assert "they begin anew" in await notice(daemon)
        assert len(aside(daemon)) == 1
        await look(sim, daemon)
        await minute(daemon)
        assert len(aside(daemon)) == 1, "said once"


async def test_a_file_that_was_read_only_is_written_once_it_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    async with inside(GATEWAY) as daemon:
        async with door(daemon) as web:
            await loaded(daemon)
            await post(web, OPEN, received(KIND, "a"))
        await daemon.stop()
        with monkeypatch.context() as patched:
            patched.setattr(sqlite, "_connect", _connect_to_read)
            await daemon.start()
            async with door(daemon) as web:
                await loaded(daemon)
                for name in ("b", "c"):
                    await post(web, received(KIND, name))
                    await minute(daemon)
                    assert "readonly" in await notice(daemon)
                    assert total(await series(daemon, 720)) == {"received": 2 if name == "b" else 3}
        await minute(daemon)
        assert await notice(daemon) == ""
        await daemon.restart()
        await loaded(daemon)
        assert total(await series(daemon, 24)) == {"received": 3}


def _connect_to_read(path: Path) -> sqlite3.Connection:
    """Connect as SQLite does where the file may not be written."""
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None, check_same_thread=False)


def aside(daemon: Inside) -> list[Path]:
    return [*daemon.config.state_dir.glob("traffic.db.damaged-*")]
