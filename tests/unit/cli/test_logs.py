"""`logs`."""

from __future__ import annotations

import asyncio
import signal

import msgspec

from tests.fake_daemon import FakeDaemon, until
from tests.unit.cli.shell import Shell
from wa_tui.cli import exits


async def test_logs(shell: Shell, daemon: FakeDaemon) -> None:
    at = daemon.daemon.started_at
    daemon.say(at=at, gateway="eu-1", session_id="billing_1", instance_name="billing", before="connected",
               after="disconnected", reason="browser_died")  # fmt: skip
    daemon.say(at=at, gateway="eu-2", session_id="shared", source="heal", text="reconnect 1 started")
    done = await shell("logs")
    assert done.out.splitlines() == [
        "2026-11-23 09:00:00  webhook  eu-1/billing              connected → disconnected  browser died",
        "2026-11-23 09:00:00  heal     eu-2/shared               reconnect 1 started",
    ]
    assert (await shell("logs", "-n", "1")).out.splitlines() == done.out.splitlines()[1:]
    assert (await shell("logs", "--session", "billing_1")).out.splitlines() == done.out.splitlines()[:1]
    assert (await shell("logs", "-n", "0")).out == ""
    lines = [msgspec.json.decode(line) for line in (await shell("logs", "--json")).out.splitlines()]
    assert [line["id"] for line in lines] == [1, 2]
    daemon.say(at=at, gateway="eu-2", session_id="shared", before="connected", after="qr_pending")
    assert (await shell("logs", "-n", "1")).out.endswith("connected → qr pending\n")
    assert lines[0]["at"] == "2026-11-23T09:00:00Z"


async def test_logs_of_a_deleted_session_and_of_none(shell: Shell, daemon: FakeDaemon) -> None:
    daemon.say(gateway="eu-1", session_id="gone", text="deleted")
    assert "deleted" in (await shell("logs", "--session", "gone")).out
    assert "deleted" in (await shell("logs", "--session", "eu-1/gone")).out
    done = await shell("logs", "--session", "biling_1")
    assert (done.code, done.out) == (exits.USAGE, "")
    assert "the nearest: billing_1" in done.err
    assert (await shell("logs", "--session", "shared")).code == exits.USAGE


async def test_logs_follow_across_a_restart_of_the_daemon(shell: Shell, daemon: FakeDaemon) -> None:
    daemon.say(text="one")
    daemon.say(text="two")
    process = await shell.start("logs", "-f", "-n", "1")
    assert process.stdout is not None
    assert process.stderr is not None
    async with asyncio.timeout(40):
        assert b"two" in await process.stdout.readline()
        await until(lambda: bool(daemon.monitors))
        daemon.say(text="three")
        assert b"three" in await process.stdout.readline()
        await daemon.kill()
        assert b"daemon gone" in await process.stderr.readline()
        for _ in range(2500):
            daemon.say(text="four")
        await daemon.start()
        assert b"the daemon is back" in await process.stderr.readline()
        for _ in range(2500):
            assert b"four" in await process.stdout.readline()
        daemon.say(text="five")
        assert b"five" in await process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert (await process.communicate(), process.returncode) == ((b"", b""), -signal.SIGTERM)


async def test_logs_follow_ends_quietly_on_ctrl_c(shell: Shell, daemon: FakeDaemon) -> None:
    process = await shell.start("logs", "-f", "-n", "0")
    async with asyncio.timeout(40):
        await until(lambda: bool(daemon.monitors))
        process.send_signal(signal.SIGINT)
        assert (await process.communicate(), process.returncode) == ((b"", b""), exits.INTERRUPTED)
