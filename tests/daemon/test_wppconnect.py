"""A daemon at a WPPConnect Server that misbehaves as real ones do."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.simulated import Simulated
from wa_tui.client import Refused
from wa_tui.daemon.actions import following
from wa_tui.model.registers import Credentials, Desired, GatewayState, Proof, Reason, Status

from .inside import QUICK, QUIET, SHORT, Inside, world

World = tuple[Simulated, Inside]

START, CLOSE, LOGOUT = (f"/api/sales/{route}-session" for route in ("start", "close", "logout"))


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "STEP", 0.05)


@pytest.fixture
async def wpp() -> AsyncIterator[World]:
    async with world(0, kind="wppconnect", healing=QUICK, restore_delay_seconds=0.1) as (sim, daemon):
        await sim.add(sessions=[{"sessionId": "sales", "phoneNumber": "15550003333"}, {"sessionId": "two"}])
        for name in ("sales", "two"):
            await daemon.session_until(name, lambda s: s.proven_at is not None)
        await daemon.quiet()
        yield sim, daemon


async def test_its_claim_is_proven_by_a_second_question(wpp: World) -> None:
    _, daemon = wpp
    session = daemon.session("sales")
    assert (session.status, session.proof, session.credentials) == (
        Status.CONNECTED,
        Proof.CLIENT,
        Credentials.STORED,
    )
    assert (await daemon.view("sales")).attention is None


@pytest.mark.parametrize("silent", [True, False])
async def test_a_dead_browser_is_closed_and_started_once(wpp: World, silent: bool) -> None:
    sim, daemon = wpp
    await sim.fault("drop", "sales", silent=silent)
    if silent:
        await daemon.done("sync")
    await sim.until("sales", "connected")
    await daemon.session_until("sales", lambda s: s.status is Status.CONNECTED and s.proven_at is not None)
    await daemon.quiet()
    assert (len(await sim.requests(CLOSE)), len(await sim.requests(START))) == (1, 1)


async def test_a_logout_on_the_phone_waits_for_a_scan(wpp: World) -> None:
    sim, daemon = wpp
    await sim.fault("logout", "sales")
    session = await daemon.session_until("sales", lambda s: s.credentials is Credentials.NEEDS_SCAN)
    assert (session.status, session.reason) == (Status.DISCONNECTED, Reason.LOGOUT)
    assert await sim.requests(START) == []
    receipt = await daemon.done("refresh_qr", "sales")
    assert receipt.outcome == "verified", receipt.text
    await daemon.session_until("sales", lambda s: s.qr is not None)
    await sim.fault("scan", "sales")
    await daemon.session_until("sales", lambda s: s.status is Status.CONNECTED and s.proven_at is not None)


async def test_a_list_of_all_that_ever_was_does_not_bring_back_what_is_off(wpp: World) -> None:
    sim, daemon = wpp
    receipt = await daemon.done("disconnect", "sales", force=True)
    assert receipt.outcome == "verified", receipt.text
    await daemon.done("sync")
    session = daemon.session("sales")
    assert (session.status, session.desired) == (Status.DISCONNECTED, Desired.OFFLINE)
    assert await sim.requests(START) == []
    receipt = await daemon.done("reconnect", "sales")
    assert receipt.outcome == "verified", receipt.text
    assert len(await sim.requests(START)) == 1


async def test_a_logout_unlinks_and_a_dead_browser_refuses_it(wpp: World) -> None:
    sim, daemon = wpp
    receipt = await daemon.done("logout", "sales", force=True)
    assert receipt.outcome == "verified", receipt.text
    assert daemon.session("sales").credentials is Credentials.NEEDS_SCAN
    assert len(await sim.requests(LOGOUT)) == 1
    with pytest.raises(Refused, match="WPPConnect Server cannot restart a session"):
        await daemon.ask("restart", "two", force=True)


async def test_its_restart_is_seen_and_left_to_itself(wpp: World) -> None:
    sim, daemon = wpp
    before = daemon.gateway().restarts
    await sim.fault("kill", downtime=0.5)
    await daemon.gateway_until(lambda g: g.state is GatewayState.DOWN)
    await daemon.gateway_until(lambda g: g.restarts != before)
    for name in ("sales", "two"):
        await sim.until(name, "connected")
        await daemon.session_until(name, lambda s: s.status is Status.CONNECTED and s.proven_at is not None)
    assert await sim.requests(START) == [] == await sim.requests(CLOSE)


async def test_a_new_session_and_a_message(wpp: World, caplog: pytest.LogCaptureFixture) -> None:
    sim, daemon = wpp
    receipt = await daemon.done("new", "new-one")
    assert receipt.outcome == "verified", receipt.text
    await daemon.session_until("new-one", lambda s: s.qr is not None)
    await sim.fault("scan", "new-one")
    await daemon.session_until("new-one", lambda s: s.status is Status.CONNECTED and s.proven_at is not None)
    receipt = await daemon.done("send", "new-one", recipient="+1 555 000 9999", message="very private")
    assert receipt.outcome == "verified", receipt.text
    assert [message["recipient"] for message in await sim.messages()] == ["15550009999"]
    assert len(await sim.requests("/api/new-one/start-session")) == 1
    stored = daemon.config.database.read_bytes()
    assert b"very private" not in stored
    # Nor is the secret, which stood in paths.
    assert sim.api_key.encode() not in stored
    assert sim.api_key not in caplog.text


async def test_one_that_hangs_is_said_so_and_the_others_go_on() -> None:
    async with world(0, kind="wppconnect", deadlines=SHORT, intervals={"list_sync": QUIET}) as (sim, daemon):
        await sim.add(sessions=[{"sessionId": name} for name in ("one", "two")], webhooks=True)
        for name in ("one", "two"):
            await daemon.session_until(name, lambda s: s.proven_at is not None)
        await sim.fault("hang", "one")
        await daemon.done("sync")
        await daemon.session_until("one", lambda s: s.unanswered_since is not None)
        assert daemon.session("two").proven_at is not None
        await sim.fault("unhang", "one")
        await daemon.done("sync")
        await daemon.session_until("one", lambda s: s.unanswered_since is None)
