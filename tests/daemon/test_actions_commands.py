"""The actions' commands on a real daemon and a simulated gateway, as an engineer and a script use them."""

from __future__ import annotations

import asyncio
import signal
import sys

import msgspec

from tests.simulated import simulated

from .conftest import NewDaemon
from .inside import nth

TO = "15550100"


async def test_a_days_work(new_daemon: NewDaemon) -> None:
    daemon = new_daemon()
    async with simulated(control_plane=daemon.url, sessions=3) as sim:
        await daemon.start(sim)
        for number in range(3):
            await daemon.session_until(nth(number), lambda view: view.proven_at is not None)

        async def run(*arguments: str, code: int = 0) -> str:
            done = await daemon.wa_tui(*arguments)
            assert done.returncode == code, (arguments, done)
            return done.stdout

        assert "renamed from" in await run("rename", nth(0), "sales")
        assert "primary session of user 1" in await run("primary", nth(0))
        sent = await run("send", "--user", "1", TO, "hello")
        assert f"sent to {TO} through default/{nth(0)} (3EB0" in sent
        media = ("--media", "https://x/a.png", "--caption", "look", "--json")
        receipt = msgspec.json.decode(await run("send", nth(1), TO, *media))
        assert (receipt["outcome"], receipt["attempts"][0]["outcome"]) == ("verified", "sent")
        assert [message["recipient"] for message in await sim.messages()] == [TO, TO]
        listed = await run("messages")
        assert nth(0) in listed and "image" in listed
        assert "calls nobody until" in await run("snooze", nth(2), "--for", "30m")
        assert "nothing to acknowledge" in await run("ack", nth(2), code=1)
        assert "no pairing codes" in await run("pairing-code", nth(2), "4915255500001", code=1)
        assert "disconnected" in await run("disconnect", nth(2), "--yes")
        assert "deleted; its credentials stay" in await run("delete", nth(2), "--yes")
        assert nth(2) not in await run("sessions")
        assert "no session" in (await daemon.wa_tui("adopt", nth(2))).stderr
        assert "answered in" in await run("jobs", "run", "health")
        assert "sync-session-status" in await run("jobs")
        made = await run("new", "--user", "1", "--name", "support")
        assert "waiting for a scan" in made
        taken = await run("new", "--user", "1", "--name", "support", code=1)
        assert "user 1 has a support already" in taken
        assert "send refused: this monitor is read-only" in await run(
            "--read-only", "send", nth(0), TO, "x", code=1
        )


async def test_a_watcher_sees_it_across_a_restart(new_daemon: NewDaemon) -> None:
    daemon = new_daemon()
    async with simulated(control_plane=daemon.url, sessions=1) as sim:
        await daemon.start(sim)
        await daemon.session_until(nth(0), lambda view: view.proven_at is not None)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "wa_tui", "watch"),
            env=daemon.variables(),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None

        async def line_with(detail: str) -> str:
            assert process.stdout is not None
            async with asyncio.timeout(40):
                while detail not in (line := (await process.stdout.readline()).decode()):
                    assert line, f"it ended before it said {detail!r}"
                return line

        assert "1 session on 1 gateway: 1 connected" in await line_with("watching")
        await sim.fault("logout", nth(0))
        line = await line_with("was connected")
        assert f"session default/{nth(0)}: scan QR, was connected: logged out on the phone" in line
        await daemon.restart()
        await line_with("daemon: started anew")
        await daemon.wa_tui("rename", nth(0), "sales")
        assert "by " in await line_with("action rename")
        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(40):
            await process.communicate()
        assert process.returncode == 130


async def test_what_went_through_sessions_is_told_from_end_to_end(new_daemon: NewDaemon) -> None:
    daemon = new_daemon()
    async with simulated(control_plane=daemon.url, sessions=2, traffic=0) as sim:
        await daemon.start(sim)
        await daemon.session_until(nth(0), lambda view: view.proven_at is not None)
        await sim.fault("messages", nth(0), received=3, sent=2, failed=1)
        await daemon.session_until(
            nth(0), lambda view: view.traffic is not None and view.traffic.received == 3
        )
        told = (await daemon.wa_tui("traffic")).stdout
        assert "3 in, 2 out" in told.splitlines()[0] and nth(0) in told.splitlines()[2]
        assert nth(0) in (await daemon.wa_tui("traffic", "--failing")).stdout
        report = (await daemon.wa_tui("report", "--since", "1h")).stdout
        assert "## Messages" in report and "| `default` | 5 | " in report
