"""Databases of every commit that changed what is stored (`tests/data/databases`), opened by the daemon of today."""

from __future__ import annotations

import json
import lzma
import sqlite3
from contextlib import closing
from enum import Enum
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from tests.data.databases.make import picked
from tests.effort import everything
from wa_tui.model.events import Event
from wa_tui.model.registers import HOUR
from wa_tui.store import schema
from wa_tui.store.snapshot import Snapshot

from .conftest import NewDaemon
from .running import Nowhere, RunningDaemon

DIRECTORY = Path(__file__).parents[1] / "data" / "databases"
FILES = sorted(DIRECTORY.glob("*.db.xz"))
CHANGED_TABLES = ("01", "02", "05", "07", "10", "14", "18", "22")
"""Those of other tables than the one before; the rest differ in bodies alone, and are opened by `make test-long`."""
OPENED = [
    file
    for file in FILES
    if everything("WA_TUI_DATABASES") or file.name.startswith(CHANGED_TABLES) or file is FILES[-1]
]
ADDED = "see tests/data/databases/README.md: a file of this state is to be added"

JOBS = tuple(f"WA_TUI_{name}_INTERVAL" for name in ("HEALTH", "LIST_SYNC", "STATUS_SYNC", "CLEANUP"))
SELDOM = str(24 * HOUR // 1000)
"""Seconds between jobs: what is looked at is what was stored."""

KEYS = {
    "sessions": ("gateway", "session_id"),
    "events": ("id",),
    "messages": ("action_id",),
    "actions": ("id",),
    "api_keys": ("name",),
}
"""What tells rows apart."""

Shown = dict[str, list[dict[str, Any]]]


def shown_then(file: Path) -> Shown:
    """What the daemon that wrote it showed."""
    found: Shown = json.loads(lzma.decompress(file.with_suffix("").with_suffix(".json.xz").read_bytes()))
    for session in found["sessions"]:
        # What no phone has was shown as its number once.
        if "@" in (session["phone_number"] or ""):
            session["phone_number"] = None
        # A code lives for a minute.
        if session["status"] == "qr_pending":
            session["reason"] = "qr_expired"
    for event in found["events"]:
        # So was the reason of a session's state, in events that do not tell it.
        if event["kind"] in ("action", "outcome", "qr"):
            event |= {"reason": None, "detail": None}
        if event["kind"] == "daemon":
            event |= {"before": None, "after": None}
    return found


def copy(file: Path, directory: Path) -> None:
    """Put a copy of a file where a daemon has its database."""
    database = directory / "wa_tui.db"
    database.write_bytes(lzma.decompress(file.read_bytes()))
    database.chmod(0o600)


async def shown_now(daemon: RunningDaemon, then: Shown) -> Shown:
    """The same of what it showed, by the daemon of today."""
    client = daemon.client
    found: dict[str, Any] = {
        "sessions": await client.sessions(),
        "events": await client.events(limit=5000),
        "messages": await client.messages(limit=1000),
        "api_keys": await client.api_keys(),
        "actions": [await client.receipt(each["id"]) for each in then["actions"]],
    }
    return {name: [picked(name, msgspec.to_builtins(each)) for each in rows] for name, rows in found.items()}


def assert_kept(then: Shown, now: Shown) -> None:
    """Assert that everything there was is there, and is what it was."""
    for name, rows in now.items():
        found = {tuple(row[part] for part in KEYS[name]): row for row in rows}
        for row in then.get(name, []):
            assert found.get(tuple(row[part] for part in KEYS[name])) == row, name


@pytest.mark.soak
@pytest.mark.parametrize("file", OPENED, ids=lambda file: file.name.partition(".")[0])
async def test_what_an_older_daemon_stored_is_shown_and_lives_on(file: Path, new_daemon: NewDaemon) -> None:
    daemon = new_daemon(**dict.fromkeys(JOBS, SELDOM))
    copy(file, daemon.state_dir)
    then = shown_then(file)
    await daemon.start(Nowhere("eu"), Nowhere("us", "http://127.0.0.1:7"))
    await daemon.session_until("scan_1", lambda session: session.reason == "qr_expired")
    assert_kept(then, await shown_now(daemon, then))
    assert {each["name"] for each in then["jobs"]} <= {job.name for job in await daemon.client.jobs()}
    view = await daemon.client.status()
    assert (view.daemon.attention, view.daemon.notices) == ([], [])

    answer = await daemon.post_webhook(
        "sales_1", "disconnected", path="/api/v1/gateways/eu/webhook/", reason="NAVIGATION"
    )
    assert answer.status_code == 200
    await daemon.kill()
    daemon.launch()
    await daemon.answering()
    now = await shown_now(daemon, then)
    session = await daemon.session("sales_1", "eu")
    assert session is not None and session.status == "disconnected"
    assert any(
        each.after == "disconnected" for each in (await daemon.client.events(session_id="sales_1"))[-2:]
    )
    then["sessions"] = [each for each in then["sessions"] if each["session_id"] != "sales_1"]
    assert_kept(then, now)
    assert "Traceback" not in daemon.log() and "cannot be" not in daemon.log()


def test_a_file_of_the_schema_of_today_is_among_them(tmp_path: Path) -> None:
    copy(FILES[-1], tmp_path)
    with closing(sqlite3.connect(tmp_path / "wa_tui.db")) as newest:
        assert schema.version_of(newest) == len(schema.MIGRATIONS), ADDED


def shapes(kind: Any, found: dict[str, str]) -> dict[str, str]:
    """The names under which a type, and what it holds, is stored."""
    for part in get_args(kind):
        shapes(part, found)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind.__name__ not in found:
        fields = msgspec.structs.fields(kind)
        tag = f"{kind.__struct_config__.tag}: " if kind.__struct_config__.tag else ""
        found[kind.__name__] = tag + " ".join(each.encode_name for each in fields)
        for each in fields:
            shapes(each.type, found)
    if isinstance(kind, type) and issubclass(kind, Enum):
        found[kind.__name__] = " ".join(each.value for each in kind)
    return found


def test_the_bodies_of_today_are_those_of_the_newest_file() -> None:
    now = {kind: shapes(kind, {}) for kind in (Snapshot, Event)}
    text = json.dumps(dict(sorted((now[Snapshot] | now[Event]).items())), indent=1)
    assert (DIRECTORY / "bodies.json").read_text().strip() == text, f"{ADDED}, and bodies.json is now\n{text}"
