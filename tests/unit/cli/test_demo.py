"""`wa-tui --demo --daemon`: what it leaves, and what it shows to others on the machine."""

from __future__ import annotations

import asyncio
import fcntl
import os
import re
import signal
from pathlib import Path
from typing import Any

from tests.fake_daemon import until
from tests.unit.cli.shell import Shell

LONG_AGO = 1_000_000_000


def demo_directory(root: Path, name: str, *, old: bool = True) -> Path:
    directory = root / f"wa-tui-demo-{name}"
    (directory / "state").mkdir(parents=True)
    (directory / "state" / "daemon.lock").touch()
    if old:
        os.utime(directory, (LONG_AGO, LONG_AGO))
    return directory


def command_lines(session: int) -> list[str]:
    """The command lines of the children of a process."""
    children = Path(f"/proc/{session}/task/{session}/children").read_text().split()
    return [Path(f"/proc/{child}/cmdline").read_text() for child in children]


async def messages_of_a_month_are_there(shell: Shell, demo: Path) -> None:
    """The counts of a day, a session that is silent, a ghost that was restarted in vain, and one that fails to send."""
    shell.environment["WA_TUI_STATE_DIR"] = str(demo / "state")
    sessions: dict[str, Any] = {}
    async with asyncio.timeout(40):
        # The counts are loaded beside all else.
        while sum(sum(each["traffic"]["hours"]) > 20 for each in sessions.values()) < 23:
            rows = (await shell("traffic", "--json")).json["sessions"]
            sessions = {each["instance_name"]: each for each in rows}
    assert sessions["clinic-uk"]["silent"]["usual_s"] < 600
    assert (
        sessions["alerts-ops"]["condition"] == "ghost" and "restarted_at" in sessions["alerts-ops"]["ghost"]
    )
    assert sessions["alerts-us"]["traffic"]["failed"] == 7


async def test_a_killed_demo_is_swept_by_the_next_and_its_key_is_in_no_argument(shell: Shell) -> None:
    root = shell.directory / "tmp"
    root.mkdir()
    shell.environment["TMPDIR"] = str(root)
    stale, young = demo_directory(root, "stale"), demo_directory(root, "young", old=False)
    running = demo_directory(root, "running")
    link = root / "wa-tui-demo-link"
    link.symlink_to(young)
    with (running / "state" / "daemon.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        process = await shell.start(
            "--demo", "--daemon", stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
        )
        known = {stale, young, running, link}
        await until(
            lambda: any((path / "state" / "daemon.lock").exists() for path in {*root.iterdir()} - known)
        )
        (made,) = {*root.iterdir()} - known
        assert {*root.iterdir()} == {young, running, link, made}
        keys = re.findall(r'api_key = "(.+)"', (made / "demo.toml").read_text())
        shown = command_lines(process.pid)
        assert len(keys) == 3
        assert any("wa_tui.simulator" in line for line in shown)
        assert not any(keys[0] in line for line in shown)
        await until((made / "state" / "wa_tui.sock").exists)
        await messages_of_a_month_are_there(shell, made)
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(40):
            assert await process.wait() == 0
    assert not made.exists()


async def test_one_that_is_ended_while_it_starts_leaves_nothing(shell: Shell) -> None:
    root = shell.directory / "tmp"
    root.mkdir()
    shell.environment["TMPDIR"] = str(root)
    process = await shell.start("--demo", "--daemon")
    await until(lambda: any(root.glob("wa-tui-demo-*")))
    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(40):
        assert await process.communicate() == (b"", b"")
    assert (process.returncode, [*root.iterdir()]) == (0, [])
