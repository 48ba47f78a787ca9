"""The service under the daemon: started anew, ended with it, heard in the log; with real processes."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import time
from collections.abc import Coroutine
from typing import Any

import pytest
import uvloop

from tests.daemon.waiting import until
from wa_tui.node import output
from wa_tui.node.service import Service
from wa_tui.node.supervising import Supervisor, Timing
from wa_tui.wire import Delta, EventView, Snapshot

from .machine import Machine, ended, runs


def on_the_daemons_loop(scenario: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(scenario)


async def test_the_service_gets_the_configuration(machine: Machine) -> None:
    daemon = await machine.start()
    start = await machine.started()
    env = start["env"]
    assert start["argv"][1] == str(machine.installed / "src" / "main.js")
    assert env["PORT"] == str(machine.port) and env["HOST"] == "127.0.0.1"
    assert env["API_KEY"] == daemon.key
    assert env["DJANGO_API_URL"] == daemon.url
    assert env["WWEBJS_DATA_PATH"] == str(daemon.state_dir / "wwebjs")
    assert stat.S_IMODE((daemon.state_dir / "wwebjs").stat().st_mode) == 0o700
    assert env["PUPPETEER_EXECUTABLE_PATH"] == str(machine.bin / "chromium")
    assert env["WA_TUI_PARENT_PIPE"] == str(daemon.state_dir)
    assert not {"NODE_SERVICE_API_KEY", "WA_TUI_API_KEY"} & env.keys()
    assert (await daemon.client.status()).daemon.runs_node


async def test_a_service_that_dies_is_started_again_after_a_growing_pause(machine: Machine) -> None:
    machine.write("mode", "die")
    daemon = await machine.start()
    await machine.until_said("started again in 2 s")
    said = machine.said()
    assert "port 3000 is taken" in said
    assert "the Node service ended with code 3 (port 3000 is taken); it is started again in 1 s" in said
    assert len(machine.starts()) == 2
    (notice,) = (await daemon.client.status()).daemon.notices
    assert "it is started again in 2 s" in notice and str(daemon.state_dir / "node.log") in notice
    machine.write("mode", "serve")
    await machine.until_said("Listening")
    assert (await daemon.client.status()).daemon.notices == []


async def test_a_killed_service_is_started_again_and_its_browser_is_gone(machine: Machine) -> None:
    machine.write("mode", "browser")
    await machine.start()
    first = await machine.started()
    await machine.until_said("Listening")
    (browser,) = map(int, machine.read("browsers"))
    os.kill(first["pid"], signal.SIGKILL)
    second = await machine.started(2)
    assert "was ended by SIGKILL" in machine.said()
    assert second["pid"] != first["pid"] and not runs(browser)


async def test_it_ends_with_the_daemon(machine: Machine) -> None:
    machine.write("mode", "browser")
    daemon = await machine.start()
    start = await machine.started()
    await machine.until_said("Listening")
    assert await daemon.sigterm() == 0
    # The daemon waited for it.
    assert not runs(start["pid"])
    assert machine.read("left") == ["SIGTERM"]
    assert not runs(int(machine.read("browsers")[0]))


async def test_it_ends_when_the_daemon_is_killed(machine: Machine) -> None:
    daemon = await machine.start()
    start = await machine.started()
    await machine.until_said("Listening")
    await daemon.kill()
    await ended(start["pid"])
    assert machine.read("left") == ["parent"]


async def test_what_a_killed_daemon_left_is_ended_by_the_next(machine: Machine) -> None:
    machine.write("mode", "browser")
    daemon = await machine.start()
    start = await machine.started()
    await machine.until_said("Listening")
    os.kill(start["pid"], signal.SIGSTOP)
    await daemon.kill()
    os.kill(start["pid"], signal.SIGKILL)
    browser = int(machine.read("browsers")[0])
    assert runs(browser)
    machine.write("mode", "serve")
    daemon.launch()
    await machine.started(2)
    assert not runs(browser)
    assert "what an earlier Node service had left is ended (processes: 1)" in machine.said()


async def test_its_lines_are_live_and_not_stored(machine: Machine) -> None:
    daemon = await machine.start()
    await machine.until_said("Listening")
    feed = daemon.client.live()
    snapshot = await anext(feed)
    assert isinstance(snapshot, Snapshot)
    lines = [event for event in snapshot.events if event.source == "node"]
    assert [line.text for line in lines][-1] == "Listening"
    assert {(line.gateway, line.kind) for line in lines} == {("default", "line")}
    ids = [event.id for event in snapshot.events]
    assert ids == sorted(ids)
    machine.write("mode", "chatty")
    os.kill(machine.starts()[-1]["pid"], signal.SIGKILL)
    heard: list[EventView] = []
    told, left_out = 0, [0]
    while told + sum(left_out) < 500:
        message = await asyncio.wait_for(anext(feed), 10)
        if isinstance(message, Delta):
            heard += [event for event in message.events if event.source == "node"]
        told = sum(event.text.startswith("line ") for event in heard)
        summed = [event.text.split() for event in heard if "lines more in" in event.text]
        left_out = [int(detail[1]) for detail in summed]
    await feed.aclose()
    assert told + sum(left_out) == 500
    # They were written at once; a busy machine may take them in two seconds.
    assert told <= 2 * output.PACE and summed[0][-1] == str(daemon.state_dir / "node.log")
    assert machine.said().count("line ") == 500
    assert not [event for event in await daemon.client.events(limit=1000) if event.source == "node"]


async def test_the_log_can_be_followed_with_its_lines(machine: Machine) -> None:
    await machine.start()
    await machine.until_said("Listening")
    following = machine.popen("logs", "-f")
    assert following.stdout is not None
    lines: list[str] = []
    killed = 0
    try:
        while not lines or "was ended by SIGKILL" not in lines[-1]:
            lines.append(await asyncio.wait_for(asyncio.to_thread(following.stdout.readline), 10))
            # Only who follows already hears of it.
            if len(machine.starts()) > killed:
                killed = len(machine.starts())
                os.kill(machine.starts()[-1]["pid"], signal.SIGKILL)
    finally:
        following.terminate()
        following.communicate()
    assert " node " in lines[-1] and "default" in lines[-1]


async def test_a_flood_harms_neither_the_daemon_nor_the_disk(machine: Machine) -> None:
    machine.write("mode", "flood")
    daemon = await machine.start()
    await machine.until_said("Listening")
    slowest = 0.0
    for number in range(20):
        before = time.monotonic()
        await daemon.connected(f"s{number}")
        slowest = max(slowest, time.monotonic() - before)
    assert slowest < 1

    async def full() -> list[os.stat_result] | None:
        try:
            return [(daemon.state_dir / name).stat() for name in ("node.log", "node.log.1")]
        except FileNotFoundError:
            return None  # The one is just becoming the other.

    for found in await until(full, 10):
        assert found.st_size <= output.FULL and stat.S_IMODE(found.st_mode) == 0o600


def test_a_service_that_does_not_end_is_killed(machine: Machine) -> None:
    async def scenario() -> None:
        machine.write("mode", "stubborn browser")
        said: list[str] = []
        service = Service((str(machine.bin / "node"), "main.js"), machine.directory, machine.environ, 3000)
        supervisor = Supervisor(service, machine.daemon.state_dir, Timing(farewell=0.2, browsers=0.1))
        running = asyncio.create_task(supervisor.run(said.append))
        start = await machine.started()

        async def listening() -> bool:
            return "Listening" in said

        await until(listening)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert not runs(start["pid"]) and not runs(int(machine.read("browsers")[0]))

    on_the_daemons_loop(scenario())


def test_the_pause_is_short_again_after_a_steady_run(machine: Machine) -> None:
    async def scenario() -> None:
        said: list[str] = []
        service = Service((str(machine.bin / "missing"), "main.js"), machine.directory, machine.environ, 3000)
        timing = Timing(first=0.01, longest=0.04, steady=60)
        supervisor = Supervisor(service, machine.daemon.state_dir, timing)
        running = asyncio.create_task(supervisor.run(said.append))

        async def often() -> bool:
            return len(said) >= 5

        await until(often)
        running.cancel()
        assert f"could not be started ({machine.bin / 'missing'}: No such file or directory)" in said[0]
        assert [line.partition(" in ")[2].split(" (")[0] for line in said[:5]] == [
            f"{pause} s" for pause in (0.01, 0.02, 0.04, 0.04, 0.04)
        ]
        steady = Supervisor(service, machine.daemon.state_dir, Timing(first=0.01, longest=0.04, steady=0))
        said.clear()
        running = asyncio.create_task(steady.run(said.append))
        await until(often)
        running.cancel()
        assert all("in 0.01 s" in line for line in said)

    on_the_daemons_loop(scenario())


async def test_without_an_installation_the_daemon_says_what_to_do(machine: Machine) -> None:
    done = await machine.wa_tui("--daemon", "--with-node")
    assert done.returncode == 1
    assert "run `wa-tui node install` first" in done.stderr
