"""The daemon as a process: how it starts, what stops it from starting, and how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import signal
import socket
import stat

import httpx
import pytest

from tests.simulated import simulated
from wa_tui.client import Client, DaemonError, DaemonGone, Unix
from wa_tui.daemon.owner import GRACE_S
from wa_tui.daemon.process.listening import PlaceTaken, listen_tcp
from wa_tui.wire import ActionRequest

from .conftest import NewDaemon
from .running import WEBHOOK, RunningDaemon
from .waiting import until


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
async def test_a_signal_ends_it_in_order(daemon: RunningDaemon, number: signal.Signals) -> None:
    await daemon.connected("a")
    assert await daemon.end(number) == 0
    assert not daemon.socket.exists()
    assert "Traceback" not in daemon.log() and "Stopping" in daemon.log()


async def test_what_is_answered_while_it_ends_is_stored(daemon: RunningDaemon) -> None:
    answered: set[str] = set()
    posted = 0

    async def post(connection: int) -> None:
        nonlocal posted
        async with httpx.AsyncClient(base_url=daemon.url, trust_env=False, verify=False) as web:
            for number in range(10_000):
                name = f"s{connection}-{number}"
                posted += 1
                try:
                    answer = await web.post(
                        "/api/v1/sessions/webhook/",
                        json={"sessionId": name, "status": "connected"},
                        headers={"x-api-key": daemon.key},
                    )
                except httpx.TransportError:
                    return
                if answer.status_code == 200:
                    answered.add(name)

    posting = [asyncio.create_task(post(connection)) for connection in range(8)]

    async def enough() -> bool:
        return len(answered) > 100

    await until(enough)
    assert await daemon.sigterm() == 0
    await asyncio.gather(*posting)
    assert posted > len(answered)
    daemon.launch()
    await daemon.answering()
    stored = {view.session_id for view in await daemon.client.sessions()}
    assert answered <= stored


async def test_a_second_daemon_gives_way(daemon: RunningDaemon, new_daemon: NewDaemon) -> None:
    second = new_daemon(daemon.state_dir)
    result = await second.wa_tui("--daemon")
    assert result.returncode == 4
    assert f"process {daemon.pid}" in result.stderr and "wa-tui" in result.stderr
    assert "Traceback" not in result.stderr
    await daemon.connected("still-here")


async def test_what_is_open_to_others_is_refused(new_daemon: NewDaemon) -> None:
    daemon = new_daemon()
    outside = daemon.state_dir / "outside"
    outside.write_text("precious")
    (daemon.state_dir / "wa").mkdir(mode=0o700)
    for name in ("daemon.lock", "wa_tui.sock", "control-key"):
        link = daemon.state_dir / "wa" / name
        link.unlink(missing_ok=True)
        link.symlink_to(outside)
        given = {"WA_TUI_STATE_DIR": str(link.parent), "WA_TUI_API_KEY": ""}
        result = await daemon.wa_tui("--daemon", **given)
        assert result.returncode == 2, (name, result.stderr)
        assert name in result.stderr.splitlines()[-1] and "Traceback" not in result.stderr
        link.unlink()
    daemon.state_dir.chmod(0o777)
    result = await daemon.wa_tui("--daemon")
    assert (result.returncode, "chmod go-w" in result.stderr) == (2, True), result.stderr
    assert outside.read_text() == "precious"


async def test_a_held_port_is_waited_for_and_no_job_runs_till_then(new_daemon: NewDaemon) -> None:
    first = await new_daemon().start()
    second = new_daemon()
    second.port = first.port
    async with simulated() as sim:
        second.environ |= {"NODE_SERVICE_URL": sim.url}
        second.launch()
        await second.answering()
        [why] = (await second.client.status()).daemon.attention
        assert why.code == "not_listening" and f"process {first.pid}" in why.text
        assert f"wa-tui --attach 127.0.0.1:{first.port}" in why.action
        with pytest.raises(DaemonError, match="the daemon waits: port"):
            await second.client.act(ActionRequest(action="sync"))
        assert [each["path"] for each in await sim.requests("/")] == []
        await first.connected("still-here")
        await first.sigterm()

        async def listens() -> bool:
            return not (await second.client.status()).daemon.attention

        await until(listens)
        await second.gateway_until(lambda view: view.state == "up")
        assert second.log().count("Waiting") == 1 and "Traceback" not in second.log()


async def test_one_that_waits_ends_in_order(new_daemon: NewDaemon) -> None:
    first, second, third = await new_daemon().start(), new_daemon(), new_daemon()
    second.port = third.port = first.port
    second.launch()
    await second.answering()
    third.environ["WA_TUI_SOCKET"] = str(first.socket)
    third.launch()

    async def waits() -> bool:
        return f"another program listens on {first.socket}" in third.log()

    await until(waits)
    for waiting in (second, third):
        assert await waiting.sigterm() == 0
        assert not waiting.socket.exists() and "Traceback" not in waiting.log()
    assert (await first.client.status()).daemon.pid == first.pid


async def test_one_that_a_monitor_started_says_so_at_once(new_daemon: NewDaemon) -> None:
    first, second = await new_daemon().start(), new_daemon()
    second.port = first.port
    second.launch(owned=True)
    assert await second.ended() == 1
    assert f"wa-tui --attach 127.0.0.1:{first.port}" in second.log() and "Traceback" not in second.log()
    assert not second.socket.exists()


async def test_places_that_come_late_are_waited_for(new_daemon: NewDaemon) -> None:
    daemon = new_daemon()
    late = daemon.state_dir / "run" / "wa.sock"
    daemon.environ["WA_TUI_SOCKET"] = str(late)
    daemon.launch()

    async def waits() -> bool:
        return f"the socket {late} cannot be made (No such file or directory)" in daemon.log()

    await until(waits)
    late.parent.mkdir()
    async with contextlib.AsyncExitStack() as stack:
        client = Client(Unix(late))
        stack.push_async_callback(client.close)

        async def answers() -> bool:
            with contextlib.suppress(DaemonGone):
                return (await client.status()).daemon.pid == daemon.pid
            return False

        await until(answers)


async def test_localhost_is_every_loopback(new_daemon: NewDaemon) -> None:
    daemon = new_daemon()
    await daemon.start(WA_TUI_LISTEN=f"localhost:{daemon.port}")

    async def found() -> list[str] | None:
        # Its socket answers before it listens: until then it says what it is to listen on.
        places = (await daemon.client.status()).daemon.listen.split(" and ")
        return places if places[0] == f"127.0.0.1:{daemon.port}" else None

    places = await until(found)
    assert len(places) == 1 + has_ipv6()
    for place in places:
        async with httpx.AsyncClient(trust_env=False, verify=False) as web:
            answer = await web.post(f"http://{place}{WEBHOOK}", headers={"x-api-key": daemon.key})
            assert answer.status_code == 400


def has_ipv6() -> bool:
    with socket.socket(socket.AF_INET6) as probe:
        return probe.connect_ex(("::1", 9)) == errno.ECONNREFUSED


def test_port_0_is_the_same_on_both_loopbacks() -> None:
    found = listen_tcp("localhost", 0)
    assert len({each.getsockname()[1] for each in found}) == 1 and len(found) == 1 + has_ipv6()
    port = found[0].getsockname()[1]
    for host in ("localhost", "127.0.0.1"):
        with pytest.raises(PlaceTaken, match=f"port {port} is held"):
            listen_tcp(host, port)
    for each in found:
        each.close()


async def test_places_that_cannot_be_used_are_explained(new_daemon: NewDaemon) -> None:
    daemon = new_daemon()
    file = daemon.state_dir / "file"
    file.write_text("precious")
    (daemon.state_dir / "locked").mkdir()
    (daemon.state_dir / "locked" / "daemon.lock").mkdir()
    unusable = {
        "WA_TUI_STATE_DIR": [
            str(file / "below"),
            str(file),
            str(daemon.state_dir / "locked"),
            "/proc/wa_tui",
        ],
        "WA_TUI_SOCKET": [str(file)],
    }
    for variable, values in unusable.items():
        for value in values:
            result = await daemon.wa_tui("--daemon", **{variable: value})
            said = result.stderr.splitlines()[-1]
            assert result.returncode in (1, 2), (value, result.stderr)
            assert said.startswith("wa-tui: ") and variable in said, result.stderr
            assert "Traceback" not in result.stderr, result.stderr
    assert file.read_text() == "precious"


async def test_a_living_socket_is_not_taken_and_a_dead_one_is(new_daemon: NewDaemon) -> None:
    first, second = await new_daemon().start(), new_daemon()
    second.environ["WA_TUI_SOCKET"] = str(first.socket)
    second.launch(owned=True)
    assert await second.ended() == 1
    assert f"wa-tui --attach {first.socket}" in second.log()
    assert (await first.client.status()).daemon.pid == first.pid
    await first.kill()
    assert first.socket.exists()
    first.launch()
    await first.answering()
    mode = stat.S_IMODE(first.socket.stat().st_mode)
    assert mode == 0o600


async def test_standard_input_is_ignored(new_daemon: NewDaemon) -> None:
    closed = await new_daemon().start(stdin="<&-")
    ended = await new_daemon().start(stdin="< /dev/null")
    told = new_daemon()
    (told.state_dir / "keys").write_text("q\n")
    await told.start(stdin=f"< {told.state_dir}/keys")
    for daemon in (closed, ended, told):
        await daemon.connected("a")
        assert daemon.running and "Traceback" not in daemon.log()


async def test_an_owned_daemon_ends_with_its_owner(new_daemon: NewDaemon) -> None:
    daemon = await new_daemon().start(owned=True)
    await daemon.connected("a")
    daemon.leave()
    assert await daemon.ended() == 0
    assert not daemon.socket.exists()


async def test_an_owned_daemon_stays_while_another_monitor_watches(new_daemon: NewDaemon) -> None:
    daemon = await new_daemon().start(owned=True)
    watcher = Client(Unix(daemon.socket))
    feed = watcher.live()
    await anext(feed)
    daemon.leave()

    async def noticed() -> bool:
        return "owning monitor is gone" in daemon.log()

    await until(noticed)
    await daemon.connected("a")
    assert daemon.running
    await feed.aclose()
    assert await daemon.ended() == 0
    await watcher.close()


async def test_an_owned_daemon_waits_for_who_has_just_found_it(new_daemon: NewDaemon) -> None:
    """A monitor that comes back at once asks before it watches: its requests count, and it needs a moment."""
    daemon = await new_daemon().start(owned=True)
    daemon.leave()

    async def noticed() -> bool:
        return "owning monitor is gone" in daemon.log()

    await until(noticed)
    began = asyncio.get_running_loop().time()
    while asyncio.get_running_loop().time() - began < GRACE_S + 1:
        assert (await daemon.client.status()).daemon.pid == daemon.pid
        await asyncio.sleep(GRACE_S / 4)
    feed = daemon.client.live()
    await anext(feed)
    assert daemon.running
    await feed.aclose()
    assert await daemon.ended() == 0


async def test_it_starts_on_a_port_that_was_just_given_up(daemon: RunningDaemon) -> None:
    # Connections of the last life linger in TIME_WAIT on our side: that must not hold the port.
    async with httpx.AsyncClient(base_url=daemon.url, trust_env=False, verify=False) as web:
        await web.get("/api/v1/status", headers={"x-api-key": "control-key"})
        await daemon.restart()
    assert daemon.running


async def test_the_end_does_not_wait_for_who_is_connected(daemon: RunningDaemon) -> None:
    idle = socket.create_connection(("127.0.0.1", daemon.port))
    feed = daemon.client.live()
    await anext(feed)
    before = asyncio.get_running_loop().time()
    assert await daemon.sigterm() == 0
    assert asyncio.get_running_loop().time() - before < 4
    idle.close()
    await feed.aclose()


async def test_an_action_open_at_a_crash_is_unknown_afterwards(new_daemon: NewDaemon) -> None:
    daemon = new_daemon()
    async with simulated(control_plane=daemon.url, sessions=1) as sim:
        (session_id,) = await sim.truth()
        await daemon.start(sim)
        await daemon.session_until(session_id, lambda view: view.proven_at is not None)
        await sim.fault("hang_gateway")
        receipt = await daemon.client.act(
            ActionRequest(action="reconnect", gateway=sim.name, session_id=session_id, force=True)
        )
        assert receipt.outcome == "accepted"
        await sim.until_requested("/api/session/disconnect")
        asked = len(await sim.requests("/api/session/disconnect")) + len(
            await sim.requests("/api/session/init")
        )
        await daemon.kill()
        await sim.fault("unhang_gateway")
        daemon.launch()
        await daemon.answering()
        closed = await daemon.client.receipt(receipt.id)
        assert closed.outcome == "unknown" and closed.ended_at is not None
        checked = await daemon.session_until(session_id, lambda view: view.action is None)
        assert checked.desired == "online"
        again = len(await sim.requests("/api/session/disconnect")) + len(
            await sim.requests("/api/session/init")
        )
        assert again == asked
