"""A daemon whose store cannot be opened: it shows what can be read, refuses webhooks, and goes on once it can."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.faults.disk import small_disk

from .conftest import NewDaemon
from .running import RunningDaemon
from .waiting import until


@pytest.fixture
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A file system of two megabytes."""
    directory = tmp_path_factory.mktemp("d")
    with small_disk(directory, "3m") as mounted:
        if not mounted:
            pytest.skip("mounting a small file system needs root")
        directory.chmod(0o700)
        yield directory


def fill(disk: Path) -> None:
    with (disk / "ballast").open("wb", buffering=0) as ballast, contextlib.suppress(OSError):
        while True:
            ballast.write(bytes(512))


async def refuses(daemon: RunningDaemon) -> None:
    """It answers, and says that it stores nothing."""
    answer = await daemon.post_webhook("a", "disconnected")
    assert answer.status_code == 503 and int(answer.headers["retry-after"]) > 0
    attention = (await daemon.client.status()).daemon.attention
    (said,) = [each for each in attention if each.code == "store_failed"]
    assert "opening the store failed" in said.text and said.action


async def takes(daemon: RunningDaemon) -> None:
    """It takes webhooks in again, without another start."""
    pid = daemon.pid

    async def taken() -> bool:
        try:
            return (await daemon.post_webhook("a", "disconnected")).status_code == 200
        except httpx.TransportError:
            # The one that waited ended with the connection; nothing was acknowledged.
            return False

    await until(taken, 20, daemon.log)
    await daemon.session_until("a", lambda view: view.status == "disconnected")
    assert [each.code for each in (await daemon.client.status()).daemon.attention] == []
    assert daemon.pid == pid and daemon.running


@pytest.mark.parametrize("well", [True, False], ids=["ended well", "killed"])
async def test_a_start_on_a_full_disk(new_daemon: NewDaemon, disk: Path, well: bool) -> None:
    daemon = await new_daemon(disk).start()
    await daemon.connected("a", "b")
    assert await (daemon.sigterm() if well else daemon.kill()) in (0, -9)
    fill(disk)
    daemon.launch()
    await daemon.answering()
    assert {view.session_id: view.status for view in await daemon.client.sessions()} == dict.fromkeys(
        "ab", "connected"
    )
    assert len(await daemon.client.events(session_id="b")) >= 1
    assert len((await daemon.active_sessions()).json()["data"]["sessions"]) == 2
    await refuses(daemon)
    (disk / "ballast").unlink()
    await takes(daemon)
    assert await daemon.sigterm() == 0


async def test_the_first_start_is_on_a_full_disk(new_daemon: NewDaemon, disk: Path) -> None:
    fill(disk)
    daemon = new_daemon(disk)
    await daemon.start()
    assert await daemon.client.sessions() == []
    await refuses(daemon)
    assert await daemon.sigterm() == 0
    daemon.launch()
    await daemon.answering()
    (disk / "ballast").unlink()
    await takes(daemon)


async def test_another_program_holds_the_lock(new_daemon: NewDaemon) -> None:
    daemon = await new_daemon().start()
    await daemon.connected("a", "b")
    assert await daemon.sigterm() == 0
    shell = sqlite3.connect(daemon.state_dir / "wa_tui.db")
    shell.execute("BEGIN IMMEDIATE")
    daemon.launch()
    await daemon.answering(30)
    assert {view.session_id for view in await daemon.client.sessions()} == {"a", "b"}
    await refuses(daemon)
    shell.execute("ROLLBACK")
    shell.close()
    await takes(daemon)


async def test_a_directory_in_its_place_is_said_for_what_it_is(new_daemon: NewDaemon) -> None:
    daemon = new_daemon()
    (daemon.state_dir / "wa_tui.db").mkdir()
    with pytest.raises(AssertionError, match="is a directory and no database: move it away"):
        await daemon.start()
