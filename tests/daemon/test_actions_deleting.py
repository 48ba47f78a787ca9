"""Delete and its tombstone, and the client that runs on after it: adopted or disconnected."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest

from wa_tui.client import Refused
from wa_tui.daemon.actions import following
from wa_tui.model.registers import Credentials, Desired, Status

from .inside import QUICK, QUIET, Inside, configured, inside, nth, world
from .running import TESTER
from .waiting import webhook

ALONE = {"list_sync": QUIET}
TO = "15550001234"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "STEP", 0.03)
    monkeypatch.setattr(following, "FOLLOWED", 1_000)


async def ids(daemon: Inside) -> list[str]:
    return sorted(view.session_id for view in await daemon.client.sessions())


async def orphan(daemon: Inside, sim: Any) -> None:
    """Delete the first session while its client cannot be ended."""
    await daemon.proven(nth(0))
    await sim.fault("stuck_destroy", nth(0))
    receipt = await daemon.done("delete", nth(0), force=True)
    assert receipt.outcome == "unknown" and "deleted, but its client may still run" in receipt.text
    await sim.fault("stuck_destroy", nth(0), on=False)
    await daemon.session_until(nth(0), lambda s: s.orphan)


async def test_a_deleted_session_is_disconnected_first_and_keeps_its_credentials() -> None:
    async with world(2, intervals=ALONE) as (sim, daemon):
        await daemon.proven(nth(0), nth(1))
        await daemon.done("set_primary", nth(0))
        receipt = await daemon.done("delete", nth(0), force=True)
        assert (receipt.outcome, receipt.text) == ("verified", "deleted; its credentials stay on the gateway")
        assert await sim.status(nth(0)) == "not_found" and (await sim.truth())[nth(0)]["credentials"]
        assert [entry["path"] for entry in await sim.log() if entry["method"] == "POST"] == [
            "/api/session/disconnect"
        ], "no logout"
        assert await ids(daemon) == [nth(1)]
        session = daemon.session(nth(0))
        assert session.deleted_at is not None and session.desired is Desired.OFFLINE
        assert not session.is_primary and session.action is None
        for action, fields in (
            ("reconnect", {}),
            ("send", {"recipient": TO, "message": "x"}),
            ("delete", {"force": True}),
        ):
            with pytest.raises(Refused, match=f"no session {nth(0)}"):
                await daemon.ask(action, nth(0), **fields)
        await daemon.restart()
        assert await ids(daemon) == [nth(1)], "for good"
        texts = [event.text for event in await daemon.events(session_id=nth(0)) if event.source == "action"]
        assert f"delete asked by {TESTER}" in texts
        assert "delete verified: deleted; its credentials stay on the gateway" in texts


async def test_of_one_that_was_unlinked_no_credentials_are_said_to_stay() -> None:
    async with world(1, intervals=ALONE) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("logout", nth(0))
        await daemon.session_until(nth(0), lambda s: s.credentials is Credentials.NEEDS_SCAN)
        receipt = await daemon.done("delete", nth(0), force=True)
        assert (receipt.outcome, receipt.text) == (
            "verified",
            "deleted; what the gateway stores of it stays there",
        )


async def test_it_asks_first() -> None:
    async with world(1, intervals=ALONE) as (sim, daemon):
        await daemon.proven(nth(0))
        with pytest.raises(Refused, match="say that it is meant") as refused:
            await daemon.ask("delete", nth(0))
        assert (refused.value.status, refused.value.problem.code) == (409, "confirm")
        assert await ids(daemon) == [nth(0)] and await sim.status(nth(0)) == "connected"


async def test_late_events_and_lists_do_not_bring_it_back() -> None:
    async with world(1, intervals={"list_sync": 0.1}) as (sim, daemon):
        await daemon.proven(nth(0))
        await daemon.done("delete", nth(0), force=True)
        transitions = daemon.daemon.parts.transitions.counted.copy()
        host, port = daemon.config.listen
        async with httpx.AsyncClient(trust_env=False, verify=False) as web:
            answer = await web.post(
                f"http://{host}:{port}/api/v1/sessions/webhook/",
                json=webhook(nth(0), "connected"),
                headers={"x-api-key": sim.api_key},
            )
        assert answer.status_code == 200
        [event] = await daemon.events("tombstone")
        assert event.text == "webhook (connected) for a deleted session"
        assert daemon.daemon.parts.transitions.counted == transitions, "it came into no status"
        assert await ids(daemon) == []
        await daemon.done("sync")
        assert await ids(daemon) == [] and not await daemon.events("orphan")


async def test_a_client_that_runs_on_is_an_orphan_until_it_is_disconnected() -> None:
    async with world(1, intervals={"list_sync": 0.1}) as (sim, daemon):
        await orphan(daemon, sim)
        view = await daemon.view(nth(0))
        assert view.orphan and view.attention is not None and view.attention.code == "orphan"
        with pytest.raises(Refused, match="adopt or disconnect it"):
            await daemon.ask("reconnect", nth(0))
        receipt = await daemon.done("disconnect", nth(0))
        assert receipt.outcome == "verified" and "its client is gone" in receipt.text
        assert await sim.status(nth(0)) == "not_found"
        assert await ids(daemon) == []
        assert daemon.session(nth(0)).deleted_at is not None
        await daemon.done("sync")
        assert await ids(daemon) == []


async def test_an_orphan_that_ends_by_itself_is_forgotten() -> None:
    async with world(1, intervals={"list_sync": 0.1}) as (sim, daemon):
        await orphan(daemon, sim)
        await sim.fault("restart", downtime=0.01)
        await daemon.session_until(nth(0), lambda s: not s.orphan)
        assert await ids(daemon) == []
        assert [event.text for event in await daemon.events("orphan")][-1] == "its client is gone"


async def test_an_orphan_can_be_adopted() -> None:
    async with world(1, intervals={"list_sync": 0.1}) as (sim, daemon):
        await daemon.proven(nth(0))
        await daemon.done("rename", nth(0), instance_name="sales")
        with pytest.raises(Refused, match="nothing to adopt"):
            await daemon.ask("adopt", nth(0))
        await orphan(daemon, sim)
        receipt = await daemon.done("adopt", nth(0))
        assert (receipt.outcome, receipt.text) == ("verified", "adopted as sales: connected")
        view = await daemon.view(nth(0))
        assert (view.desired, view.status, view.orphan, view.attention) == (
            "online",
            "connected",
            False,
            None,
        )
        assert view.instance_name == "sales" and view.proven_at is not None
        assert daemon.session(nth(0)).restorable


async def test_a_name_that_was_taken_meanwhile_is_asked_for_anew() -> None:
    async with world(2, intervals={"list_sync": 0.1}) as (sim, daemon):
        await daemon.proven(nth(0), nth(1))
        await daemon.done("rename", nth(0), instance_name="sales")
        await orphan(daemon, sim)
        await daemon.done("rename", nth(1), instance_name="sales")
        with pytest.raises(Refused, match=f"user 1 has a sales already, default/{nth(1)}"):
            await daemon.ask("adopt", nth(0))
        assert (await daemon.done("adopt", nth(0), instance_name="sales 2")).text.startswith(
            "adopted as sales 2"
        )


async def test_a_session_whose_service_is_down_can_be_deleted() -> None:
    async with world(1, intervals={"list_sync": 0.1}) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("unreachable")
        await daemon.gateway_until(lambda g: g.state == "down")
        receipt = await daemon.done("delete", nth(0), force=True)
        assert receipt.outcome == "unknown" and sim.url in receipt.text
        assert "if its client runs on it will be shown" in receipt.text
        assert await ids(daemon) == []
        await sim.fault("reachable")
        await daemon.session_until(nth(0), lambda s: s.orphan)
        assert daemon.session(nth(0)).status is not Status.UNKNOWN


async def test_a_person_who_reconnects_meanwhile_keeps_it() -> None:
    async with world(1, intervals=ALONE, destroy_seconds=0.3) as (sim, daemon):
        await daemon.proven(nth(0))
        delete = await daemon.ask("delete", nth(0), force=True)
        await sim.until_requested("/api/session/disconnect")
        reconnect = await daemon.done("reconnect", nth(0), force=True)
        assert (await daemon.ended(delete)).outcome == "superseded"
        assert reconnect.outcome == "verified"
        assert await ids(daemon) == [nth(0)] and daemon.session(nth(0)).desired is Desired.ONLINE


async def test_a_delete_ends_what_healing_began() -> None:
    async with world(1, intervals=ALONE, healing=QUICK, start_seconds=0.5) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("drop", nth(0))
        await sim.until_requested("/api/session/init")
        assert (await daemon.done("delete", nth(0), force=True)).outcome == "verified"
        assert await sim.status(nth(0)) == "not_found"
        await daemon.quiet()
        assert len(await sim.requests("/api/session/init")) == 1 and await ids(daemon) == []
        outcomes = [event.text for event in await daemon.events("outcome") if event.source == "heal"]
        assert outcomes == ["reconnect superseded: a newer action took over"]


async def test_a_new_one_of_the_same_id_begins_anew() -> None:
    async with world(1, intervals=ALONE) as (_, daemon):
        await daemon.proven(nth(0))
        await daemon.done("rename", nth(0), instance_name="sales")
        await daemon.done("delete", nth(0), force=True)
        receipt = await daemon.done("new", nth(0), user_id="1")
        assert receipt.outcome == "verified"
        view = await daemon.view(nth(0))
        assert view.instance_name is None and view.status == "connected", "its credentials were still there"


async def test_a_session_of_a_gateway_that_is_configured_no_more_can_be_deleted() -> None:
    async with world(1, intervals=ALONE) as (sim, daemon):
        await daemon.proven(nth(0))
        await daemon.stop()
        moved = configured(sim, name="new")
        async with inside(moved, intervals=ALONE, start=False) as other:
            other.config = replace(daemon.config, gateways=(moved,))
            other.client = daemon.client
            await other.start()
            receipt = await other.done("delete", nth(0), gateway="default", force=True)
            assert receipt.outcome == "verified" and "not configured any more" in receipt.text
            views = [(view.gateway, view.session_id) for view in await other.client.sessions()]
            assert ("default", nth(0)) not in views
            assert await sim.status(nth(0)) == "connected"
