"""A daemon at a wwebjs-api that misbehaves as real ones do."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.simulated import Simulated
from wa_tui.daemon.actions import following
from wa_tui.model.registers import Credentials, Desired, GatewayState, Proof, Reason, Status

from .inside import QUICK, QUIET, SHORT, Inside, world
from .waiting import until

World = tuple[Simulated, Inside]

START, STOP, RESTART, TERMINATE = (f"/session/{verb}/" for verb in ("start", "stop", "restart", "terminate"))


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "STEP", 0.05)


@pytest.fixture
async def wwebjs() -> AsyncIterator[World]:
    async with world(0, kind="wwebjs-api", healing=QUICK, restore_delay_seconds=0.1) as (sim, daemon):
        await sim.add(sessions=[{"sessionId": name, "phoneNumber": "15550001111"} for name in ("one", "two")])
        for name in ("one", "two"):
            await daemon.session_until(name, lambda s: s.proven_at is not None)
        await daemon.quiet()
        yield sim, daemon


async def test_what_its_client_says_is_a_proof(wwebjs: World) -> None:
    _, daemon = wwebjs
    session = daemon.session("one")
    assert (session.status, session.proof, session.credentials) == (
        Status.CONNECTED,
        Proof.CLIENT,
        Credentials.STORED,
    )
    assert session.phone_number is not None
    assert (await daemon.view("one")).attention is None


async def test_a_browser_that_dies_in_silence_is_found_by_a_check_and_restarted(wwebjs: World) -> None:
    sim, daemon = wwebjs
    await sim.fault("drop", "one", silent=True)
    await daemon.done("sync")
    await daemon.session_until(
        "one", lambda s: s.reason is Reason.BROWSER_DIED or s.status is Status.CONNECTED
    )
    await sim.until("one", "connected")
    await daemon.session_until("one", lambda s: s.status is Status.CONNECTED and s.proven_at is not None)
    assert len(await sim.requests(RESTART)) == 1
    assert await sim.requests(START) == [] == await sim.requests(STOP)


async def test_a_logout_on_the_phone_waits_for_a_scan(wwebjs: World) -> None:
    sim, daemon = wwebjs
    await sim.fault("logout", "one")
    session = await daemon.session_until("one", lambda s: s.qr is not None)
    assert (session.status, session.credentials) == (Status.QR_PENDING, Credentials.NEEDS_SCAN)
    assert await sim.requests(RESTART) == []
    await sim.fault("scan", "one")
    await daemon.session_until("one", lambda s: s.status is Status.CONNECTED and s.proven_at is not None)


async def test_one_that_was_switched_off_is_absent_and_stays_off(wwebjs: World) -> None:
    sim, daemon = wwebjs
    receipt = await daemon.done("disconnect", "one", force=True)
    assert receipt.outcome == "verified", receipt.text
    await daemon.done("sync")
    session = daemon.session("one")
    assert (session.status, session.desired) == (Status.DISCONNECTED, Desired.OFFLINE)
    receipt = await daemon.done("reconnect", "one")
    assert receipt.outcome == "verified", receipt.text
    assert (len(await sim.requests(STOP)), len(await sim.requests(START))) == (1, 1)


async def test_a_reconnect_of_one_that_works_is_a_restart(wwebjs: World) -> None:
    sim, daemon = wwebjs
    receipt = await daemon.done("reconnect", "one", force=True)
    assert receipt.outcome == "verified", receipt.text
    assert len(await sim.requests(RESTART)) == 1


async def test_it_brings_its_sessions_back_by_itself_after_a_kill(wwebjs: World) -> None:
    sim, daemon = wwebjs
    await sim.fault("kill", downtime=0.5)
    await daemon.gateway_until(lambda g: g.state is GatewayState.DOWN)
    await daemon.gateway_until(lambda g: g.state is GatewayState.UP)
    for name in ("one", "two"):
        await sim.until(name, "connected")
        await daemon.session_until(name, lambda s: s.status is Status.CONNECTED and s.proven_at is not None)
    assert await sim.requests(RESTART) == []
    # A browser that outlived the service holds the folder.
    receipt = await daemon.done("delete", "one", force=True)
    assert "ENOTEMPTY" in receipt.text


async def test_what_it_brings_back_unasked_is_stopped_and_what_somebody_starts_later_is_not(
    wwebjs: World,
) -> None:
    sim, daemon = wwebjs
    await daemon.done("disconnect", "one", force=True)
    await sim.fault("kill", downtime=0.5)
    await daemon.gateway_until(lambda g: g.state is GatewayState.DOWN)
    await daemon.gateway_until(lambda g: g.state is GatewayState.UP and not g.restoring)
    await sim.until("one", "not_found")
    assert len(await sim.requests(STOP)) == 2
    # As a person does who starts it there, half a minute after that and well within five.
    await daemon.session_until("one", lambda s: s.status is Status.DISCONNECTED)
    daemon.clock.forward(60)
    async with httpx.AsyncClient(trust_env=False) as web:
        (await web.get(f"{sim.url}{START}one", headers={"x-api-key": sim.api_key})).raise_for_status()
    await daemon.session_until("one", lambda s: s.contradicts)
    await daemon.quiet()
    assert len(await sim.requests(STOP)) == 2 and await sim.status("one") == "connected"


async def test_a_delete_unlinks_and_forgets(wwebjs: World) -> None:
    sim, daemon = wwebjs
    receipt = await daemon.done("delete", "one", force=True)
    assert receipt.outcome == "verified", receipt.text
    assert await sim.status("one") == "not_found"
    assert len(await sim.requests(TERMINATE)) == 1


async def test_a_storm_of_webhooks_changes_nothing(wwebjs: World) -> None:
    sim, daemon = wwebjs
    await sim.fault("storm", "two", times=20)

    async def arrived() -> bool:
        return not await sim.in_transit()

    await until(arrived)
    await daemon.quiet()
    session = await daemon.session_until("two", lambda s: s.status is Status.CONNECTED)
    assert session.credentials is Credentials.STORED
    # Ready says what is known: of each time it opened and authenticated anew there is an event at most.
    hints = [event for event in await daemon.events(session_id="two") if event.source == "webhook"]
    assert len(hints) <= 40, hints
    assert await sim.requests(RESTART) == []


async def test_a_message_is_sent_once_and_nothing_of_it_is_kept(wwebjs: World) -> None:
    sim, daemon = wwebjs
    receipt = await daemon.done("send", "one", recipient="+1 555 000 9999", message="very private")
    assert receipt.outcome == "verified", receipt.text
    assert [message["recipient"] for message in await sim.messages()] == ["15550009999"]
    assert b"very private" not in daemon.config.database.read_bytes()


async def test_one_that_hangs_is_said_so_and_the_others_go_on() -> None:
    async with world(0, kind="wwebjs-api", deadlines=SHORT, intervals={"list_sync": QUIET}) as (sim, daemon):
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
