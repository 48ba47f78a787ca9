"""The list sync: adoption, lost webhooks, absence, and lists that hang, lie or cannot be read."""

from __future__ import annotations

import pytest

from tests.simulated import Simulated
from wa_tui.gateways import Listed, NoAnswer
from wa_tui.gateways.contract.client import NodeService
from wa_tui.gateways.errors import Call
from wa_tui.model.registers import Credentials, Desired, Reason, Status
from wa_tui.wire import AttentionCode

from .inside import QUIET, SHORT, Inside, nth, world
from .waiting import until


async def test_unknown_sessions_are_adopted_and_checked_at_once() -> None:
    async with world(2) as (sim, daemon):
        waiting, dropped = await sim.add(
            sessions=[
                {"sessionId": "waiting", "status": "qr_pending"},
                {"sessionId": "user_77_instance_x", "status": "disconnected"},
            ]
        )
        await daemon.proven(nth(0), nth(1))
        adopted = daemon.session(nth(0))
        assert (adopted.desired, adopted.credentials) == (Desired.ONLINE, Credentials.STORED)
        assert adopted.user_id == "1" and adopted.phone_number is not None
        await daemon.session_until(waiting, lambda s: s.status is Status.QR_PENDING and s.qr is not None)
        await daemon.session_until(dropped, lambda s: s.status is Status.DISCONNECTED)
        for session_id, user in ((waiting, None), (dropped, "77")):
            session = daemon.session(session_id)
            assert (session.desired, session.credentials) == (Desired.ONLINE, Credentials.UNKNOWN)
            assert session.user_id == user and not session.restorable
        [event] = await daemon.events("adopted", waiting)
        assert event.source == "list" and "first seen" in event.text


async def test_a_lost_webhook_is_made_good_by_the_list_and_a_check() -> None:
    async with world(2) as (sim, daemon):
        await daemon.proven(nth(0), nth(1))
        await sim.fault("webhooks", loss=1.0)
        await sim.fault("drop", nth(0), reason="NAVIGATION")
        session = await daemon.session_until(nth(0), lambda s: s.status is Status.DISCONNECTED)
        assert session.check is not None and session.proven_at is None and session.listed is None
        said = [(event.kind, event.source) for event in await daemon.events(session_id=nth(0))]
        assert said[-2:] == [("contradiction", "list"), ("status", "sync")]
        await sim.fault("recover", nth(0))
        await daemon.proven(nth(0))
        assert daemon.session(nth(1)).status is Status.CONNECTED


async def test_absence_is_checked_and_means_missing_never_deleted() -> None:
    async with world(2) as (sim, daemon):
        await daemon.proven(nth(0), nth(1))
        await _vanish(sim, nth(0))
        session = await daemon.session_until(nth(0), lambda s: s.status is Status.DISCONNECTED)
        assert session.reason is Reason.MISSING and session.deleted_at is None
        assert session.restorable, "it is still wanted and its credentials are stored"
        lists = len(await sim.requests("/api/session/list"))
        asked = len(await sim.requests(f"/api/session/status/{nth(0)}"))
        events = len(await daemon.events(session_id=nth(0)))
        await sim.until_requested("/api/session/list", count=lists + 4)
        assert len(await sim.requests(f"/api/session/status/{nth(0)}")) == asked
        assert len(await daemon.events(session_id=nth(0))) == events, "said once"


async def test_a_hanging_list_costs_its_deadline_and_changes_nothing() -> None:
    async with world(1, intervals={"health": QUIET}, deadlines=SHORT) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("hang_gateway")
        before = daemon.session(nth(0))
        lists = len(await sim.requests("/api/session/list"))
        await sim.until_requested("/api/session/list", count=lists + 2)
        detail = await _detail(daemon, "no answer within 0.4 s")
        assert "gateway default" in detail and "/api/session/list" in detail
        assert daemon.session(nth(0)) == before
        await sim.fault("unhang_gateway")
        await _detail(daemon, "1 listed, 0 differ")


async def test_a_list_of_garbage_changes_nothing() -> None:
    async with world(1, intervals={"health": QUIET}) as (sim, daemon):
        await daemon.proven(nth(0))
        before = daemon.session(nth(0))
        await sim.fault("garbage")
        await _detail(daemon, "Welcome to nginx")
        assert daemon.session(nth(0)) == before


async def test_a_list_that_no_check_can_settle_is_said_once_and_ends() -> None:
    """The list says that it is down and the client hangs."""
    async with world(1, deadlines=SHORT) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("webhooks", loss=1.0)
        await sim.fault("hang", nth(0))
        await sim.fault("drop", nth(0))
        await daemon.session_until(nth(0), lambda s: s.listed == "disconnected")
        lists = len(await sim.requests("/api/session/list"))
        await sim.until_requested("/api/session/list", count=lists + 4)
        view = await daemon.view(nth(0))
        assert view.contradiction == "its list says disconnected" and view.unanswered is not None
        kinds = [event.kind for event in await daemon.events(session_id=nth(0))]
        assert kinds.count("contradiction") == 1 and kinds.count("unanswered") == 1
        await sim.fault("unhang", nth(0))
        await daemon.session_until(nth(0), lambda s: s.status is Status.DISCONNECTED and s.listed is None)
        assert (await daemon.view(nth(0))).contradiction is None


async def test_a_list_that_lies_at_every_turn_is_said_once() -> None:
    """Its checks answer and deny it: one event, not one a list, and the session stays what it is."""
    async with world(1) as (_, daemon):
        await daemon.proven(nth(0))
        lies = [Listed(nth(0), Status.INITIALIZING, None)]
        asked = 0

        async def lying() -> list[Listed]:
            nonlocal asked
            asked += 1
            return lies

        daemon.daemon.parts.clients["default"].list = lying  # type: ignore[method-assign]
        await daemon.session_until(nth(0), lambda s: s.listed == "initializing")

        async def asked_often() -> bool:
            return asked > 5

        await until(asked_often)
        session = daemon.session(nth(0))
        assert session.status is Status.CONNECTED and session.proven_at is not None
        assert len(await daemon.events("contradiction", nth(0))) == 1
        lies[0] = Listed(nth(0), Status.CONNECTED, None)
        await daemon.session_until(nth(0), lambda s: s.listed is None)


async def _vanish(sim: Simulated, session_id: str) -> None:
    """Destroy a client behind the daemon's back."""
    import httpx

    async with httpx.AsyncClient(trust_env=False, verify=False) as client:
        body = {"sessionId": session_id}
        answer = await client.post(
            f"{sim.url}/api/session/disconnect", json=body, headers={"x-api-key": sim.api_key}
        )
        assert answer.json()["success"]


async def _detail(daemon: Inside, detail: str) -> str:
    async def found() -> str | None:
        jobs = await daemon.client.jobs()
        return next((job.detail for job in jobs if job.name == "list-sync" and detail in job.detail), None)

    return await until(found)


async def test_a_gateway_that_answers_and_gives_no_list_is_not_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its health answers: nothing else would tell that its sessions were never seen."""

    async def hangs(self: NodeService) -> list[Listed]:
        call = Call("default", self.url, "GET", "/api/session/list")
        raise NoAnswer(call, "no answer within 10 s")

    monkeypatch.setattr(NodeService, "list", hangs)
    async with world(2, intervals={"list_sync": QUIET}) as (_, daemon):
        for _ in range(2):
            await daemon.done("run_job", job="list-sync", gateway="default")
            daemon.clock.forward(2 * QUIET + 61)
        await daemon.done("run_job", job="list-sync", gateway="default")
        status = await daemon.client.status()
        assert status.gateways[0].state in ("up", "slow")
        assert status.sessions.total == 0
        told = [each for each in status.daemon.attention if each.code is AttentionCode.JOB_FAILING]
        assert len(told) == 1, status.daemon.attention
        assert told[0].text.startswith("No list-sync on default has worked for ")
        assert "no answer within 10 s" in told[0].text
