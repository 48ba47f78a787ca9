"""The API over its socket: views, history, events, refusals."""

from __future__ import annotations

import asyncio
import time

import httpx
import pytest

from tests.simulated import simulated
from wa_tui.client import Client, Refused, Unix
from wa_tui.wire import ActionRequest

from .conftest import NewDaemon
from .running import CONTROL_KEY, TESTER, RunningDaemon

TCP = {"x-api-key": CONTROL_KEY}


async def test_status_and_jobs(daemon: RunningDaemon) -> None:
    await daemon.connected("a", "b")
    await daemon.post_webhook("b", "disconnected", reason="LOGOUT")
    view = await daemon.client.status()
    assert view.sessions.total == 2 and view.sessions.needs_person == 1
    assert view.sessions.by_status == {"connected": 1, "disconnected": 1}
    assert view.daemon.state_dir == str(daemon.state_dir)
    assert view.daemon.listen == f"127.0.0.1:{daemon.port}"
    names = {(job.name, job.gateway) for job in await daemon.client.jobs()}
    assert {("health", "default"), ("list-sync", "default"), ("sync-session-status", None)} <= names


async def test_read_only_refuses_in_the_daemon(new_daemon: NewDaemon) -> None:
    daemon = new_daemon()
    async with simulated(control_plane=daemon.url, sessions=1) as sim:
        await daemon.start(sim)
        (session_id,) = await sim.truth()
        await daemon.session_until(session_id, lambda view: view.proven_at is not None)
        request = ActionRequest(action="disconnect", gateway="default", session_id=session_id)
        reader = Client(Unix(daemon.socket), read_only=True)
        with pytest.raises(Refused) as refusal:
            await reader.act(request)
        assert refusal.value.status == 403 and refusal.value.problem.code == "read_only"
        assert (await reader.act(ActionRequest(action="sync"))).outcome == "accepted"
        await reader.close()
        await daemon.sigterm()
        await daemon.start(sim, WA_TUI_READ_ONLY="1")
        assert (await daemon.client.status()).daemon.read_only
        with pytest.raises(Refused) as refusal:
            await daemon.client.act(request)
        assert refusal.value.status == 403
        assert await sim.requests("/api/session/disconnect") == []


async def test_what_is_asked_wrongly_is_explained(daemon: RunningDaemon) -> None:
    await daemon.connected("a")
    wrong = [
        ("GET", "/api/v1/events?limit=many", b"", 400),
        ("GET", "/api/v1/events?after=", b"", 400),
        ("GET", "/api/v1/events?after=99999999999999999999999", b"", 400),
        ("GET", "/api/v1/messages?limit=many", b"", 400),
        ("GET", "/api/v1/actions/none?wait=soon", b"", 400),
        ("GET", "/api/v1/actions/none?wait=nan", b"", 404),
        ("GET", "/api/v1/actions/none", b"", 404),
        ("GET", "/api/v1/sessions/default/nobody/qr", b"", 404),
        ("GET", "/api/v1/sessions/default/a/qr", b"", 404),
        ("GET", "/api/v1/nothing", b"", 404),
        ("DELETE", "/api/v1/sessions", b"", 405),
        ("POST", "/api/v1/actions", b"", 400),
        ("POST", "/api/v1/actions", b"[]", 400),
        ("POST", "/api/v1/actions", b'{"action":"explode"}', 400),
        ("POST", "/api/v1/actions", b'{"action":"send","session_id":"a\xff"}', 400),
        ("POST", "/api/v1/actions", b'{"action":' + b"[" * 100_000, 400),
        ("POST", "/api/v1/actions", b'{"action":"disconnect","session_id":"nobody"}', 404),
        ("POST", "/api/v1/actions", b'{"action":"rename","session_id":"a","instance_name":7}', 400),
        ("POST", "/api/v1/actions", b'{"action":"snooze","session_id":"a","minutes":1e99}', 400),
        ("POST", "/api/v1/actions", b'{"action":"delete","session_id":"a"}', 409),
        (
            "POST",
            "/api/v1/actions",
            b'{"action":"send","user_id":7,"recipient":"1555000","message":"x"}',
            404,
        ),
        ("POST", "/api/v1/actions", b'"' + b"a" * 300_000 + b'"', 413),
    ]
    for method, path, body, status in wrong:
        answer = await daemon.web.request(method, path, content=body, headers=TCP)
        assert answer.status_code == status, (path, body[:60], answer.text)
        problem = answer.json()
        assert problem["error"] and problem["code"]
    for _, path, _, _ in wrong:
        expected = 404 if path == "/api/v1/nothing" else 401
        assert (await daemon.web.get(path)).status_code == expected
    assert "Traceback" not in daemon.log()


async def test_the_socket_needs_no_key(daemon: RunningDaemon) -> None:
    transport = httpx.AsyncHTTPTransport(verify=False, uds=str(daemon.socket))
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as local:
        assert (await local.get("/api/v1/status")).status_code == 200
        # A webhook needs its gateway's key everywhere.
        answer = await local.post("/api/v1/sessions/webhook/", json={"sessionId": "a", "status": "connected"})
        assert answer.status_code == 403


async def test_events_by_session_and_page(daemon: RunningDaemon) -> None:
    for number in range(6):
        for name in ("a", "b"):
            await daemon.post_webhook(name, ("connected", "disconnected")[number % 2])
    mine = await daemon.client.events("default", "a")
    assert [event.after for event in mine] == ["connected", "disconnected"] * 3
    assert [event.id for event in mine] == sorted(event.id for event in mine)
    newest = await daemon.client.events(limit=1)
    assert [event.session_id for event in newest] == ["b"]
    assert [event.id for event in await daemon.client.events("default", "a", after=mine[2].id)] == [
        event.id for event in mine[3:]
    ]
    await daemon.restart()
    assert [event.id for event in await daemon.client.events("default", "a")] == [e.id for e in mine]


async def test_events_after_one_come_in_order_without_a_gap(daemon: RunningDaemon) -> None:
    for number in range(30):
        await daemon.post_webhook("a", ("connected", "disconnected")[number % 2])
    every = [event.id for event in await daemon.client.events("default", "a")]
    paged: list[int] = []
    while page := await daemon.client.events(
        "default", "a", after=paged[-1] if paged else every[0] - 1, limit=7
    ):
        paged += [event.id for event in page]
    assert paged == every


async def test_history_survives_and_our_own_absence_is_a_gap(daemon: RunningDaemon) -> None:
    for status in ("connected", "disconnected", "connected"):
        await daemon.post_webhook("a", status)
    view = await daemon.session("a")
    assert view is not None
    assert [code for _, code in view.history] == ["c", "d", "c"]
    await daemon.kill()
    died = time.time()
    await asyncio.sleep(2.1)  # A gap is told in whole seconds.
    daemon.launch()
    await daemon.answering()
    again = await daemon.session("a")
    assert again is not None and again.history == view.history
    gaps = (await daemon.gateway()).gaps
    own = [(start, end) for start, end in gaps if end is not None and end - start >= 2]
    assert own and abs(own[-1][0] - died) <= 2 and abs(own[-1][1] - time.time()) <= 3, (gaps, died)


async def test_a_gateway_that_is_away_is_a_gap(new_daemon: NewDaemon) -> None:
    daemon = new_daemon()
    async with simulated(control_plane=daemon.url, sessions=1) as sim:
        await daemon.start(sim)
        await daemon.gateway_until(lambda view: view.state == "up")
        await sim.fault("stop")
        view = await daemon.gateway_until(lambda view: view.state == "down")
        assert view.gaps and view.gaps[-1][1] is None
        await sim.fault("start")
        view = await daemon.gateway_until(lambda view: view.state == "up")
        assert view.gaps[-1][1] is not None


async def test_nobody_acts_in_the_name_of_healing(daemon: RunningDaemon) -> None:
    await daemon.post_webhook("a", "connected")
    impostor = Client(Unix(daemon.socket), who="heal")
    receipt = await impostor.act(ActionRequest(action="snooze", session_id="a"))
    assert receipt.who == f"{TESTER} (says heal)"
    await impostor.close()


async def test_sessions_are_looked_up_by_id_with_or_without_their_history(daemon: RunningDaemon) -> None:
    await daemon.connected("a", "b", "c")
    everybody = await daemon.client.sessions()
    assert {view.session_id for view in everybody} == {"a", "b", "c"} and all(
        view.history for view in everybody
    )
    assert not any(view.history for view in await daemon.client.sessions(history=False))
    found = await daemon.client.named(["b", "default/c", "d", "nowhere/a", "default/"])
    assert [view.key for view in found] == [("default", "b"), ("default", "c")]
    assert await daemon.client.named(["nobody"]) == []
