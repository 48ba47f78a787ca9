"""A whole daemon on a damaged database: it starts, answers for all else, says what is missing, and ends when told."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from .conftest import NewDaemon
from .running import RunningDaemon
from .waiting import until

OF_EVENTS = (
    "body = '{'",
    "kind = 'nonsense'",
    "reason = 'nonsense'",
    "text = CAST(x'fffe' AS TEXT)",
    "at = 9404850000000000",
    "previous = id",
    "previous = id + 1",
    "previous = 'nonsense'",
    "id = 9223372036854775807",
)
"""One for each session's second event."""

OTHERS = (
    "INSERT OR REPLACE INTO meta VALUES ('counts', x'00ff')",
    "UPDATE meta SET value = 9223372036854775807 WHERE key = 'last_event_id'",
    "UPDATE meta SET value = 'nonsense' WHERE key = 'clean'",
    "UPDATE sessions SET body = x'80', detail = CAST(x'fe' AS TEXT) WHERE session_id = 's3'",
)
NAMES = [f"s{number}" for number in range(len(OF_EVENTS))]


def damage(database: Path) -> None:
    """Damage all of it at once."""
    shell = sqlite3.connect(database)
    trigger = shell.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger'").fetchone()[0]
    shell.execute("DROP TRIGGER events_append_only")
    for name, change in zip(NAMES, OF_EVENTS, strict=True):
        second = "SELECT id FROM events WHERE session_id = ? ORDER BY id LIMIT 1 OFFSET 1"
        shell.execute(f"UPDATE events SET {change} WHERE id = ({second})", (name,))
    for statement in OTHERS:
        shell.execute(statement)
    shell.execute(trigger)
    shell.commit()
    shell.close()


async def lived(daemon: RunningDaemon) -> RunningDaemon:
    """A daemon that ended well, and whose sessions have some events each."""
    await daemon.start()
    for status in ("connected", "disconnected", "connected"):
        for name in NAMES:
            assert (await daemon.post_webhook(name, status)).status_code == 200
    assert await daemon.sigterm() == 0
    return daemon


async def test_it_starts_and_says_what_is_missing(new_daemon: NewDaemon) -> None:
    daemon = await lived(new_daemon())
    damage(daemon.state_dir / "wa_tui.db")
    daemon.launch()
    await daemon.answering()
    assert [view.session_id for view in await daemon.client.sessions()] == NAMES
    for name in NAMES:
        assert len(await daemon.client.events(session_id=name)) >= 2, name
    assert (await daemon.post_webhook("s0", "disconnected")).status_code == 200
    assert (await daemon.client.events(session_id="s0"))[-1].after == "disconnected"
    attention = (await daemon.client.status()).daemon.attention
    (said,) = [each for each in attention if each.code == "store_damaged"]
    # One more than were damaged: what named the event that has another id now leads nowhere.
    assert said.text.startswith("10 rows of events, 3 rows of meta, 1 row of sessions could not be read"), (
        said
    )
    assert said.action
    assert await daemon.sigterm() == 0


async def test_a_start_that_takes_long_ends_when_told(new_daemon: NewDaemon) -> None:
    daemon = await lived(new_daemon())
    database = daemon.state_dir / "wa_tui.db"
    shell = sqlite3.connect(database)
    # Reading it takes minutes: a view that never ends stands where the events are.
    shell.execute("DROP TRIGGER events_append_only")
    shell.execute("ALTER TABLE events RENAME TO really")
    shell.execute(
        "CREATE VIEW events AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
        "SELECT really.* FROM n JOIN really ON really.id = -n.i"
    )
    shell.commit()
    shell.close()
    daemon.launch()

    async def reads() -> bool:
        assert daemon.running, daemon.log()
        return has_open(daemon.pid, database)

    await until(reads)
    assert await daemon.sigterm() == 0


def has_open(pid: int, file: Path) -> bool:
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        # One that was listed may be closed by now, and a socket's is no path.
        with contextlib.suppress(OSError):
            if descriptor.samefile(file):
                return True
    return False
