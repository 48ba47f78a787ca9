"""Each fault of a session, seen from outside: over the gateway's own port, as wa_tui would meet it."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from tests.simulated import simulated
from tests.unit.simulator.calls import caller, send, status
from tests.unit.simulator.plane import ControlPlane, until

SESSION = "user_1_instance_default-0"
OTHER = "user_1_instance_default-1"


async def test_drop_and_coming_back_by_itself(plane: ControlPlane) -> None:
    async with simulated(sessions=2, control_plane=plane.url) as sim:
        await sim.fault("drop", SESSION, reason="TIMEOUT", back_after=0.1)
        assert await sim.status(SESSION) == "disconnected"
        bodies = await plane.until(2, SESSION)
        assert [body["status"] for body in bodies] == ["disconnected", "connected"]
        assert bodies[0]["reason"] == "TIMEOUT"
        assert (await sim.truth())[SESSION]["credentials"] is True
        assert not plane.of(OTHER)


async def test_a_silent_drop_posts_nothing(plane: ControlPlane) -> None:
    async with simulated(sessions=2, control_plane=plane.url) as sim:
        await sim.fault("drop", SESSION, silent=True)
        await sim.fault("drop", OTHER)
        await plane.until(1, OTHER)
        truth = (await sim.truth())[SESSION]
        assert (truth["status"], truth["claim"]) == ("disconnected", "connected")
        assert not plane.of(SESSION)


async def test_flapping(plane: ControlPlane) -> None:
    async with simulated(sessions=1, control_plane=plane.url) as sim:
        await sim.fault("flap", SESSION, times=3, every=0.1)
        statuses = [body["status"] for body in await plane.until(6)]
        assert statuses == ["disconnected", "connected"] * 3


async def test_ends_that_need_a_person(plane: ControlPlane) -> None:
    ends = {
        "logout": ("disconnected", "LOGOUT", False),
        "auth_failed": ("auth_failed", "Authentication failure", False),
        "conflict": ("disconnected", "CONFLICT", True),
        "ban": ("disconnected", "TOS_BLOCK", True),
    }
    async with simulated(sessions=4, control_plane=plane.url) as sim:
        ids = [row["sessionId"] for row in await sim.sessions()]
        for session_id, (fault, (state, detail, credentials)) in zip(ids, ends.items(), strict=True):
            await sim.fault(fault, session_id)
            (body,) = await plane.until(1, session_id)
            assert (body["status"], body.get("reason") or body.get("error")) == (state, detail)
            truth = (await sim.truth())[session_id]
            assert (truth["status"], truth["credentials"]) == (state, credentials)


async def test_a_qr_is_scanned_replaced_and_expires(plane: ControlPlane) -> None:
    async with simulated(control_plane=plane.url) as sim, caller(sim) as api:
        first = (await api.post("/api/session/init", json={"sessionId": "a", "userId": 4})).json()["qrCode"]
        await sim.fault("rotate_qr", "a")
        second = (await api.get("/api/session/status/a")).json()["qrCode"]
        assert first != second
        await sim.fault("expire_qr", "a")
        expired = (await api.get("/api/session/status/a")).json()
        assert (expired["status"], expired["qrCode"]) == ("qr_pending", None)
        with pytest.raises(httpx.HTTPStatusError):
            await sim.fault("scan", "a")
        await sim.fault("rotate_qr", "a")
        await sim.fault("scan", "a")
        await sim.until("a", "connected")
        assert (await sim.truth())["a"]["credentials"] is True
        assert [body["status"] for body in await plane.until(4)] == ["qr_pending"] * 3 + ["connected"]


async def test_a_hanging_client_answers_neither_status_nor_send_until_it_thaws() -> None:
    async with simulated(sessions=2) as sim, caller(sim) as api:
        await sim.fault("hang", SESSION)
        with pytest.raises(httpx.ReadTimeout):
            await status(api, SESSION, wait=0.2)
        sending = asyncio.ensure_future(send(api, SESSION))
        assert await status(api, OTHER) == "connected"
        assert not await sim.messages()
        await sim.fault("unhang", SESSION)
        assert (await sending).json()["success"] is True
        assert await status(api, SESSION) == "connected"


async def test_a_message_can_leave_although_its_answer_never_comes() -> None:
    async with simulated(sessions=1) as sim, caller(sim) as api:
        await sim.fault("hang", SESSION, sends=True)
        sending = asyncio.ensure_future(send(api, SESSION))
        while not (messages := await sim.messages()):
            await asyncio.sleep(0.01)
        assert [message["recipient"] for message in messages] == ["15550009999"]
        assert len(await sim.requests("/api/message/send-text")) == 1
        assert not sending.done()
        sending.cancel()


async def test_destroying_a_hanging_client_ends_the_wait() -> None:
    async with simulated(sessions=1) as sim, caller(sim) as api:
        await sim.fault("hang", SESSION)
        sending = asyncio.ensure_future(send(api, SESSION))
        await sim.until_requested("/api/message")
        await api.post("/api/session/disconnect", json={"sessionId": SESSION})
        assert "Target closed" in (await sending).json()["message"]


async def test_a_zombie_says_connected_but_sends_nothing() -> None:
    async with simulated(sessions=1) as sim, caller(sim) as api:
        await sim.fault("zombie", SESSION)
        assert await status(api, SESSION) == "connected"
        assert (await send(api, SESSION)).status_code == 400
        assert not await sim.messages()


async def test_sessions_are_added_in_the_state_given(plane: ControlPlane) -> None:
    states = ["connected", "qr_pending", "disconnected", "auth_failed", "initializing", "not_found"]
    async with simulated(control_plane=plane.url) as sim:
        await sim.add(sessions=[{"sessionId": f"s-{state}", "status": state} for state in states])
        assert [await sim.status(f"s-{state}") for state in states] == states
        assert await sim.add(2, webhooks=True) == ["user_1_instance_default-6", "user_1_instance_default-7"]
        await until(lambda: len(plane.received) == 2)
        assert {body["status"] for body in plane.received} == {"connected"}
