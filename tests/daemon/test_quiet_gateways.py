"""A gateway that is snoozed or acknowledged calls nobody; whatever becomes of the daemon meanwhile."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.simulated import Simulated
from wa_tui.client import Client, Refused, Unix
from wa_tui.daemon.checking.calm import CALM
from wa_tui.model.registers import MINUTE, SECOND, GatewayState, Reason
from wa_tui.wire import ActionRequest, GatewayView, StatusView, needs_person, needy, quieted, utc_now

from .conftest import NewDaemon
from .inside import Inside, nth, world
from .running import TESTER
from .waiting import until

NAME = "default"


async def shown(daemon: Inside) -> GatewayView:
    """Return the gateway as the API shows it."""
    (gateway,) = (await daemon.client.status()).gateways
    return gateway


async def called(daemon: Inside) -> int:
    """Return how many gateways call a person now."""
    view = await daemon.client.status()
    return len(needy(view.gateways, view.now or utc_now()))


async def down(sim: Simulated, daemon: Inside) -> None:
    await sim.fault("unreachable")
    await daemon.gateway_until(lambda gateway: gateway.state is GatewayState.DOWN)


async def back(sim: Simulated, daemon: Inside) -> None:
    await sim.fault("reachable")
    await daemon.gateway_until(lambda gateway: gateway.state is GatewayState.UP)


async def test_a_planned_maintenance_calls_nobody_and_is_told_by_whom_and_until_when() -> None:
    async with world(1) as (sim, daemon):
        await daemon.proven(nth(0))
        receipt = await daemon.done("snooze", gateway=NAME)
        assert receipt.outcome == "verified" and receipt.text.startswith("calls nobody until ")
        assert (receipt.gateway, receipt.session_id, receipt.who) == (NAME, None, TESTER)
        await down(sim, daemon)
        await daemon.restart()
        await daemon.gateway_until(lambda gateway: gateway.state is GatewayState.DOWN)
        view = await shown(daemon)
        assert view.snoozed_until is not None
        assert abs(view.snoozed_until - utc_now() - timedelta(minutes=120)) < timedelta(seconds=60), (
            "two hours"
        )
        assert needs_person(await daemon.client.status()) == 0 and quieted([view], utc_now()) == [view]
        assert (await daemon.done("snooze", gateway=NAME, minutes=0)).text == "calls again"
        assert await called(daemon) == 1
        texts = [event.text for event in await daemon.events("action") if event.gateway == NAME]
        assert texts == [f"snooze for 120 min asked by {TESTER}", f"end of snooze asked by {TESTER}"]


async def test_its_sessions_are_covered_and_what_breaks_for_another_reason_still_calls() -> None:
    async with world(4) as (sim, daemon):
        await daemon.proven(*map(nth, range(4)))
        await daemon.done("snooze", gateway=NAME, minutes=120)
        await sim.fault("restart", downtime=0.2)
        for number in range(4):
            await daemon.session_until(nth(number), lambda s: s.reason is Reason.MISSING)
        view = await daemon.client.status()
        assert (view.sessions.needs_person, view.sessions.covered, needs_person(view)) == (0, 4, 0)
        await daemon.tell(nth(1), "disconnected", reason="LOGOUT")
        await daemon.tell(nth(2), "disconnected", reason="CONFLICT")
        view = await daemon.client.status()
        assert (view.sessions.needs_person, view.sessions.covered) == (2, 2)
        assert {session.session_id for session in view.calling} == {nth(1), nth(2)}
        await daemon.done("snooze", gateway=NAME, minutes=0)
        view = await daemon.client.status()
        assert (view.sessions.needs_person, view.sessions.covered) == (4, 0)


async def test_a_snooze_that_is_over_calls_again() -> None:
    async with world(1) as (sim, daemon):
        await daemon.proven(nth(0))
        await daemon.done("snooze", gateway=NAME, minutes=30)
        await down(sim, daemon)
        assert await called(daemon) == 0
        daemon.clock.forward(31 * MINUTE / SECOND)
        assert await called(daemon) == 1


async def test_who_takes_care_of_a_gateway_does_until_it_has_been_well_for_a_while() -> None:
    async with world(1) as (sim, daemon):
        await daemon.proven(nth(0))
        await down(sim, daemon)
        assert await called(daemon) == 1
        receipt = await daemon.done("acknowledge", gateway=NAME)
        assert receipt.text == f"{TESTER} takes care of it: it calls nobody until it has been well for 5 min"
        assert await called(daemon) == 0
        for _ in range(2):
            # It comes and goes: the person who is at it is not called each time.
            await back(sim, daemon)
            daemon.clock.forward(CALM / SECOND - 60)
            await daemon.done("run_job", job="health", gateway=NAME)
            await down(sim, daemon)
            assert await called(daemon) == 0
        await back(sim, daemon)
        await daemon.restart()
        acknowledged = (await shown(daemon)).acknowledged
        assert acknowledged is not None and acknowledged.who == TESTER
        daemon.clock.forward(CALM / SECOND)
        await daemon.gateway_until(lambda gateway: gateway.acknowledged is None)
        (said,) = [each.text for each in await daemon.events("gateway") if each.text.startswith("well again")]
        assert said == f"well again: {TESTER} need not take care of it any longer"
        await down(sim, daemon)
        assert await called(daemon) == 1, "another trouble is another call"


async def test_an_acknowledgement_of_a_gateway_can_be_taken_back() -> None:
    async with world() as (sim, daemon):
        await down(sim, daemon)
        assert (
            await daemon.done("acknowledge", gateway=NAME, force=True)
        ).text == "nobody had acknowledged it"
        await daemon.done("acknowledge", gateway=NAME)
        assert (await daemon.done("acknowledge", gateway=NAME, force=True)).text == "calls again"
        assert (await shown(daemon)).acknowledged is None


async def test_what_cannot_be_quieted_is_refused_by_name() -> None:
    async with world(1) as (_, daemon):
        await daemon.proven(nth(0))
        daemon.clock.forward(CALM / SECOND)
        watcher = Client(Unix(daemon.config.socket), read_only=True)
        for client, status, detail, action, fields in (
            (daemon.client, 404, "no gateway is called 'eu-9': default", "snooze", {"gateway": "eu-9"}),
            (daemon.client, 404, "no gateway is called 'eu-9': default", "acknowledge", {"gateway": "eu-9"}),
            (daemon.client, 400, "for how many minutes", "snooze", {"gateway": NAME, "minutes": 10081}),
            (
                daemon.client,
                409,
                "needs nobody now: there is nothing to ack.* snooze it",
                "acknowledge",
                {"gateway": NAME},
            ),
            (daemon.client, 400, "acknowledge needs a session id", "acknowledge", {}),
            (watcher, 403, "this monitor is read-only", "snooze", {"gateway": NAME}),
        ):
            with pytest.raises(Refused, match=detail) as refused:
                await client.act(ActionRequest(action=action, **fields))  # type: ignore[arg-type]
            assert refused.value.status == status
        await watcher.close()


async def test_what_was_asked_of_a_gateway_survives_sigkill(new_daemon: NewDaemon) -> None:
    daemon = await new_daemon().start()
    for action in ("snooze", "acknowledge"):
        receipt = await daemon.client.act(ActionRequest(action=action, gateway=NAME))
        assert receipt.outcome == "accepted"
    await daemon.kill()
    daemon.launch()
    await daemon.answering()

    async def view() -> StatusView:
        return await daemon.client.status()

    (gateway,) = (await until(view)).gateways
    assert gateway.snoozed_until is not None and gateway.acknowledged is not None
