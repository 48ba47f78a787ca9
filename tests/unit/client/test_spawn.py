from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import stat
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fake_daemon import FakeDaemon, until
from wa_tui import wire
from wa_tui.client import Client, DaemonGone, Disconnected, find_or_start, spawn
from wa_tui.client.starting import interpreter


@dataclass
class Settings:
    """What of a Config is read here."""

    state_dir: Path
    socket: Path
    source: Path | None = None


@pytest.fixture
def settings(directory: Path) -> Settings:
    return Settings(directory / "state", directory / "d.sock")


async def start(settings: Settings, *options: str, deadline: float = 10.0) -> Client:
    command = [sys.executable, "-m", "tests.fake_daemon_process", "--socket", str(settings.socket), *options]
    return await find_or_start(settings, command=command, deadline=deadline)


def link(path: str) -> str:
    return str(Path(path).readlink())


def free(lock: str) -> bool:
    with Path(lock).open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def runs(pid: int) -> bool:
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


async def ended(pid: int, seconds: float = 40.0) -> None:
    deadline = time.monotonic() + seconds
    while runs(pid):
        assert time.monotonic() < deadline, f"process {pid} still runs"
        await asyncio.sleep(0.01)


async def test_a_running_daemon_is_taken(daemon: FakeDaemon, settings: Settings) -> None:
    settings.socket = daemon.socket
    client = await start(settings, "--fail", "not to be started")
    assert (await client.status()).daemon.pid == os.getpid()
    assert not settings.state_dir.exists()
    await client.close()


async def test_one_is_started_in_its_own_session_and_ends_with_its_owner(settings: Settings) -> None:
    client = await start(settings)
    pid = (await client.status()).daemon.pid
    assert os.getsid(pid) == pid
    assert link(f"/proc/{pid}/fd/0") == "/dev/null"
    log = settings.state_dir / "daemon.log"
    assert link(f"/proc/{pid}/fd/1") == link(f"/proc/{pid}/fd/2") == str(log)
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert stat.S_IMODE(settings.state_dir.stat().st_mode) == 0o700
    await client.close()
    await ended(pid)


async def test_it_stays_while_another_is_attached(settings: Settings) -> None:
    owner = await start(settings)
    pid = (await owner.status()).daemon.pid
    other = await start(settings)
    feed = other.live()
    assert isinstance(await anext(feed), wire.Snapshot)
    await owner.close()
    assert (await other.status()).daemon.pid == pid
    await feed.aclose()
    await other.close()
    await ended(pid)


async def test_it_ends_when_its_owner_is_killed(settings: Settings) -> None:
    code = f"""
import asyncio, os, signal, sys
sys.path.insert(0, {str(Path.cwd())!r})
from pathlib import Path
from tests.unit.client.test_spawn import Settings, start
async def main():
    client = await start(Settings(Path({str(settings.state_dir)!r}), Path({str(settings.socket)!r})))
    print((await client.status()).daemon.pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert done.stdout, done.stderr
    await ended(int(done.stdout))


async def test_two_monitors_at_once_get_one_daemon(settings: Settings) -> None:
    clients = await asyncio.gather(*(start(settings, "--slow", "0.3") for _ in range(3)))
    pids = {(await client.status()).daemon.pid for client in clients}
    assert len(pids) == 1
    for client in clients:
        await client.close()
    await ended(pids.pop())


async def test_a_daemon_on_its_way_out_is_waited_for(settings: Settings) -> None:
    first = await start(settings)
    old = (await first.status()).daemon.pid
    settings.socket.rename(settings.socket.with_suffix(".old"))  # it no longer answers, but holds the lock
    starting = asyncio.create_task(start(settings))
    log = settings.state_dir / "daemon.log"
    await until(lambda: "another daemon runs" in log.read_text())
    settings.socket.with_suffix(".old").rename(settings.socket.with_suffix(".gone"))
    os.kill(old, 9)
    second = await starting
    assert (await second.status()).daemon.pid != old
    await first.close()
    await second.close()


async def test_one_that_crashes_is_started_anew(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spawn, "REVIVAL_S", 0.0)
    client = await start(settings)
    pid = (await client.status()).daemon.pid
    feed = client.follow()
    assert isinstance(await anext(feed), wire.Snapshot)
    os.kill(pid, signal.SIGKILL)
    assert isinstance(await anext(feed), Disconnected)
    again = await anext(feed)
    assert isinstance(again, wire.Snapshot)
    assert again.daemon.pid != pid
    await feed.aclose()
    await client.close()
    await ended(again.daemon.pid)


async def test_one_that_another_monitor_had_started_is_started_anew_too(settings: Settings) -> None:
    owner, other = await start(settings), await start(settings)
    old = (await owner.status()).daemon.pid
    feed = other.follow()
    assert isinstance(await anext(feed), wire.Snapshot)
    await owner.close()
    os.kill(old, signal.SIGKILL)
    assert isinstance(await anext(feed), Disconnected)
    async with asyncio.timeout(40):
        again = await anext(feed)
    assert isinstance(again, wire.Snapshot) and again.daemon.pid != old
    await feed.aclose()
    await other.close()
    await ended(again.daemon.pid)


async def test_many_that_lost_it_join_whoever_starts_the_next(settings: Settings) -> None:
    owner = await start(settings)
    others = [await start(settings) for _ in range(3)]
    old = (await owner.status()).daemon.pid
    feeds = [other.follow() for other in others]
    for feed in feeds:
        assert isinstance(await anext(feed), wire.Snapshot)
    await owner.close()
    os.kill(old, signal.SIGKILL)

    async def back(other: Client) -> int:
        async for message in other.follow():
            if isinstance(message, wire.Snapshot):
                return message.daemon.pid
        raise AssertionError

    for feed in feeds:
        await feed.aclose()
    async with asyncio.timeout(40):
        pids = set(await asyncio.gather(*(back(other) for other in others)))
    assert len(pids) == 1 and old not in pids
    for other in others:
        await other.close()
    await ended(pids.pop())


async def test_one_that_was_ending_when_it_was_found_is_followed_by_the_next(settings: Settings) -> None:
    owner, late = await start(settings), await start(settings)
    old = (await owner.status()).daemon.pid
    await owner.close()
    await ended(old)
    assert not settings.socket.exists()
    feed = late.follow()
    assert isinstance(await anext(feed), Disconnected)
    async with asyncio.timeout(40):
        again = await anext(feed)
    assert isinstance(again, wire.Snapshot)
    await feed.aclose()
    await late.close()
    await ended(again.daemon.pid)


async def test_one_that_was_found_and_stopped_stays_so(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spawn, "YOUNG_S", 0.0)
    owner, other = await start(settings), await start(settings)
    old = (await owner.status()).daemon.pid
    await owner.close()
    await ended(old)
    feed = other.follow()
    assert isinstance(await anext(feed), Disconnected)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1.0):
            await anext(feed)
    assert not settings.socket.exists()
    await feed.aclose()
    await other.close()


async def test_one_that_was_stopped_stays_so(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spawn, "REVIVAL_S", 0.0)
    client = await start(settings)
    feed = client.follow()
    await anext(feed)
    pid = (await client.status()).daemon.pid
    os.kill(pid, signal.SIGTERM)
    await feed.aclose()  # the fake one ends when the last monitor has left
    await ended(pid)
    feed = client.follow()
    assert isinstance(await anext(feed), Disconnected)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1.0):
            await anext(feed)
    assert not settings.socket.exists()
    await feed.aclose()
    await client.close()


async def test_one_that_fails_is_quoted(settings: Settings) -> None:
    settings.state_dir.mkdir()
    (settings.state_dir / "daemon.log").write_text("yesterday's trouble\n")
    with pytest.raises(DaemonGone, match="ended with code 1 before it answered") as caught:
        await start(settings, "--fail", "port 8000 is held by node (pid 7)")
    assert caught.value.log == "port 8000 is held by node (pid 7)"
    assert "port 8000 is held by node" in str(caught.value)


async def test_one_that_never_answers_is_given_up(settings: Settings) -> None:
    with pytest.raises(DaemonGone, match=r"none answered within 1 s; see .*daemon\.log"):
        await start(settings, "--slow", "60", deadline=1.0)
    await until(lambda: free(f"{settings.socket}.lock"))


async def test_a_state_directory_that_cannot_be_written(settings: Settings) -> None:
    settings.state_dir.parent.joinpath("state").write_text("a file")
    with pytest.raises(DaemonGone, match=r"cannot be written.*set WA_TUI_STATE_DIR"):
        await start(settings)


async def test_the_daemons_own_command(settings: Settings) -> None:
    settings.source = Path("wa.toml")
    command = spawn._command(settings)
    assert command == [
        *(*interpreter(), "-m", "wa_tui", "--daemon"),
        *("--config", str(Path.cwd() / "wa.toml")),
    ]


def test_a_daemon_is_made_of_nothing_that_lies_where_it_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    tmp_path.joinpath("msgspec.py").write_text("raise SystemExit('a file of somebody else')")
    ran = subprocess.run(
        [*interpreter(), "-m", "wa_tui", "--version"], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    assert interpreter() == [sys.executable]
