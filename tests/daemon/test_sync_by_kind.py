"""Lists that tell less than the contract's, restarts that cannot be seen, and what is healed of that."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from wa_tui.daemon.actions import following
from wa_tui.gateways import NoAnswer
from wa_tui.gateways.errors import Call
from wa_tui.model.registers import Desired, GatewayState, Proof, Reason, Status

from .inside import QUICK, Inside
from .kinds import EVOLUTION, WAHA, WPPCONNECT, WWEBJS, at
from .running import ACTIVE
from .stateful.gateway import ModelGateway
from .waiting import until


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "STEP", 0.02)
    monkeypatch.setattr(following, "SETTLING", 100)


async def list_sync(daemon: Inside) -> None:
    await daemon.daemon.parts.reconciler.lists.sync("g")
    await daemon.quiet()


async def kinds(daemon: Inside, session_id: str) -> list[str]:
    return [event.kind for event in await daemon.events(session_id=session_id)]


async def test_a_list_of_clients_adopts_new_names_by_a_check() -> None:
    async with at(WWEBJS, "sales") as (gateway, daemon):
        gateway.connect("new")
        await list_sync(daemon)
        session = daemon.session("new")
        assert (session.status, session.proven_at is not None) == (Status.CONNECTED, True)
        checks = len(gateway.checks)
        await list_sync(daemon)
        assert len(gateway.checks) == checks, "present says nothing of how it is"


async def test_absent_from_a_list_of_clients_may_be_a_start_and_is_else_checked() -> None:
    async with at(WWEBJS, "sales", "office") as (gateway, daemon):
        gateway.start_takes = 3600.0
        gateway.vanish("sales")
        gateway.begin("sales")
        await daemon.done("sync")
        assert daemon.session("sales").status is Status.INITIALIZING
        gateway.vanish("office")
        checks = len(gateway.checks)
        await list_sync(daemon)
        assert gateway.checks[checks:] == ["office"]
        office = daemon.session("office")
        assert (office.status, office.reason, office.listed) == (Status.DISCONNECTED, Reason.MISSING, None)
        assert "contradiction" not in await kinds(daemon, "office")
        gateway.connect("office")
        await list_sync(daemon)
        assert daemon.session("office").status is Status.CONNECTED, "it is there again: asked at once"


async def test_a_list_of_names_has_only_new_ones_for_news() -> None:
    async with at(WPPCONNECT, "sales") as (gateway, daemon):
        gateway.connect("new")
        await list_sync(daemon)
        assert daemon.session("new").proven_at is not None
        gateway.vanish("new")
        checks = len(gateway.checks)
        await list_sync(daemon)
        assert len(gateway.checks) == checks and daemon.session("new").status is Status.CONNECTED
        await daemon.done("delete", "sales", force=True)
        await list_sync(daemon)
        assert not daemon.session("sales").orphan, "its name is listed for ever"


async def test_a_deleted_session_that_a_restart_brings_back_is_shown_and_can_be_ended() -> None:
    async with at(WPPCONNECT, "sales") as (gateway, daemon):
        await daemon.done("delete", "sales", force=True)
        daemon.clock.forward(5)
        gateway.restart_service()
        await daemon.gateway_until(lambda g: g.restarts == 1)
        gateway.connect("sales")
        await list_sync(daemon)
        await daemon.session_until("sales", lambda s: s.orphan)
        receipt = await daemon.done("disconnect", "sales")
        assert receipt.outcome == "verified" and not daemon.session("sales").orphan
        daemon.clock.forward(31 * 86400)
        await daemon.daemon.parts.clean_up.run()
        await list_sync(daemon)
        assert daemon.session("sales").deleted_at is not None, "its name is listed for ever"


async def test_where_no_list_tells_statuses_what_is_off_is_checked_too() -> None:
    async with at(WPPCONNECT, "sales") as (gateway, daemon):
        await daemon.done("disconnect", "sales")
        gateway.connect("sales")
        await daemon.done("sync")
        session = daemon.session("sales")
        assert session.desired is Desired.OFFLINE and session.contradicts


async def test_a_database_that_contradicts_the_check_is_said_once_and_asked_with_a_brake() -> None:
    async with at(EVOLUTION, "sales") as (gateway, daemon):
        checks = len(gateway.checks)
        for _ in range(8):
            client = gateway.clients["sales"]
            client.truth, client.claim = Status.INITIALIZING, Status.CONNECTED
            await (list_sync(daemon) if len(gateway.checks) > checks else daemon.done("sync"))
        assert (await kinds(daemon, "sales")).count("contradiction") == 1
        assert daemon.session("sales").status is Status.INITIALIZING
        assert len(gateway.checks) - checks <= 6, "each time it waits longer"


async def away(gateway: ModelGateway, daemon: Inside) -> None:
    gateway.down = True
    await daemon.gateway_until(lambda g: g.state is GatewayState.DOWN)
    gateway.restart_service()
    gateway.down = False


async def changed(gateway: ModelGateway) -> bool:
    return bool(gateway.changes)


async def test_after_an_outage_that_may_have_been_a_restart_healing_waits_for_its_restoring() -> None:
    async with at(WWEBJS, "sales", healing=QUICK, intervals={"restore_grace": 1.5}) as (gateway, daemon):
        await away(gateway, daemon)
        await daemon.gateway_until(lambda g: g.restoring)
        assert daemon.gateway().state is GatewayState.RETURNED and daemon.gateway().restarts == 0
        gateway.connect("sales")
        await daemon.gateway_until(lambda g: not g.restoring)
        assert gateway.changes == [], "it came back by itself"
        await away(gateway, daemon)
        await until(lambda: changed(gateway))
        assert not daemon.gateway().restoring, "what it leaves is started then"
        assert gateway.changes == [("init", "sales")]


async def test_what_restores_nothing_is_healed_at_once() -> None:
    async with at(WAHA, "default", healing=QUICK, intervals={"restore_grace": 3600.0}) as (gateway, daemon):
        await away(gateway, daemon)
        await until(lambda: changed(gateway))
        assert not daemon.gateway().restoring and daemon.gateway().restarts == 1


async def test_a_daemon_that_was_away_lets_it_restore_first() -> None:
    async with at(WWEBJS, "sales", healing=QUICK, intervals={"restore_grace": 0.4}) as (gateway, daemon):
        await daemon.stop()
        gateway.restart_service()
        daemon.clock.forward(120)
        await daemon.start()
        await until(lambda: changed(gateway))
        texts = [event.text for event in await daemon.events("gateway")]
        assert any("may have restarted" in text for text in texts)
        assert any("its own restoring is over: 1 session is left" in text for text in texts)


async def test_what_a_restart_brings_back_against_a_wish_is_stopped_again_once() -> None:
    async with at(WWEBJS, "sales", healing=QUICK, intervals={"restore_grace": 0.4}) as (gateway, daemon):
        await daemon.done("disconnect", "sales")
        gateway.changes.clear()
        await away(gateway, daemon)
        gateway.connect("sales")
        await until(lambda: changed(gateway))
        session = await daemon.session_until("sales", lambda s: s.status is Status.DISCONNECTED)
        assert gateway.changes == [("disconnect", "sales")] and session.desired is Desired.OFFLINE
        await daemon.quiet()
        gateway.connect("sales")
        await list_sync(daemon)
        assert daemon.session("sales").contradicts and len(gateway.changes) == 1, "somebody started it"


async def test_a_dead_browser_that_only_a_check_finds_is_restarted() -> None:
    async with at(WWEBJS, "sales", healing=QUICK) as (gateway, daemon):
        gateway.why = Reason.BROWSER_DIED
        gateway.die_silently("sales")
        await daemon.done("sync")
        assert Reason.BROWSER_DIED in [event.reason for event in await daemon.events("status")]
        await daemon.session_until("sales", lambda s: s.status is Status.CONNECTED)
        assert gateway.changes == [("restart", "sales")]


async def test_a_claim_that_nobody_confirms_is_not_healed() -> None:
    quick: dict[str, Any] = {"healing": QUICK}
    async with at(EVOLUTION, "sales", **quick) as (gateway, daemon):
        status = gateway.status

        async def silent(session_id: str) -> Any:
            raise NoAnswer(Call("g", gateway.url, "GET", "/", session_id), "no answer within 10 s")

        gateway.status = silent  # type: ignore[method-assign]
        await daemon.done("sync")
        assert daemon.session("sales").unanswered is not None
        daemon.clock.forward(600)
        await daemon.daemon.parts.probe.look("g")
        await daemon.quiet()
        assert gateway.changes == []
        gateway.status = status  # type: ignore[method-assign]
        gateway.drop("sales")
        await daemon.done("sync")
        await daemon.session_until("sales", lambda s: s.status is Status.CONNECTED)
        assert gateway.changes, "a check says that it is down"


async def test_healing_fills_a_gateway_no_further_than_it_says() -> None:
    async with at(WWEBJS, "sales", "office", healing=QUICK) as (gateway, daemon):
        gateway.limit = 1
        gateway.drop("office")
        await daemon.done("sync")
        view = await daemon.view_until(
            "office", lambda v: v.healing is not None and v.healing.state == "held"
        )
        assert view.healing is not None and view.healing.why == "gateway g is full: it holds 1 sessions"
        assert gateway.changes == []


async def test_a_message_goes_through_what_is_only_claimed_after_it_was_asked() -> None:
    async with at(EVOLUTION, "sales") as (gateway, daemon):
        checks = len(gateway.checks)
        receipt = await daemon.done("send", "sales", recipient="15550001234", message="x")
        assert (receipt.outcome, gateway.sent) == ("verified", ["sales"])
        assert gateway.checks[checks:] == ["sales"]
        gateway.drop("sales")
        receipt = await daemon.done("send", "sales", recipient="15550001234", message="x")
        assert receipt.outcome == "no_effect" and gateway.sent == ["sales"]


async def test_the_clean_up_unlinks_nothing() -> None:
    async with at(EVOLUTION, "sales") as (gateway, daemon):
        await daemon.done("logout", "sales", force=True)
        gateway.changes.clear()
        daemon.clock.forward(8 * 86400)
        await daemon.daemon.parts.clean_up.run()
        assert gateway.changes == [] and daemon.session("sales").desired is Desired.OFFLINE


async def test_the_pool_prefers_what_is_proven() -> None:
    async with at(EVOLUTION, "user_1_instance_a", "user_1_instance_b") as (gateway, daemon):
        gateway.proof = Proof.CLIENT
        await daemon.daemon.parts.checker.check(daemon.session("user_1_instance_b").key)
        assert daemon.session("user_1_instance_a").proof is Proof.CLAIMED
        await daemon.done("send", user_id="1", recipient="15550001234", message="x")
        await daemon.done("send", user_id="1", recipient="15550001234", message="x")
        assert gateway.sent == ["user_1_instance_b", "user_1_instance_b"]


async def test_what_to_restore_is_told_to_the_contracts_services_alone() -> None:
    async with at(WWEBJS, "sales") as (_, daemon):
        host, port = daemon.config.listen
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.get(f"http://{host}:{port}{ACTIVE}", headers={"x-api-key": "key"})
        assert answer.status_code == 404
        assert "wwebjs-api is not told what to restore" in answer.text
        assert (await daemon.done("sync")).outcome == "verified"
