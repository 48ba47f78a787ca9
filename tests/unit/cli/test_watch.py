"""`watch`: a line for each change, across a restart of the daemon."""

from __future__ import annotations

import asyncio
import re
import signal
from datetime import timedelta

import msgspec

from tests.fake_daemon import FakeDaemon, until
from tests.needing import BANNED, DOWN
from tests.unit.cli.shell import NOW, Shell
from wa_tui import wire
from wa_tui.cli import exits

STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00 "


class Watching:
    """One `wa-tui watch` and its lines."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def line(self) -> str:
        assert self.process.stdout is not None
        async with asyncio.timeout(40):
            return (await self.process.stdout.readline()).decode()

    async def detail(self) -> str:
        line = await self.line()
        assert re.match(STAMP, line), line
        return re.sub(STAMP, "", line).rstrip("\n")

    async def end(self) -> int:
        self.process.send_signal(signal.SIGINT)
        async with asyncio.timeout(40):
            await self.process.communicate()
        assert self.process.returncode is not None
        return self.process.returncode


async def started(shell: Shell, daemon: FakeDaemon, *options: str) -> Watching:
    watching = Watching(await shell.start("watch", *options))
    await until(lambda: bool(daemon.monitors))
    return watching


async def test_each_change_is_one_line(shell: Shell, daemon: FakeDaemon) -> None:
    watching = await started(shell, daemon)
    assert await watching.detail() == "daemon: watching 4 sessions on 2 gateways: 1 claimed, 3 connected"
    daemon.change(
        "eu-1",
        "billing_1",
        status="disconnected",
        reason="browser_died",
        attention=DOWN,
        proven_at=None,
    )
    assert await watching.detail() == (
        "session eu-1/billing_1 (billing): disconnected, was connected: nothing brings it back; reconnect it"
    )
    down = wire.GatewayView(name="eu-2", url="http://x", state="down", detail="connection refused")
    daemon.push(wire.Delta(gateways=[down]))
    assert await watching.detail() == "gateway eu-2: down, was up: connection refused"
    for number in (1, 2):
        need = wire.Attention(
            code=wire.AttentionCode.WEBHOOKS_REFUSED, text=f"{number} refused: wrong key", action="set it"
        )
        needy = wire.GatewayView(name="eu-1", url="http://x", state="up", attention=[need])
        daemon.push(wire.Delta(gateways=[needy]))
    assert await watching.detail() == "gateway eu-1: refused: needs a person: 1 refused: wrong key; set it"
    daemon.push(wire.Delta(gateways=[wire.GatewayView(name="eu-1", url="http://x", state="up")]))
    assert await watching.detail() == "gateway eu-1: no more, was refused"
    receipt = wire.Receipt(
        id="a1",
        action="reconnect",
        outcome="accepted",
        gateway="eu-1",
        session_id="billing_1",
        who="ann@ops",
        accepted_at=NOW,
    )
    daemon.push(wire.Delta(receipts=[receipt]))
    assert await watching.detail() == "action reconnect eu-1/billing_1 by ann@ops: accepted"
    daemon.finish("a1", "no_effect", "waiting for a scan")
    assert (
        await watching.detail() == "action reconnect eu-1/billing_1 by ann@ops: no effect: waiting for a scan"
    )
    evil = "a\x1b]0;owned\x07b\r\nc"
    daemon.change("eu-1", "shared", detail=evil, reason="other", status="disconnected")
    line = await watching.detail()
    assert not {"\x1b", "\x07", "\r"} & set(line) and "owned" not in line
    daemon.push(wire.Delta(removed=[("eu-1", "shared")]))
    assert (await watching.detail()).startswith("session eu-1/shared: gone")
    assert await watching.end() == exits.INTERRUPTED


async def test_what_changes_nothing_worth_telling_is_silent(shell: Shell, daemon: FakeDaemon) -> None:
    watching = await started(shell, daemon)
    await watching.line()
    now = wire.utc_now()
    daemon.change("eu-1", "billing_1", proven_at=now, observed_at=now, used_at=now)
    daemon.change("eu-1", "billing_1", acknowledged=wire.AcknowledgedView(who="ann@ops", at=NOW))
    assert await watching.detail() == "session eu-1/billing_1 (billing): connected: ann@ops takes care of it"
    await watching.end()


async def test_what_it_was_is_what_was_said_before(shell: Shell, daemon: FakeDaemon) -> None:
    daemon.change("eu-1", "billing_1", status="disconnected")
    watching = await started(shell, daemon, "--session", "billing_1")
    await watching.line()
    daemon.change("eu-1", "billing_1", status="connected", proven_at=None)
    assert (await watching.detail()).endswith(": claimed, was disconnected")
    daemon.change("eu-1", "billing_1", proven_at=wire.utc_now())
    assert (await watching.detail()).endswith(": connected, was claimed"), "it works again"
    daemon.change("eu-1", "billing_1", proven_at=wire.utc_now())
    daemon.change(
        "eu-1",
        "billing_1",
        status="disconnected",
        reason="banned",
        attention=BANNED,
    )
    assert (await watching.detail()).endswith(": disconnected, was connected: banned by WhatsApp")
    await watching.end()


async def test_a_restart_of_the_daemon_is_followed(shell: Shell, daemon: FakeDaemon) -> None:
    watching = await started(shell, daemon)
    await watching.line()
    receipt = wire.Receipt(id="a1", action="sync", outcome="accepted", who="ann", accepted_at=NOW)
    daemon.push(wire.Delta(receipts=[receipt]))
    await watching.line()
    await daemon.kill()
    stderr = watching.process.stderr
    assert stderr is not None
    async with asyncio.timeout(40):
        assert b"waiting for its return" in await stderr.readline()
    billing = daemon.sessions["eu-1", "billing_1"]
    daemon.sessions["eu-1", "billing_1"] = msgspec.structs.replace(
        billing, status="qr_pending", reason="logout"
    )
    ended = msgspec.structs.replace(receipt, outcome="unknown", text="the daemon stopped", ended_at=NOW)
    snapshot = daemon.snapshot
    daemon.receipts["a1"] = ended
    daemon.snapshot = lambda: msgspec.structs.replace(snapshot(), receipts=[])  # type: ignore[method-assign]
    await daemon.start()
    async with asyncio.timeout(40):
        assert b"the daemon is back" in await stderr.readline()
    assert await watching.detail() == (
        "session eu-1/billing_1 (billing): scan QR, was connected: logged out on the phone"
    )
    assert await watching.detail() == "action sync by ann: unknown: the daemon stopped"
    assert await watching.end() == exits.INTERRUPTED


async def test_lines_of_json(shell: Shell, daemon: FakeDaemon) -> None:
    watching = await started(shell, daemon, "--json")
    first = msgspec.json.decode(await watching.line())
    assert (first["kind"], first["at"][-1]) == ("daemon", "Z")
    daemon.change("eu-1", "billing_1", status="disconnected", reason="logout")
    line = msgspec.json.decode(await watching.line())
    del line["at"]
    assert line == {
        "kind": "session",
        "gateway": "eu-1",
        "session_id": "billing_1",
        "instance_name": "billing",
        "before": "connected",
        "after": "disconnected",
        "why": "logged out on the phone",
    }
    await watching.end()


async def test_only_one_gateway_or_session(shell: Shell, daemon: FakeDaemon) -> None:
    one = await started(shell, daemon, "--gateway", "eu-2")
    assert await one.detail() == "daemon: watching 2 sessions on 1 gateway: 1 claimed, 1 connected"
    daemon.change("eu-1", "billing_1", status="disconnected")
    daemon.change("eu-2", "shared", status="disconnected")
    assert await one.detail() == "session eu-2/shared: disconnected, was connected"
    await one.end()
    other = await started(shell, daemon, "--session", "billing_1")
    assert (await other.detail()).startswith("daemon: watching 1 session on 1 gateway")
    daemon.change("eu-1", "shared", status="disconnected")
    daemon.change("eu-1", "billing_1", status="connected")
    assert await other.detail() == "session eu-1/billing_1 (billing): connected, was disconnected"
    await other.end()
    done = await shell("watch", "--gateway", "nope")
    assert (done.code, done.out) == (exits.USAGE, "")
    assert (await shell("watch", "--session", "nope")).code == exits.USAGE


async def test_a_gateway_that_is_quieted_and_calls_again_is_a_line(shell: Shell, daemon: FakeDaemon) -> None:
    watching = await started(shell, daemon, "--gateway", "eu-1")
    await watching.detail()

    def change(**fields: object) -> None:
        gateway = msgspec.structs.replace(daemon.gateways["eu-1"], **fields)
        daemon.push(wire.Delta(gateways=[gateway]))

    until_when = wire.utc_now() + timedelta(hours=2)
    change(snoozed_until=until_when)
    assert await watching.detail() == f"gateway eu-1: snoozed until {until_when.astimezone():%Y-%m-%d %H:%M}"
    restarts = wire.Attention(code=wire.AttentionCode.GATEWAY_RESTARTS, text="it restarted 5 times")
    change(attention=[restarts])
    assert await watching.detail() == "gateway eu-1: restarts: calls nobody now: it restarted 5 times"
    daemon.change("eu-1", "billing_1", status="disconnected", reason="missing", attention=DOWN)
    assert (await watching.detail()).endswith(", covered by gateway eu-1")
    change(snoozed_until=None, acknowledged=wire.AcknowledgedView(who="mira@ops", at=NOW))
    assert await watching.detail() == "gateway eu-1: mira@ops takes care of it"
    change(acknowledged=None)
    assert await watching.detail() == "gateway eu-1: calls again"
    await watching.end()
