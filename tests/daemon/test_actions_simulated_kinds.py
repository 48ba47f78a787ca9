"""The verbs and healing through each kind's own adapter, against its simulator."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.simulated import Simulated
from wa_tui.client import Refused
from wa_tui.daemon.actions import following
from wa_tui.gateways import Capability
from wa_tui.identity.kinds import GatewayKind
from wa_tui.model.registers import Credentials, Desired, Reason, Status

from .inside import QUICK, Inside, world

KINDS = (GatewayKind.EVOLUTION, GatewayKind.WAHA, GatewayKind.WPPCONNECT, GatewayKind.WWEBJS_API)
DELETED = {GatewayKind.WPPCONNECT: "deleted; its credentials stay on the gateway"}
"""What a delete ends in, where the gateway cannot delete."""

SALES = "sales-1"
TO = "15550001234"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "STEP", 0.05)
    monkeypatch.setattr(following, "SETTLING", 300)


@contextlib.asynccontextmanager
async def of_kind(kind: GatewayKind, **options: Any) -> AsyncIterator[tuple[Simulated, Inside]]:
    """Run a gateway of a kind with one session, and a daemon that found that connected."""
    async with world(kind=str(kind), restore_delay_seconds=0.1, **options) as (sim, daemon):
        await sim.add(sessions=[{"sessionId": SALES}])
        await daemon.session_until(SALES, lambda s: s.proof is not None)
        await daemon.quiet()
        yield sim, daemon


@pytest.mark.parametrize("kind", KINDS)
async def test_reconnect_restart_send_and_delete(kind: GatewayKind) -> None:
    async with of_kind(kind) as (sim, daemon):
        can = daemon.daemon.parts.clients["default"].capabilities
        for action in ("reconnect", "restart") if Capability.RESTART in can else ("reconnect",):
            receipt = await daemon.done(action, SALES, force=True)
            assert receipt.outcome == "verified", receipt.text
        receipt = await daemon.done("send", SALES, recipient=TO, message="x")
        assert receipt.outcome == "verified" and len(await sim.messages()) == 1
        receipt = await daemon.done("delete", SALES, force=True)
        assert (receipt.outcome, receipt.text) == (
            "verified",
            DELETED.get(kind, "deleted, on the gateway too"),
        )
        assert bool((await sim.truth()).get(SALES, {}).get("credentials")) is (kind in DELETED)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_logout_and_the_scan_after_it(kind: GatewayKind) -> None:
    async with of_kind(kind, healing=QUICK) as (sim, daemon):
        receipt = await daemon.done("logout", SALES, force=True)
        assert receipt.outcome == "verified", receipt.text
        session = daemon.session(SALES)
        assert (session.desired, session.credentials) == (Desired.OFFLINE, Credentials.NEEDS_SCAN)
        assert not (await sim.truth()).get(SALES, {}).get("credentials")
        assert (session.reason, session.detail) == (Reason.UNLINKED, receipt.who)
        receipt = await daemon.done("refresh_qr", SALES)
        assert receipt.outcome == "verified", receipt.text
        session = await daemon.session_until(
            SALES, lambda s: s.status is Status.QR_PENDING and s.qr is not None
        )
        assert (session.reason, session.detail) == (Reason.UNLINKED, receipt.who)
        assert Reason.LOGOUT not in {event.reason for event in await daemon.events()}
        await sim.fault("scan", SALES)
        await daemon.session_until(SALES, lambda s: s.status is Status.CONNECTED)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_logout_of_what_no_phone_is_linked_to_only_ends_it(kind: GatewayKind) -> None:
    async with world(kind=str(kind), qr_seconds=3600) as (sim, daemon):
        await sim.add(sessions=[{"sessionId": SALES, "credentials": False}], status="qr_pending")
        await daemon.done("sync")
        await daemon.session_until(SALES, lambda s: s.status is Status.QR_PENDING)
        if kind is GatewayKind.EVOLUTION:
            with pytest.raises(Refused, match="no phone is linked to it, delete it instead"):
                await daemon.ask("disconnect", SALES)
        receipt = await daemon.done("logout", SALES, force=True)
        assert receipt.text.startswith("no phone was linked to it")
        assert daemon.session(SALES).desired is Desired.OFFLINE
        view = await daemon.view(SALES)
        assert view.attention is None
        if kind is GatewayKind.EVOLUTION:
            assert receipt.outcome == "no_effect" and receipt.text.endswith("delete it to end them")
            return
        assert receipt.outcome == "verified"
        session = await daemon.session_until(SALES, lambda s: s.status is Status.DISCONNECTED)
        assert session.reason is not Reason.UNLINKED


async def test_evolution_cannot_stop_and_wwebjs_can() -> None:
    async with of_kind(GatewayKind.EVOLUTION) as (_, daemon):
        with pytest.raises(Refused, match="log it out instead, which unlinks the phone"):
            await daemon.ask("disconnect", SALES)
    async with of_kind(GatewayKind.WWEBJS_API) as (_, daemon):
        assert (await daemon.done("disconnect", SALES)).outcome == "verified"
        receipt = await daemon.done("reconnect", SALES)
        assert receipt.outcome == "verified", receipt.text


async def test_a_dead_browser_that_nobody_tells_of_is_mended_by_a_restart() -> None:
    async with of_kind(GatewayKind.WWEBJS_API, healing=QUICK) as (sim, daemon):
        await sim.fault("drop", SALES, silent=True)
        await daemon.done("sync")
        reasons = [event.reason for event in await daemon.events("status", SALES)]
        assert Reason.BROWSER_DIED in reasons
        await daemon.session_until(SALES, lambda s: s.status is Status.CONNECTED)
        assert await sim.requests(f"/session/restart/{SALES}")


async def test_a_new_session_gets_an_id_that_its_gateway_takes() -> None:
    async with of_kind(GatewayKind.WWEBJS_API) as (_, daemon):
        receipt = await daemon.done("new", user_id="7", instance_name="support")
        assert receipt.outcome == "verified", receipt.text
        assert receipt.session_id is not None and receipt.session_id.startswith("session-")
        assert daemon.session(receipt.session_id).user_id == "7"
        with pytest.raises(Refused, match="takes no session named 'a_b': letters, digits and hyphens only"):
            await daemon.ask("new", "a_b", user_id="7")


async def test_a_client_that_is_to_go_proves_no_restart() -> None:
    """WAHA says STOPPED at once, and its client is connected for as long as it takes to end it."""
    async with of_kind(GatewayKind.WAHA, destroy_seconds=0.2) as (sim, daemon):
        for number in (1, 2):
            receipt = await daemon.done("restart", SALES, force=True)
            assert receipt.outcome == "verified", receipt.text
            posted = [
                each["payload"]["status"] for each in await sim.webhooks(SALES) if "status" in each["payload"]
            ]
            assert posted.count("STOPPED") == posted.count("STARTING") == number
