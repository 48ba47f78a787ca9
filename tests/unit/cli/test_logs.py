"""`logs`."""

from __future__ import annotations

import asyncio
import signal
from datetime import timedelta
from typing import Any

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


async def test_logs_follow_goes_on_in_a_database_that_was_put_back(shell: Shell, daemon: FakeDaemon) -> None:
    for text in ("one", "two", "three", "lost"):
        daemon.say(text=text)
    process = await shell.start("logs", "-f", "-n", "2")
    assert process.stdout is not None and process.stderr is not None
    async with asyncio.timeout(40):
        assert [b"three" in await process.stdout.readline(), b"lost" in await process.stdout.readline()]
        await until(lambda: bool(daemon.monitors))
        daemon.say(text="live")
        assert b"live" in await process.stdout.readline()
        await daemon.kill()
        # A copy from before the last three: their ids are given again, and not all of them yet.
        del daemon.events[2:]
        daemon.say(text="anew")
        await daemon.start()
        assert b"daemon gone" in await process.stderr.readline()
        assert b"is back" in await process.stderr.readline()
        assert b"an earlier database, or another one: the log goes on after event 2" in (
            await process.stderr.readline()
        )
        assert b"anew" in await process.stdout.readline()
        daemon.say(text="and on")
        assert b"and on" in await process.stdout.readline()
        # One whose ids have overtaken ours since, and that has all we saw but the last two.
        await daemon.kill()
        del daemon.events[2:]
        for number in range(3):
            daemon.say(text=f"again {number}")
        await daemon.start()
        for number in range(3):
            assert f"again {number}".encode() in await process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert (await process.communicate())[0] == b""


async def test_logs_of_a_session_have_the_outages_of_its_gateway(shell: Shell, daemon: FakeDaemon) -> None:
    at = daemon.daemon.started_at
    of_gateway: dict[str, Any] = {"at": at, "source": "health", "kind": "gateway"}
    daemon.say(**of_gateway, gateway="eu-1", before="up", after="down", text="before it was there")
    daemon.say(at=at, gateway="eu-1", session_id="billing_1", instance_name="billing", after="connected")
    daemon.say(**of_gateway, gateway="eu-1", before="up", after="down", detail="connection refused")
    daemon.say(**of_gateway, gateway="eu-2", before="up", after="down")
    later = at + timedelta(seconds=7)
    daemon.say(at=at, source="timer", kind="daemon", text="daemon 0.1.0 started", until=later)
    daemon.say(at=at, source="timer", kind="daemon", text="it goes well")
    daemon.say(**of_gateway, gateway="eu-1", before="down", after="up")
    daemon.say(at=at, gateway="eu-1", session_id="other", after="connected")
    lines = (await shell("logs", "--session", "billing_1")).out.splitlines()
    assert [line.split("  ", 1)[1] for line in lines] == [
        "webhook  eu-1/billing              connected",
        "health   eu-1                      up → down  connection refused",
        "timer                              not watched until 09:00:07  daemon 0.1.0 started",
        "health   eu-1                      down → up",
    ]
    assert (await shell("logs", "--session", "billing_1", "-n", "2")).out.splitlines() == lines[2:]
    assert (await shell("logs", "--session", "billing_1", "cause:gateway_down")).out.splitlines() == lines[
        1:2
    ]
    assert (await shell("logs", "--session", "billing_1", "--source", "health")).out.splitlines() == lines[
        1::2
    ]
    process = await shell.start("logs", "--session", "billing_1", "-f", "-n", "0")
    assert process.stdout is not None
    async with asyncio.timeout(40):
        await until(lambda: bool(daemon.monitors))
        daemon.say(**of_gateway, gateway="eu-2", before="down", after="up")
        daemon.say(**of_gateway, gateway="eu-1", before="up", after="unauthorised")
        assert b"unauthorised" in await process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        await process.communicate()


async def test_logs_by_what_holds_a_session_since(shell: Shell, daemon: FakeDaemon) -> None:
    for name, reason in (("a", "conflict"), ("b", "browser_died")):
        daemon.say(gateway="eu-1", session_id=name, before="connected", after="disconnected", reason=reason)
    done = await shell("logs", "cause:conflict")
    assert [line.split()[3] for line in done.out.splitlines()] == ["eu-1/a"]
    assert "eu-1/b" in (await shell("logs", "cause:browser")).out
    assert (await shell("logs", "cause:conflct")).code == exits.USAGE


async def test_logs_follow_ends_quietly_on_ctrl_c(shell: Shell, daemon: FakeDaemon) -> None:
    process = await shell.start("logs", "-f", "-n", "0")
    async with asyncio.timeout(40):
        await until(lambda: bool(daemon.monitors))
        process.send_signal(signal.SIGINT)
        assert (await process.communicate(), process.returncode) == ((b"", b""), exits.INTERRUPTED)
