"""`active-sessions`: what a restarted gateway is told to restore (contract §2, design §3 rule 7)."""

from __future__ import annotations

from tests.simulated import simulated
from wa_tui.wire import ActionRequest

from .conftest import NewDaemon
from .running import ACTIVE, Nowhere, RunningDaemon


async def ids(daemon: RunningDaemon, **request: str) -> list[str]:
    answer = await daemon.active_sessions(**request)
    assert answer.status_code == 200, answer.text
    return [row["session_id"] for row in answer.json()["data"]["sessions"]]


async def test_only_what_is_wanted_and_stored(daemon: RunningDaemon) -> None:
    assert (await daemon.active_sessions()).json() == {
        "success": True,
        "message": "Success",
        "data": {"sessions": [], "count": 0},
    }
    await daemon.connected("user_7_instance_1", "dropped", "logged-out", "unwanted")
    await daemon.post_webhook("dropped", "disconnected", reason="NAVIGATION")
    await daemon.post_webhook("logged-out", "disconnected", reason="LOGOUT")
    await daemon.post_webhook("never-paired", "qr_pending", qrCode="data:image/png;base64,AA")
    receipt = await daemon.client.act(
        ActionRequest(action="disconnect", gateway="default", session_id="unwanted")
    )
    await daemon.client.receipt(receipt.id, wait=10)
    for path in (ACTIVE, ACTIVE.rstrip("/"), "/api/v1/gateways/default/active-sessions/"):
        data = (await daemon.active_sessions(path=path)).json()["data"]
        assert data == {
            "sessions": [
                {
                    "id": 1,
                    "session_id": "user_7_instance_1",
                    "user_id": 7,
                    "instance_name": None,
                    "phone_number": "15550001234",
                },
                {
                    "id": 2,
                    "session_id": "dropped",
                    "user_id": 1,
                    "instance_name": None,
                    "phone_number": "15550001234",
                },
            ],
            "count": 2,
        }
    await daemon.restart()
    assert await ids(daemon) == ["user_7_instance_1", "dropped"]


async def test_an_outage_erases_nothing(new_daemon: NewDaemon) -> None:
    daemon = new_daemon()
    async with simulated(control_plane=daemon.url, sessions=3) as sim:
        await daemon.start(sim)
        known = sorted(await sim.truth())
        for session_id in known:
            await daemon.session_until(session_id, lambda view: view.proven_at is not None)
        await sim.fault("stop")
        await daemon.gateway_until(lambda view: view.state == "down")
        assert sorted(await ids(daemon)) == known


async def test_each_gateway_gets_its_own(new_daemon: NewDaemon) -> None:
    eu, us = Nowhere("eu-1", "http://127.0.0.1:9", "key-eu"), Nowhere("us-1", "http://127.0.0.1:10", "key-us")
    daemon = await new_daemon().start(eu, us)
    await daemon.connected("a", key="key-eu")
    await daemon.connected("b", key="key-us")
    assert await ids(daemon, key="key-eu") == ["a"]
    assert await ids(daemon, key="key-us") == ["b"]
    for key, path, status in (
        ("wrong", ACTIVE, 403),
        ("control-key", ACTIVE, 403),
        ("key-eu", "/api/v1/gateways/us-1/active-sessions/", 403),
        ("wrong", "/api/v1/gateways/nobody/active-sessions/", 403),
        ("key-eu", "/api/v1/gateways/nobody/active-sessions/", 404),
    ):
        answer = await daemon.active_sessions(key=key, path=path)
        assert answer.status_code == status and answer.json()["success"] is False
    assert (await daemon.web.get(ACTIVE)).status_code == 403


async def test_a_shared_key_needs_the_route(new_daemon: NewDaemon) -> None:
    daemon = await new_daemon().start(Nowhere("eu-1"), Nowhere("us-1", "http://127.0.0.1:10"))
    for name in ("eu-1", "us-1"):
        await daemon.connected(f"s-{name}", path=f"/api/v1/gateways/{name}/webhook/")
    answer = await daemon.active_sessions()
    assert answer.status_code == 400
    assert "eu-1, us-1" in answer.json()["message"]
    for name in ("eu-1", "us-1"):
        assert await ids(daemon, path=f"/api/v1/gateways/{name}/active-sessions/") == [f"s-{name}"]


async def test_a_gateway_that_starts_with_us_gets_back_what_it_had(new_daemon: NewDaemon) -> None:
    daemon = new_daemon()
    async with simulated(control_plane=daemon.url, sessions=3, uptime_seconds=1000.0) as sim:
        await daemon.start(sim)
        known = sorted(await sim.truth())
        for session_id in known:
            await daemon.session_until(session_id, lambda view: view.proven_at is not None)
        await sim.fault("restart", downtime=0.1)
        await daemon.gateway_until(lambda view: view.restarts == 1 and view.state == "up")
        for session_id in known:
            await sim.until(session_id, "connected")
            await daemon.session_until(session_id, lambda view: view.status == "connected")
        # It restored by itself: nobody had to start anything.
        assert await sim.requests("/api/session/init") == []
