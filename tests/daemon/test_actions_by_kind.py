"""What starts and stops sessions on gateways of other kinds: by their own recipe, and only what each can."""

from __future__ import annotations

import pytest

from wa_tui.client import Refused
from wa_tui.daemon.actions import following
from wa_tui.gateways import Capability, NoAnswer, RefusalCause, Started, Step
from wa_tui.gateways import Refused as GatewayRefused
from wa_tui.gateways.errors import Call
from wa_tui.model.facts import UserId
from wa_tui.model.registers import Credentials, Desired, Status

from .inside import QUICK
from .kinds import EVOLUTION, WAHA, WPPCONNECT, WWEBJS, at
from .waiting import until


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "STEP", 0.02)


async def test_a_reconnect_is_the_gateways_recipe() -> None:
    async with at(WWEBJS, "sales") as (gateway, daemon):
        receipt = await daemon.done("reconnect", "sales", force=True)
        assert (receipt.outcome, receipt.text) == ("verified", "connected as +15550001234, proven by a check")
        assert gateway.changes == [("restart", "sales")]
        gateway.changes.clear()
        gateway.vanish("sales")
        assert (await daemon.done("reconnect", "sales", force=True)).outcome == "verified"
        assert [verb for verb, _ in gateway.changes] == ["restart", "init"], "there was none to restart"


async def test_a_start_that_goes_on_is_followed_without_a_user() -> None:
    async with at(WWEBJS, "sales") as (gateway, daemon):
        assert daemon.session("sales").user_id is None
        await daemon.done("disconnect", "sales")
        gateway.changes.clear()
        receipt = await daemon.done("reconnect", "sales")
        assert receipt.outcome == "verified" and gateway.changes == [("init", "sales")]
        gateway.credentials.discard("sales")
        receipt = await daemon.done("reconnect", "sales", force=True)
        assert (receipt.outcome, receipt.text) == (
            "no_effect",
            "waiting for a scan: the QR code is there",
        )


async def test_a_claim_is_told_as_one_and_asks_before_it_is_interrupted() -> None:
    async with at(EVOLUTION, "Vertrieb Süd / 1") as (gateway, daemon):
        with pytest.raises(
            Refused, match="connected as its gateway says: reconnecting would interrupt"
        ) as refused:
            await daemon.ask("reconnect", "Vertrieb Süd / 1")
        assert refused.value.problem.code == "proven"
        receipt = await daemon.done("restart", "Vertrieb Süd / 1", force=True)
        assert receipt.outcome == "verified"
        assert receipt.text == "connected as +15550001234, as g says: Evolution API proves nothing by itself"
        assert gateway.changes == [("restart", "Vertrieb Süd / 1")]


async def test_what_a_gateway_cannot_do_is_refused_before_it_is_asked() -> None:
    async with at(EVOLUTION, "sales") as (gateway, daemon):
        with pytest.raises(Refused) as refused:
            await daemon.ask("disconnect", "sales", force=True)
        assert (refused.value.status, refused.value.problem.code) == (409, "unsupported")
        assert refused.value.problem.error == (
            "Evolution API cannot stop a session and keep it linked: log it out instead, which unlinks the phone"
        )
        assert daemon.session("sales").desired is Desired.ONLINE and gateway.changes == []
    async with at(WPPCONNECT, "sales") as (gateway, daemon):
        with pytest.raises(Refused, match="WPPConnect Server cannot restart a session: reconnect it instead"):
            await daemon.ask("restart", "sales")
    stays = WPPCONNECT | {"capabilities": frozenset({Capability.STOP})}
    async with at(stays, "sales") as (gateway, daemon):
        with pytest.raises(Refused, match="cannot unlink a session: have its owner unlink it on the phone"):
            await daemon.ask("logout", "sales", force=True)
        gateway.show_code("sales")
        await daemon.done("sync")
        with pytest.raises(Refused, match="no phone is linked to it, disconnect it instead"):
            await daemon.ask("logout", "sales", force=True)


async def test_a_logout_unlinks_is_proven_and_keeps_it_offline() -> None:
    async with at(EVOLUTION, "sales") as (gateway, daemon):
        with pytest.raises(Refused, match="unlinks the phone, and only a new scan brings it back") as refused:
            await daemon.ask("logout", "sales")
        assert refused.value.problem.code == "confirm" and gateway.changes == []
        receipt = await daemon.done("logout", "sales", force=True)
        assert (receipt.outcome, receipt.text) == ("verified", "unlinked: the next start needs a scan")
        session = daemon.session("sales")
        assert (session.desired, session.credentials) == (Desired.OFFLINE, Credentials.NEEDS_SCAN)
        assert session.status is Status.DISCONNECTED
        await daemon.restart()
        assert daemon.session("sales").credentials is Credentials.NEEDS_SCAN


async def test_a_logout_that_had_no_effect_leaves_the_credentials_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("wa_tui.daemon.actions.stopping.UNLINKS", 50)
    async with at(EVOLUTION, "sales") as (gateway, daemon):

        async def does_nothing(session_id: str) -> bool:
            return True

        gateway.logout = does_nothing  # type: ignore[method-assign]
        receipt = await daemon.done("logout", "sales", force=True)
        assert (receipt.outcome, receipt.text) == ("no_effect", "the gateway still says connected")
        session = daemon.session("sales")
        assert session.credentials is Credentials.STORED and session.contradicts


async def test_what_a_gateway_does_not_know_was_not_unlinked() -> None:
    async with at(EVOLUTION, "sales") as (gateway, daemon):
        gateway.vanish("sales")
        receipt = await daemon.done("logout", "sales", force=True)
        assert (receipt.outcome, receipt.text) == (
            "no_effect",
            "nothing was unlinked: g does not know g/sales",
        )
        assert daemon.session("sales").credentials is Credentials.STORED


async def test_where_a_logout_ends_in_a_code_that_is_stopped() -> None:
    async with at(WAHA, "default") as (gateway, daemon):

        async def shows_a_code(session_id: str) -> bool:
            gateway.show_code(session_id)
            return True

        gateway.logout = shows_a_code  # type: ignore[method-assign]
        receipt = await daemon.done("logout", "default", force=True)
        assert receipt.outcome == "verified" and gateway.changes == [("disconnect", "default")]
        assert daemon.session("default").credentials is Credentials.NEEDS_SCAN


async def test_a_recipe_with_a_logout_is_for_people() -> None:
    async with at(WAHA, "default", healing=QUICK) as (gateway, daemon):
        gateway.fail("default")
        await daemon.done("sync")
        assert daemon.session("default").status is Status.AUTH_FAILED
        assert gateway.changes == []
        receipt = await daemon.done("refresh_qr", "default")
        assert receipt.outcome == "verified"
        assert [verb for verb, _ in gateway.changes] == ["logout", "init"]
    careless = WAHA | {"steps": lambda status, reason, gone: (Step.LOGOUT, Step.START)}
    async with at(careless, "default", healing=QUICK) as (gateway, daemon):
        gateway.drop("default")
        await daemon.done("sync")

        async def said() -> bool:
            return any(
                "comes back only by a logout and a scan" in event.text for event in await daemon.events()
            )

        await until(said)
        assert gateway.changes == []


async def test_a_delete_deletes_on_the_gateway_too_where_that_can_be() -> None:
    async with at(EVOLUTION, "sales") as (gateway, daemon):
        with pytest.raises(Refused, match="the gateway deletes it too, and its account is unlinked"):
            await daemon.ask("delete", "sales")
        receipt = await daemon.done("delete", "sales", force=True)
        assert (receipt.outcome, receipt.text) == ("verified", "deleted, on the gateway too")
        assert gateway.changes == [("delete", "sales")] and not gateway.clients


async def test_a_delete_of_what_does_not_run_says_what_stays() -> None:
    async with at(WWEBJS, "sales") as (gateway, daemon):
        await daemon.done("disconnect", "sales")

        async def refuse(session_id: str) -> bool:
            call = Call("g", gateway.url, "GET", f"/session/terminate/{session_id}", session_id)
            raise GatewayRefused(call, "session_not_found", 404, RefusalCause.NOT_FOUND)

        gateway.delete = refuse  # type: ignore[method-assign]
        receipt = await daemon.done("delete", "sales", force=True)
        assert receipt.outcome == "verified"
        assert receipt.text == "deleted; no client of it ran, what is stored there stays"


async def test_an_orphan_that_cannot_be_stopped_is_deleted() -> None:
    async with at(EVOLUTION, "sales", intervals={"list_sync": 0.1}) as (gateway, daemon):
        await daemon.done("delete", "sales", force=True)
        gateway.connect("sales")
        await daemon.session_until("sales", lambda s: s.orphan)
        receipt = await daemon.done("disconnect", "sales")
        assert (receipt.outcome, receipt.text) == (
            "verified",
            "its client is gone; deleted on the gateway too",
        )
        assert not gateway.clients


async def test_a_lost_answer_to_a_restart_is_not_made_good_by_the_client_that_was_there() -> None:
    async with at(WWEBJS, "sales") as (gateway, daemon):

        async def lost(session_id: str) -> Started:
            raise NoAnswer(
                Call("g", gateway.url, "GET", "/restart", session_id, starts=True), "no answer within 45 s"
            )

        gateway.restart = lost  # type: ignore[method-assign]
        for action in ("reconnect", "restart"):
            receipt = await daemon.done(action, "sales", force=True)
            assert receipt.outcome == "unknown", receipt.text
            assert "it is connected as before; it may have been done all the same" in receipt.text


async def test_a_lost_answer_to_a_start_is_made_good_where_the_client_was_ended_before() -> None:
    async with at(WPPCONNECT, "sales") as (gateway, daemon):
        init = gateway.init

        async def lost(session_id: str, user_id: UserId | None) -> Started:
            await init(session_id, user_id)
            raise NoAnswer(
                Call("g", gateway.url, "POST", "/start", session_id, starts=True), "no answer within 45 s"
            )

        gateway.init = lost  # type: ignore[method-assign]
        receipt = await daemon.done("reconnect", "sales", force=True)
        assert receipt.outcome == "verified" and receipt.text.startswith("connected"), receipt.text
