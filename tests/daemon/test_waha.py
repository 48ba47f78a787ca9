"""A daemon at a WAHA that misbehaves as real ones do."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.simulated import Simulated
from wa_tui.client import Refused
from wa_tui.daemon.actions import following
from wa_tui.model.registers import Credentials, GatewayState, Proof, Reason, Status
from wa_tui.wire import AttentionCode, Condition
from wa_tui.wire.condition import settled

from .inside import Inside, nth, world
from .waiting import until

World = tuple[Simulated, Inside]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "STEP", 0.05)


@pytest.fixture
async def waha() -> AsyncIterator[World]:
    async with world(3, kind="waha", restore_delay_seconds=0.1) as (sim, daemon):
        await daemon.proven(*map(nth, range(3)))
        yield sim, daemon


async def test_its_word_is_a_proof_and_it_tells_what_it_is(waha: World) -> None:
    _, daemon = waha
    session = daemon.session(nth(0))
    assert (session.status, session.proof) == (Status.CONNECTED, Proof.CLIENT)
    assert daemon.gateway().state is GatewayState.UP


async def test_a_cut_socket_comes_back_by_itself(waha: World) -> None:
    sim, daemon = waha
    await sim.fault("drop", nth(0))

    async def noticed() -> bool:
        # It may be back before a check that the webhook asks for.
        events = await daemon.events(session_id=nth(0))
        return any("initializing" in (event.after, *event.text.split(",")[0].split()) for event in events)

    await until(noticed)
    session = await daemon.session_until(nth(0), lambda s: s.status is Status.CONNECTED)
    assert session.credentials is Credentials.STORED
    assert await sim.requests(f"/api/sessions/{nth(0)}/restart") == []


async def test_logged_out_on_the_phone_only_a_logout_brings_a_code(waha: World) -> None:
    sim, daemon = waha
    await sim.fault("logout", nth(0))
    session = await daemon.session_until(nth(0), lambda s: s.reason is Reason.LOGOUT)
    assert (session.status, session.credentials) == (Status.AUTH_FAILED, Credentials.NEEDS_SCAN)
    await daemon.done("restart", nth(0), force=True)
    await daemon.quiet()
    assert daemon.session(nth(0)).status is Status.AUTH_FAILED
    receipt = await daemon.done("refresh_qr", nth(0), force=True)
    assert receipt.outcome == "verified", receipt.text
    shown = await daemon.session_until(nth(0), lambda s: s.qr is not None)
    assert shown.status is Status.QR_PENDING
    await sim.fault("scan", nth(0))
    await daemon.session_until(nth(0), lambda s: s.status is Status.CONNECTED)


async def test_a_passkey_is_no_scan(waha: World) -> None:
    sim, daemon = waha
    await sim.fault("passkey", nth(0))
    session = await daemon.session_until(nth(0), lambda s: s.reason is Reason.PASSKEY)
    assert settled(session) is Condition.AUTH_FAILED
    need = (await daemon.view(nth(0))).attention
    assert need is not None and need.code is AttentionCode.PASSKEY
    assert need.text == "passkey required" and need.action.startswith(
        "give it in the gateway's dashboard on "
    )
    await sim.fault("passkey", nth(0), on=False)
    session = await daemon.session_until(nth(0), lambda s: s.status is Status.CONNECTED)
    assert session.reason is None


async def test_a_kill_is_seen_and_what_ran_is_back(waha: World) -> None:
    sim, daemon = waha
    await sim.fault("kill", downtime=0.5)
    await daemon.gateway_until(lambda g: g.state is GatewayState.DOWN)
    await daemon.gateway_until(lambda g: g.state is GatewayState.UP)
    for number in range(3):
        await sim.until(nth(number), "connected")
        session = await daemon.session_until(nth(number), lambda s: s.status is Status.CONNECTED)
        assert session.credentials is Credentials.STORED


async def test_what_had_failed_stays_stopped_after_a_kill_and_is_logged_out_then(waha: World) -> None:
    sim, daemon = waha
    await sim.fault("logout", nth(0))
    await daemon.session_until(nth(0), lambda s: s.status is Status.AUTH_FAILED)
    await sim.fault("kill", downtime=0.5)
    await daemon.gateway_until(lambda g: g.state is GatewayState.DOWN)
    await daemon.gateway_until(lambda g: g.state is GatewayState.UP)
    session = await daemon.session_until(nth(0), lambda s: s.status is Status.DISCONNECTED)
    assert (session.reason, session.credentials) == (Reason.LOGOUT, Credentials.NEEDS_SCAN)
    receipt = await daemon.done("refresh_qr", nth(0), force=True)
    assert receipt.outcome == "verified", receipt.text
    await daemon.session_until(nth(0), lambda s: s.status is Status.QR_PENDING)


async def test_a_session_is_stopped_started_and_unlinked(waha: World) -> None:
    sim, daemon = waha
    receipt = await daemon.done("disconnect", nth(0), force=True)
    assert receipt.outcome == "verified", receipt.text
    assert daemon.session(nth(0)).status is Status.DISCONNECTED
    receipt = await daemon.done("reconnect", nth(0))
    assert (receipt.outcome, "proven by a check" in receipt.text) == ("verified", True), receipt.text
    receipt = await daemon.done("logout", nth(1), force=True)
    assert receipt.outcome == "verified", receipt.text
    assert daemon.session(nth(1)).credentials is Credentials.NEEDS_SCAN
    receipt = await daemon.done("delete", nth(2), force=True)
    assert receipt.outcome == "verified", receipt.text
    assert nth(2) not in await sim.truth()


async def test_a_ban_asks_for_a_review_and_for_no_scan(waha: World) -> None:
    sim, daemon = waha
    await sim.fault("ban", nth(0))
    await daemon.session_until(nth(0), lambda s: s.reason is Reason.BANNED)
    [view] = [each for each in await daemon.client.sessions() if each.session_id == nth(0)]
    assert view.attention is not None and view.attention.code == "banned", view.attention
    assert "ask for a review" in view.attention.action
    assert settled(view) is Condition.AUTH_FAILED


async def test_what_is_sent_in_the_wrong_status_is_not_waited_for(waha: World) -> None:
    sim, daemon = waha
    receipt = await daemon.done("send", nth(0), recipient="+1 555 000 9999", message="hi")
    assert receipt.outcome == "verified", receipt.text
    assert [message["recipient"] for message in await sim.messages()] == ["15550009999@c.us"]
    await sim.fault("logout", nth(0))
    await daemon.session_until(nth(0), lambda s: s.status is Status.AUTH_FAILED)
    asked = len(await sim.requests("/api/sendText"))
    receipt = await daemon.done("send", nth(0), recipient="+1 555 000 9999", message="hi")
    assert receipt.outcome == "no_effect", receipt.text
    assert len(await sim.requests("/api/sendText")) == asked


async def test_a_pairing_code(waha: World) -> None:
    sim, daemon = waha
    receipt = await daemon.done("new", "sales", user_id="7")
    assert receipt.outcome == "verified", receipt.text
    receipt = await daemon.done("pairing_code", "sales", phone_number="+1 555 000 9999")
    assert receipt.pairing_code == "ABCD-EFGH"
    await sim.fault("scan", "sales")
    await daemon.session_until("sales", lambda s: s.status is Status.CONNECTED)


async def test_core_holds_one_and_says_so(waha: World) -> None:
    sim, daemon = waha
    await sim.fault("core")
    receipt = await daemon.done("new", "sales", user_id="7")
    assert receipt.outcome == "no_effect"
    assert "support only 'default' session" in receipt.text


async def test_it_is_out_of_reach_for_a_while(waha: World) -> None:
    sim, daemon = waha
    await sim.fault("unreachable", seconds=1.0)
    await daemon.gateway_until(lambda g: g.state is GatewayState.DOWN)
    assert daemon.session(nth(0)).status is Status.CONNECTED
    await daemon.gateway_until(lambda g: g.state is GatewayState.UP)


async def test_a_claimed_session_asks_before_it_is_interrupted(waha: World) -> None:
    _, daemon = waha
    with pytest.raises(Refused):
        await daemon.ask("reconnect", nth(0))
