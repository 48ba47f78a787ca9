"""A daemon at an Evolution API that misbehaves as real ones do."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.simulated import Simulated
from wa_tui.client import Refused
from wa_tui.daemon.actions import following
from wa_tui.model.registers import Credentials, Desired, GatewayState, Proof, Reason, Status

from .inside import Inside, nth, world
from .waiting import until

World = tuple[Simulated, Inside]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "STEP", 0.05)


@pytest.fixture
async def evolution() -> AsyncIterator[World]:
    async with world(3, kind="evolution", restore_delay_seconds=0.1) as (sim, daemon):
        for number in range(3):
            await daemon.session_until(nth(number), lambda s: s.proof is not None)
        await daemon.quiet()
        yield sim, daemon


async def test_open_is_claimed_and_calls_nobody(evolution: World) -> None:
    _, daemon = evolution
    session = daemon.session(nth(0))
    assert (session.status, session.proof) == (Status.CONNECTED, Proof.CLAIMED)
    view = await daemon.view(nth(0))
    assert view.attention is None
    assert view.reason is None
    assert daemon.gateway().state is GatewayState.UP


async def test_a_cut_socket_starts_again_and_needs_no_scan(evolution: World) -> None:
    sim, daemon = evolution
    await sim.fault("cut", nth(0), seconds=3600)
    session = await daemon.session_until(nth(0), lambda s: s.status is Status.INITIALIZING)
    assert session.credentials is Credentials.STORED
    # Its row goes on saying open, which is said once and asked about, and changes nothing.
    await daemon.quiet()
    assert daemon.session(nth(0)).status is Status.INITIALIZING
    receipt = await daemon.done("reconnect", nth(0), force=True)
    assert receipt.outcome == "verified", receipt.text
    assert "Evolution API proves nothing by itself" in receipt.text
    assert [request["path"] for request in await sim.requests("/instance/restart/")] == [
        f"/instance/restart/{nth(0)}"
    ]


async def test_a_cut_socket_that_comes_back_by_itself(evolution: World) -> None:
    sim, daemon = evolution
    await sim.fault("cut", nth(1), seconds=0.3)
    await daemon.session_until(nth(1), lambda s: s.status is Status.INITIALIZING)
    session = await daemon.session_until(nth(1), lambda s: s.status is Status.CONNECTED)
    assert session.credentials is Credentials.STORED


async def test_logged_out_on_the_phone_and_scanned_again(evolution: World) -> None:
    sim, daemon = evolution
    await sim.fault("logout", nth(0))
    session = await daemon.session_until(nth(0), lambda s: s.reason is Reason.LOGOUT)
    assert (session.status, session.credentials) == (Status.DISCONNECTED, Credentials.NEEDS_SCAN)
    receipt = await daemon.done("refresh_qr", nth(0))
    assert receipt.outcome == "verified", receipt.text
    shown = await daemon.session_until(nth(0), lambda s: s.qr is not None)
    assert shown.status is Status.QR_PENDING
    await sim.fault("scan", nth(0))
    session = await daemon.session_until(nth(0), lambda s: s.status is Status.CONNECTED)
    # The row still has its 401: that is no reason any more.
    assert session.reason is None


async def test_nobody_scans_the_last_code(evolution: World) -> None:
    sim, daemon = evolution
    await sim.fault("logout", nth(0))
    await daemon.done("refresh_qr", nth(0))
    await daemon.session_until(nth(0), lambda s: s.status is Status.QR_PENDING)
    await sim.fault("qr_limit", nth(0))
    await daemon.session_until(nth(0), lambda s: s.reason is Reason.QR_EXPIRED)


async def test_a_storm_of_the_same_webhook_is_one_event(evolution: World) -> None:
    sim, daemon = evolution
    await sim.fault("storm", nth(2), count=127)

    async def arrived() -> bool:
        return not await sim.in_transit()

    await until(arrived)
    await daemon.session_until(nth(2), lambda s: s.status is Status.CONNECTED)
    await daemon.quiet()
    hints = [event for event in await daemon.events(session_id=nth(2)) if event.source == "webhook"]
    assert len(hints) <= 2, hints


async def test_it_comes_back_by_itself_after_a_kill(evolution: World) -> None:
    sim, daemon = evolution
    await sim.fault("kill", downtime=0.5)
    await daemon.gateway_until(lambda g: g.state is GatewayState.DOWN)
    await daemon.gateway_until(lambda g: g.state is GatewayState.UP)
    for number in range(3):
        await sim.until(nth(number), "connected")
        session = await daemon.session_until(nth(number), lambda s: s.status is Status.CONNECTED)
        assert session.credentials is Credentials.STORED
    assert await sim.requests("/instance/restart/") == []
    assert await sim.requests("/instance/connect/") == []


async def test_it_is_out_of_reach_for_a_while(evolution: World) -> None:
    sim, daemon = evolution
    await sim.fault("unreachable", seconds=1.0)
    await daemon.gateway_until(lambda g: g.state is GatewayState.DOWN)
    assert daemon.session(nth(0)).status is Status.CONNECTED
    await daemon.gateway_until(lambda g: g.state is GatewayState.UP)


async def test_what_it_cannot_do_is_said(evolution: World) -> None:
    sim, daemon = evolution
    with pytest.raises(Refused, match="Evolution API cannot stop a session and keep it linked"):
        await daemon.ask("disconnect", nth(0), force=True)
    receipt = await daemon.done("logout", nth(0), force=True)
    assert receipt.outcome == "verified", receipt.text
    assert daemon.session(nth(0)).credentials is Credentials.NEEDS_SCAN
    receipt = await daemon.done("delete", nth(1), force=True)
    assert receipt.outcome == "verified", receipt.text
    assert nth(1) not in await sim.truth()


async def test_a_new_session_of_any_name_and_a_message(evolution: World) -> None:
    sim, daemon = evolution
    receipt = await daemon.done("new", "sales", user_id="7")
    assert receipt.outcome == "verified", receipt.text
    await daemon.session_until("sales", lambda s: s.status is Status.QR_PENDING)
    await sim.fault("scan", "sales")
    await daemon.session_until("sales", lambda s: s.status is Status.CONNECTED)
    receipt = await daemon.done("send", "sales", recipient="+1 555 000 9999", message="hi")
    assert receipt.outcome == "verified", receipt.text
    assert [message["recipient"] for message in await sim.messages()] == ["15550009999"]
    assert b"a-live-token" not in (daemon.config.database).read_bytes()


async def test_what_nobody_wants_is_started_at_the_gateway_and_no_webhook_says_so(evolution: World) -> None:
    sim, daemon = evolution
    await daemon.done("logout", nth(0), force=True)
    await daemon.session_until(nth(0), lambda s: s.status is Status.DISCONNECTED)
    await sim.fault("webhooks", loss=1.0)
    async with httpx.AsyncClient(trust_env=False) as manager:
        await manager.get(f"{sim.url}/instance/connect/{nth(0)}", headers={"apikey": sim.api_key})
    session = await daemon.session_until(nth(0), lambda s: s.status is Status.QR_PENDING)
    assert session.desired is Desired.OFFLINE
    said = {event.text for event in await daemon.events("contradiction", nth(0))}
    # Lists that were under way say what was so before.
    before = {f"the list says {status}, checking" for status in ("connected", "disconnected")}
    assert said <= before, "a row without a status is no event"
