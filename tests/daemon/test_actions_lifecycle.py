"""Reconnect, disconnect, new and refresh QR: what the receipt says, what really is, and what was asked for."""

from __future__ import annotations

from socket import gethostname
from typing import Any

import pytest

from tests.simulated import Simulated, simulated
from wa_tui.client import Refused
from wa_tui.daemon.actions import following
from wa_tui.gateways import Deadlines, RefusalCause, Started
from wa_tui.gateways import Refused as GatewayRefused
from wa_tui.gateways.errors import Call
from wa_tui.model.registers import Credentials, Desired, Status
from wa_tui.text.events import plain

from .inside import QUICK, QUIET, SHORT, Inside, configured, inside, nth, world
from .running import TESTER

ALONE = {"list_sync": QUIET}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "STEP", 0.03)
    monkeypatch.setattr(following, "FOLLOWED", 1_000)


async def test_a_dropped_session_is_reconnected_and_proven() -> None:
    async with world(1, intervals=ALONE) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("drop", nth(0))
        await daemon.session_until(nth(0), lambda s: s.status is Status.DISCONNECTED)
        receipt = await daemon.ask("reconnect", nth(0))
        assert receipt.outcome == "accepted" and receipt.who == TESTER and receipt.ended_at is None
        assert (await daemon.view(nth(0))).action == receipt.id
        receipt = await daemon.ended(receipt)
        phone = daemon.session(nth(0)).phone_number
        assert (receipt.outcome, receipt.text) == ("verified", f"connected as +{phone}, proven by a check")
        assert await sim.status(nth(0)) == "connected"
        assert await _changes(sim) == ["disconnect", "init"]
        session = daemon.session(nth(0))
        assert session.proven_at is not None and session.action is None
        assert receipt.ended_at is not None and receipt.ended_at >= receipt.accepted_at


async def test_a_client_that_drops_while_it_starts_ends_the_wait() -> None:
    """The gateway would answer the init after 30 s only (contract §1); its webhook says it at once."""
    recovery = Deadlines(health=1, list=1, status=1, init=40, disconnect=1, send=1)
    async with world(1, intervals=ALONE, start_seconds=1.0, deadlines=recovery) as (sim, daemon):
        await daemon.proven(nth(0))
        receipt = await daemon.ask("reconnect", nth(0), force=True)
        await sim.until_requested("/api/session/init")
        await sim.fault("drop", nth(0), reason="TIMEOUT")
        receipt = await daemon.ended(receipt, seconds=10)
        assert (receipt.outcome, receipt.text) == ("no_effect", "disconnected: TIMEOUT")


async def test_a_logged_out_session_gets_a_code_to_scan() -> None:
    async with world(1, intervals=ALONE) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("logout", nth(0))
        await daemon.session_until(nth(0), lambda s: s.credentials is Credentials.NEEDS_SCAN)
        receipt = await daemon.done("reconnect", nth(0))
        assert (receipt.outcome, receipt.text) == (
            "no_effect",
            "waiting for a scan: the QR code is there",
        )
        view = await daemon.view(nth(0))
        assert (view.status, view.credentials) == ("qr_pending", "needs_scan")
        assert view.attention is not None and view.attention.code == "scan_qr"
        assert await daemon.client.qr("default", nth(0)) is not None
        await sim.fault("scan", nth(0))
        session = await daemon.session_until(nth(0), lambda s: s.proven_at is not None)
        assert session.credentials is Credentials.STORED


async def test_a_client_that_the_gateway_lost_is_simply_started() -> None:
    async with world(1, intervals=ALONE) as (sim, daemon):
        await daemon.proven(nth(0))
        await daemon.done("disconnect", nth(0))
        assert await sim.status(nth(0)) == "not_found"
        receipt = await daemon.done("reconnect", nth(0))
        assert receipt.outcome == "verified" and await sim.status(nth(0)) == "connected"
        assert daemon.session(nth(0)).desired is Desired.ONLINE


async def test_a_gateway_that_is_down_is_named() -> None:
    async with world(1, intervals=ALONE) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("stop")
        await daemon.gateway_until(lambda g: g.state == "down")
        for action in ("reconnect", "disconnect", "refresh_qr"):
            receipt = await daemon.done(action, nth(0))
            assert receipt.outcome == "no_effect"
            noted = f"connection refused: gateway default is down; noted, {nth(0)} "
            assert receipt.text.startswith(noted) and receipt.text.endswith(
                f"; start default on {gethostname()} ({sim.url})"
            )
            then = "stays off" if action == "disconnect" else "is to be online: ask again once"
            assert then in receipt.text, receipt.text
        assert daemon.session(nth(0)).status is Status.CONNECTED


async def test_what_was_noted_while_the_gateway_was_down_is_so() -> None:
    async with world(2, intervals=ALONE, healing=QUICK) as (sim, daemon):
        await daemon.proven(nth(0), nth(1))
        for session_id in (nth(0), nth(1)):
            await daemon.done("disconnect", session_id)
        await sim.fault("unreachable")
        await daemon.gateway_until(lambda g: g.state == "down")
        back = await daemon.done("reconnect", nth(0))
        assert back.outcome == "no_effect" and "noted" in back.text
        assert f"{nth(0)} comes back when the gateway answers" in back.text
        off = await daemon.done("disconnect", nth(1))
        assert off.outcome == "no_effect" and f"noted, {nth(1)} stays off; start default on " in off.text
        await sim.fault("reachable")
        await daemon.session_until(nth(0), lambda s: s.status is Status.CONNECTED)
        assert await sim.status(nth(1)) == "not_found"


async def test_a_gateway_known_to_hang_is_asked_for_its_health_alone() -> None:
    async with world(1, intervals=ALONE, deadlines=SHORT) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("hang_gateway")
        await daemon.gateway_until(lambda g: g.state == "down")
        for action in ("reconnect", "disconnect", "refresh_qr"):
            receipt = await daemon.done(action, nth(0), **({"force": True} if action == "reconnect" else {}))
            assert receipt.outcome == "no_effect" and "default is down; " in receipt.text
            # A busy machine may not even connect in so short a time.
            if not receipt.text.startswith("no connection within"):
                assert receipt.text.startswith("no answer within")
                assert "may hang: see the service's log" in receipt.text
        new = await daemon.done("new", "extra", user_id="1")
        assert new.outcome == "no_effect" and "is down" in new.text and "noted" not in new.text
        assert await _changes(sim) == []
        assert {view.session_id for view in await daemon.client.sessions()} == {nth(0)}


async def test_a_gateway_that_is_back_before_its_next_health_check_is_used() -> None:
    async with world(1, intervals=ALONE) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("unreachable")
        await daemon.gateway_until(lambda g: g.state == "down")
        daemon.daemon.parts.schedule.stop()
        await sim.fault("reachable")
        assert daemon.gateway().state == "down"
        assert (await daemon.done("reconnect", nth(0))).outcome == "verified"


async def test_why_a_start_failed_is_told_in_plain_words_and_the_gateways() -> None:
    recovery = Deadlines(health=1, list=1, status=1, init=40, disconnect=1, send=1)
    async with world(1, intervals=ALONE, start_seconds=1.0, deadlines=recovery) as (sim, daemon):
        await daemon.proven(nth(0))
        receipt = await daemon.ask("reconnect", nth(0), force=True)
        await sim.until_requested("/api/session/init")
        await sim.fault("ban", nth(0))
        receipt = await daemon.ended(receipt, seconds=10)
        assert receipt.text == "disconnected: number banned by WhatsApp (TOS_BLOCK)"


async def test_a_start_that_is_refused_tells_the_gateways_words_too() -> None:
    async with world(1, intervals=ALONE) as (_, daemon):
        await daemon.proven(nth(0))
        await daemon.done("disconnect", nth(0))
        client = daemon.daemon.parts.clients["default"]

        async def refuse(session_id: str, user_id: object) -> Started:
            call = Call("default", client.url, "POST", "/api/session/init", session_id, starts=True)
            raise GatewayRefused(call, "Client already exists", 400, RefusalCause.ALREADY_EXISTS)

        client.init = refuse  # type: ignore[method-assign]
        receipt = await daemon.done("reconnect", nth(0))
        assert receipt.text == "disconnected: missing on the gateway (Client already exists)"


async def test_an_init_without_an_answer_is_followed() -> None:
    async with world(1, intervals=ALONE, deadlines=SHORT) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("drop", nth(0))
        await daemon.session_until(nth(0), lambda s: s.status is Status.DISCONNECTED)
        await sim.fault("no_qr", sessionId=nth(0))
        receipt = await daemon.done("reconnect", nth(0))
        assert receipt.outcome == "no_effect" and "still initializing after 1 s" in receipt.text
        assert "no answer within 0.9 s" in receipt.text
        assert daemon.session(nth(0)).status is Status.INITIALIZING


async def test_a_gateway_that_never_answers_leaves_it_unknown() -> None:
    async with world(1, intervals=ALONE | {"health": QUIET}, deadlines=SHORT) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("hang_gateway")
        disconnected = await daemon.done("disconnect", nth(0))
        assert disconnected.outcome == "unknown", disconnected
        assert "may still run" in disconnected.text and "no answer within 0.35 s" in disconnected.text
        receipt = await daemon.done("reconnect", nth(0), force=True)
        assert receipt.outcome == "unknown" and "no answer within 0.9 s" in receipt.text
        assert len(await sim.requests("/api/session/init")) == 1


async def test_an_old_status_proves_no_disconnect() -> None:
    """The session was down already, the gateway does not answer: nobody knows whether its client is gone."""
    async with world(1, intervals=ALONE | {"health": QUIET}, deadlines=SHORT) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("drop", nth(0))
        await daemon.session_until(nth(0), lambda s: s.status is Status.DISCONNECTED)
        await daemon.quiet()
        await sim.fault("hang_gateway")
        assert (await daemon.done("disconnect", nth(0))).outcome == "unknown"


async def test_a_proven_session_is_not_interrupted_unless_forced() -> None:
    async with world(1, intervals=ALONE) as (sim, daemon):
        await daemon.proven(nth(0))
        with pytest.raises(Refused) as refused:
            await daemon.ask("reconnect", nth(0))
        assert refused.value.status == 409 and "connected and proven" in str(refused.value)
        assert await _changes(sim) == [] and not await daemon.events("action")
        receipt = await daemon.done("reconnect", nth(0), force=True)
        assert receipt.outcome == "verified" and await _changes(sim) == ["disconnect", "init"]


async def test_an_old_proof_is_none() -> None:
    """Proof ends with the gateway's return and with twice the interval in force: 45 s for a fleet of one."""
    async with world(
        1, intervals={"list_sync": QUIET, "health": QUIET, "status_sync": 600}, deadlines=SHORT
    ) as (sim, daemon):
        await daemon.proven(nth(0))
        # No check proves it anew meanwhile.
        await sim.fault("hang", nth(0))
        daemon.clock.forward(80)
        with pytest.raises(Refused, match="connected and proven"):
            await daemon.ask("reconnect", nth(0))
        daemon.clock.forward(20)
        assert (await daemon.done("reconnect", nth(0))).outcome == "verified"
        with pytest.raises(Refused, match="connected and proven"):
            await daemon.ask("reconnect", nth(0))


async def test_without_a_user_id_it_is_refused_and_a_given_one_is_kept() -> None:
    async with world(intervals=ALONE) as (sim, daemon):
        await sim.add(sessions=[{"sessionId": "plain", "status": "disconnected", "userId": 9}])
        await daemon.done("sync")
        assert daemon.session("plain").user_id is None
        with pytest.raises(Refused) as refused:
            await daemon.ask("reconnect", "plain")
        assert refused.value.status == 400 and "default/plain has no user id" in str(refused.value)
        assert "--user" in str(refused.value)
        await sim.fault("webhooks", loss=1.0)  # which would tell it
        receipt = await daemon.done("reconnect", "plain", user_id="9")
        assert receipt.outcome == "verified"
        [init] = await sim.requests("/api/session/init")
        assert init["body"] == {"sessionId": "plain", "userId": 9}
        assert daemon.session("plain").user_id == "9"


async def test_what_cannot_be_found_is_refused_by_name() -> None:
    async with world(1, intervals=ALONE) as (_, daemon):
        await daemon.proven(nth(0))
        cases: list[tuple[int, str, tuple[str, str | None, dict[str, Any]]]] = [
            (404, "no session nobody", ("disconnect", "nobody", {})),
            (404, "no gateway is called 'elsewhere': default", ("sync", None, {"gateway": "elsewhere"})),
            (404, "no gateway is called 'elsewhere'", ("disconnect", nth(0), {"gateway": "elsewhere"})),
            (400, "disconnect needs a session id", ("disconnect", None, {})),
            (409, "exists already", ("new", nth(0), {"user_id": "1"})),
            (400, "needs the id of its user", ("new", None, {})),
            (400, "letters, digits", ("new", "a b", {"user_id": "1"})),
        ]
        for status, detail, (action, session_id, fields) in cases:
            with pytest.raises(Refused) as refused:
                await daemon.ask(action, session_id, **fields)
            assert refused.value.status == status and detail in str(refused.value), refused.value


async def test_disconnect_is_verified_and_keeps_the_credentials() -> None:
    async with world(2, intervals=ALONE) as (sim, daemon):
        await daemon.proven(nth(0), nth(1))
        receipt = await daemon.done("disconnect", nth(0))
        assert (receipt.outcome, receipt.text) == (
            "verified",
            "disconnected; its credentials stay on the gateway",
        )
        assert await sim.status(nth(0)) == "not_found" and (await sim.truth())[nth(0)]["credentials"]
        view = await daemon.view(nth(0))
        assert (view.status, view.desired, view.reason) == ("disconnected", "offline", "operator")
        [told] = [e for e in await daemon.events("status", nth(0)) if e.after == "disconnected"]
        assert view.detail == told.detail == TESTER and plain(told).endswith(f"disconnected by {TESTER}")
        assert view.credentials == "stored" and view.attention is None
        again = await daemon.done("disconnect", nth(0))
        assert again.outcome == "verified", "one that does not run is disconnected"
        assert await sim.status(nth(1)) == "connected"


async def test_a_client_that_cannot_be_destroyed_is_not_called_disconnected() -> None:
    async with world(1, intervals=ALONE) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("stuck_destroy", nth(0))
        receipt = await daemon.done("disconnect", nth(0))
        assert (receipt.outcome, receipt.text) == ("no_effect", "the gateway still says connected")
        assert (await daemon.view(nth(0))).contradiction == "connected, but it should be offline"


async def test_a_new_session_is_made_shown_scanned_and_proven() -> None:
    async with world(intervals=ALONE) as (sim, daemon):
        receipt = await daemon.ask("new", user_id="12", instance_name="sales")
        session_id = receipt.session_id or ""
        assert session_id.startswith("user_12_instance_") and receipt.gateway == "default"
        receipt = await daemon.ended(receipt)
        assert receipt.outcome == "verified" and "waiting for a scan" in receipt.text
        view = await daemon.view(session_id)
        assert (view.instance_name, view.user_id, view.desired, view.status) == (
            "sales",
            "12",
            "online",
            "qr_pending",
        )
        code = await daemon.client.qr("default", session_id)
        assert code is not None and code.digest == view.qr and code.payload.startswith("data:image/png")
        await sim.fault("scan", session_id)
        await daemon.session_until(session_id, lambda s: s.proven_at is not None)
        view = await daemon.view(session_id)
        assert view.phone_number == (await sim.truth())[session_id]["phoneNumber"]
        assert (view.credentials, view.qr) == ("stored", None)
        assert await daemon.client.qr("default", session_id) is None
        assert await _changes(sim) == ["init"], "a new session is never disconnected first"


async def test_a_launch_that_fails_is_told_in_the_services_words() -> None:
    async with world(1, intervals=ALONE, max_sessions=1) as (sim, daemon):
        await daemon.proven(nth(0))
        receipt = await daemon.done("new", "extra", user_id="1")
        assert receipt.outcome == "no_effect" and "Maximum number of sessions reached (1)" in receipt.text
        assert {view.session_id for view in await daemon.client.sessions()} == {nth(0)}, "no ghost is left"
        await daemon.done("disconnect", nth(0))
        await sim.fault("launch_fails", count=1)
        receipt = await daemon.done("new", "extra", user_id="1")
        assert receipt.outcome == "no_effect" and "Failed to launch the browser process!" in receipt.text
        assert "session extra" in receipt.text and sim.url in receipt.text


async def test_a_gateway_must_be_named_where_there_are_two() -> None:
    both = nth(0, "a")
    async with (
        simulated(name="a", sessions=1, uptime_seconds=900) as a,
        simulated(name="b") as b,
        inside(configured(a), configured(b), intervals=ALONE) as daemon,
    ):
        await b.add(sessions=[{"sessionId": both}])
        await daemon.done("sync")
        await daemon.session_until(both, lambda s: s.gateway == "a" and s.proven_at is not None)
        await daemon.session_until(both, lambda s: s.gateway == "b" and s.proven_at is not None)
        with pytest.raises(Refused, match="say a/user_1_instance_a-0 or b/user_1_instance_a-0"):
            await daemon.ask("disconnect", both)
        with pytest.raises(Refused, match="on which gateway"):
            await daemon.ask("new", user_id="1")
        assert (await daemon.done("disconnect", both, gateway="b")).outcome == "verified"
        assert await a.status(both) == "connected"


async def test_a_fresh_code_is_kept() -> None:
    async with world(intervals=ALONE, qr_seconds=3600) as (sim, daemon):
        session_id = await _waiting(daemon)
        before = await daemon.client.qr("default", session_id)
        receipt = await daemon.done("refresh_qr", session_id)
        assert (receipt.outcome, receipt.text) == ("verified", "the gateway's current QR code is shown")
        assert await daemon.client.qr("default", session_id) == before
        assert await _changes(sim) == ["init"]


async def test_a_newer_code_of_the_gateway_is_taken_without_a_start() -> None:
    async with world(intervals=ALONE, qr_seconds=3600) as (sim, daemon):
        session_id = await _waiting(daemon)
        before = await daemon.client.qr("default", session_id)
        await sim.fault("webhooks", loss=1.0)
        await sim.fault("rotate_qr", session_id)
        daemon.clock.forward(61)
        receipt = await daemon.done("refresh_qr", session_id)
        after = await daemon.client.qr("default", session_id)
        assert receipt.outcome == "verified" and before is not None and after is not None
        assert after.digest != before.digest and await _changes(sim) == ["init"]


async def test_an_expired_code_is_made_anew() -> None:
    async with world(intervals=ALONE, qr_seconds=3600) as (sim, daemon):
        session_id = await _waiting(daemon)
        before = await daemon.client.qr("default", session_id)
        daemon.clock.forward(61)
        receipt = await daemon.done("refresh_qr", session_id)
        after = await daemon.client.qr("default", session_id)
        assert receipt.outcome == "verified" and "waiting for a scan" in receipt.text
        assert before is not None and after is not None and after.digest != before.digest
        assert await _changes(sim) == ["init", "disconnect", "init"]


async def test_a_connected_session_has_no_code_to_refresh() -> None:
    async with world(1, intervals=ALONE) as (sim, daemon):
        await daemon.proven(nth(0))
        receipt = await daemon.done("refresh_qr", nth(0))
        assert (receipt.outcome, receipt.text) == (
            "no_effect",
            "it is connected: there is no QR code to scan",
        )
        assert await _changes(sim) == []


async def _waiting(daemon: Inside) -> str:
    """Make a new session that waits for its scan."""
    receipt = await daemon.done("new", user_id="1")
    assert receipt.outcome == "verified" and receipt.session_id is not None
    await daemon.quiet()
    return receipt.session_id


async def _changes(sim: Simulated) -> list[str]:
    """Return what the gateway was asked to change, in order."""
    paths = [entry["path"] for entry in await sim.requests("/api/session/")]
    return [path.rsplit("/", 1)[1] for path in paths if path.endswith(("/init", "/disconnect"))]
