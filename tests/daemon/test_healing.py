"""Healing: what dropped comes back by itself, no faster than is good for it, and never against a person's will."""

from __future__ import annotations

import asyncio
import random
import re
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from wa_tui.daemon.actions import following
from wa_tui.daemon.healing.recovery_status import RecoveryStatus
from wa_tui.gateways import Deadlines
from wa_tui.model.events import Kind
from wa_tui.model.registers import Desired, Status

from .inside import QUICK, QUIET, Inside, is_told, nth, world
from .waiting import until

LOST = "net::ERR_CONNECTION_RESET at https://web.whatsapp.com/"
INIT, DISCONNECT = "/api/session/init", "/api/session/disconnect"

healing_world = partial(world, healing=QUICK, start_seconds=0.05, poll_seconds=0.05)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "STEP", 0.03)


async def test_what_drops_comes_back_by_itself() -> None:
    async with healing_world(2) as (sim, daemon):
        await daemon.proven(nth(0), nth(1))
        await sim.fault("drop", nth(0))
        await daemon.session_until(nth(0), lambda s: s.status is Status.DISCONNECTED)
        session = await daemon.session_until(nth(0), lambda s: s.proven_at is not None)
        assert session.proven_by is not None and session.desired is Desired.ONLINE
        await daemon.quiet()
        told = [(event.source, event.text) for event in await daemon.events(session_id=nth(0))]
        assert ("heal", "reconnect 1 started") in told
        assert any(source == "heal" and "reconnect verified: connected" in text for source, text in told)
        inits = await sim.requests(INIT)
        assert [entry["body"]["sessionId"] for entry in inits] == [nth(0)]
        view = await daemon.view(nth(0))
        assert view.healing is None and view.attention is None


@pytest.mark.parametrize(
    ("fault", "code"),
    [("logout", "scan_qr"), ("ban", "banned"), ("conflict", "conflict")],
)
async def test_what_needs_a_person_is_left_to_one(fault: str, code: str) -> None:
    # A list or a check that came before the webhook would know of no reason yet.
    async with healing_world(1, intervals={"list_sync": QUIET, "status_sync": QUIET}) as (sim, daemon):
        await daemon.proven(nth(0))
        await daemon.quiet()
        await sim.fault(fault, nth(0))
        await daemon.session_until(nth(0), lambda s: s.status is Status.DISCONNECTED)
        await asyncio.sleep(0.5)  # several back-offs
        assert not await sim.requests(INIT) and not await sim.requests(DISCONNECT)
        view = await daemon.view(nth(0))
        assert view.attention is not None and (view.attention.code, view.healing) == (code, None)


async def test_what_a_person_stopped_stays_stopped() -> None:
    async with healing_world(1) as (sim, daemon):
        await daemon.proven(nth(0))
        assert (await daemon.done("disconnect", nth(0))).outcome == "verified"
        await asyncio.sleep(0.5)  # several back-offs
        assert not await sim.requests(INIT)
        assert (await daemon.view(nth(0))).healing is None


async def test_one_that_recovers_just_before_its_start_is_not_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with healing_world(1, intervals={"status_sync": 600.0}) as (sim, daemon):
        await daemon.proven(nth(0))
        recovered = asyncio.Event()
        publish = RecoveryStatus.publish

        async def publish_late(recovery_status: RecoveryStatus, key: Any, recovery: Any, wait: Any) -> None:
            await publish(recovery_status, key, recovery, wait)
            if wait.state == "starting":
                await sim.fault("recover", nth(0))
                await daemon.session_until(nth(0), lambda s: s.status is Status.CONNECTED)
                recovered.set()

        monkeypatch.setattr(RecoveryStatus, "publish", publish_late)
        await sim.fault("drop", nth(0))
        await asyncio.wait_for(recovered.wait(), 10)
        await daemon.quiet()
        view = await daemon.view(nth(0))
        assert (view.status, view.healing, view.attention) == ("connected", None, None)
        assert not await sim.requests(INIT) and not await sim.requests(DISCONNECT)
        assert not [event for event in await daemon.events(session_id=nth(0)) if "started" in event.text]


async def test_a_person_takes_over_from_healing() -> None:
    async with world(1, healing=QUICK, start_seconds=1.0) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("drop", nth(0))
        await sim.until_requested(INIT)
        receipt = await daemon.done("disconnect", nth(0))
        assert receipt.outcome == "verified"
        await daemon.quiet()
        assert len(await sim.requests(INIT)) == 1 and await sim.status(nth(0)) == "not_found"
        outcomes = [event.text for event in await daemon.events("outcome")]
        assert outcomes[0].startswith("reconnect superseded") and outcomes[1].startswith(
            "disconnect verified"
        )


class Latest(random.Random):
    """Dice that always have healing wait for as long as it may."""

    def uniform(self, a: float, b: float) -> float:
        return b


async def test_a_lost_webhook_costs_a_working_session_nothing() -> None:
    """It came back by itself and nobody said so: a look before the start tells."""
    slow = replace(QUICK, backoff_min=2.0, backoff_max=2.0)
    quiet: dict[str, float] = {"list_sync": 3600.0, "health": 3600.0}
    async with world(1, healing=slow, intervals=quiet) as (sim, daemon):
        await daemon.proven(nth(0))
        daemon.daemon.parts.healer._gateways["default"]._dice = Latest()
        await sim.fault("drop", nth(0))
        await daemon.session_until(nth(0), lambda s: s.status is Status.DISCONNECTED)
        await sim.fault("recover", nth(0), silent=True)
        await daemon.session_until(nth(0), lambda s: s.status is Status.CONNECTED)
        assert not await sim.requests(DISCONNECT) and not await sim.requests(INIT)


async def test_nothing_is_started_while_the_gateway_is_down() -> None:
    async with healing_world(1) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("unreachable", spare=None)
        await daemon.gateway_until(lambda g: g.state == "down")
        receipt = await daemon.done("send", nth(0), recipient="15550001", message="hello")
        assert receipt.text.endswith("Please reconnect the session.") and sim.url in receipt.text
        view = await daemon.view_until(nth(0), lambda v: v.healing is not None)
        assert view.healing is not None and view.healing.why == "gateway default is down"
        assert (view.healing.state, view.status, view.reason) == (
            "held",
            "disconnected",
            "gateway_unreachable",
        )
        assert view.attention is None
        await sim.fault("reachable")
        await daemon.session_until(nth(0), lambda s: s.proven_at is not None)
        assert not await sim.requests(INIT), "it never was gone: no browser was restarted"


async def test_one_that_flaps_is_named_and_not_hammered(caplog: pytest.LogCaptureFixture) -> None:
    policy = replace(QUICK, backoff_min=0.05, flapping_drops=2, flapping_window=30.0, backoff_max=20.0)
    async with world(1, healing=policy, start_seconds=0.05, poll_seconds=0.05) as (sim, daemon):
        await daemon.proven(nth(0))
        for _ in range(3):
            await sim.fault("drop", nth(0))
            await daemon.session_until(nth(0), lambda s: s.status is Status.DISCONNECTED)
            if len(await sim.requests(INIT)) < 2:
                await daemon.session_until(nth(0), lambda s: s.proven_at is not None, seconds=25)
        view = await daemon.view_until(nth(0), lambda v: v.attention is not None)
        assert view.healing is not None and view.healing.state == "flapping"
        assert view.attention is not None and view.attention.code == "flapping"
        assert re.fullmatch(r"flapping: [3-6] drops in 1 min", view.healing.why)
        # What a start disconnects before it begins has no reason, if that was the last that happened.
        because = "page reloaded (NAVIGATION); " if view.reason is not None else ""
        assert view.attention.text == f"{because}{view.healing.why}", "why it drops is told first"
        assert view.healing.next_at is not None
        assert len(await sim.requests(INIT)) == 2, "the third waits"
        assert [event.text for event in await daemon.events("healing")] == [view.healing.why]
        assert f"Session default/{nth(0)}: {view.healing.why}" in caplog.messages
        # It is remembered over a restart of the daemon.
        await daemon.restart()
        view = await daemon.view_until(nth(0), lambda v: v.healing is not None)
        assert view.healing is not None and view.healing.state == "flapping"
        assert len(await sim.requests(INIT)) == 2


async def test_a_flapping_one_that_works_is_still_named_until_it_is_calm() -> None:
    policy = replace(QUICK, flapping_drops=1, flapping_window=1.5, backoff_max=0.1)
    async with world(1, healing=policy, start_seconds=0.05, poll_seconds=0.05) as (sim, daemon):
        await daemon.proven(nth(0))
        for _ in range(2):
            await sim.fault("drop", nth(0))
            await daemon.session_until(nth(0), lambda s: s.status is Status.DISCONNECTED)
            await daemon.session_until(nth(0), lambda s: s.proven_at is not None)
        view = await daemon.view_until(nth(0), lambda v: v.status == "connected" and v.attention is not None)
        # A check within milliseconds of a drop may see it a second time.
        assert view.attention is not None
        assert re.fullmatch(r"flapping: [2-4] drops in 1 min", view.attention.text)
        # Nothing looks after it but a timer: a burst makes thousands of them.
        async with asyncio.timeout(1):
            while any(each.get_name().startswith("worker ") for each in asyncio.all_tasks()):
                await asyncio.sleep(0.01)
        await daemon.view_until(nth(0), lambda v: v.healing is None and v.attention is None)
        said = await daemon.daemon.parts.store.events(kinds=[Kind.HEALING])
        assert [event.session_id for event in said if event.text.startswith("flapping")] == [nth(0)]


async def test_after_so_many_attempts_a_person_is_called() -> None:
    policy = replace(QUICK, attempts_per_hour=2, breaker_failures=99)
    async with world(1, healing=policy, start_seconds=0.05, poll_seconds=0.05) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("launch_fails", count=99, message=LOST)
        await sim.fault("drop", nth(0))
        view = await daemon.view_until(nth(0), lambda v: is_told(v, "2 attempts"))
        assert view.healing is not None and (view.healing.state, view.healing.attempts) == ("exhausted", 2)
        assert view.attention is not None and LOST in view.attention.text
        assert len(await sim.requests(INIT)) == 2
        await daemon.restart()
        view = await daemon.view_until(nth(0), lambda v: is_told(v, "2 attempts"))
        await sim.fault("launch_fails", count=0)
        assert (await daemon.done("reconnect", nth(0))).outcome == "verified", "a person may at any time"


async def test_a_gateway_that_starts_nothing_is_given_a_rest() -> None:
    policy = replace(QUICK, breaker_failures=3, breaker_pause=2.0, backoff_max=0.1, attempts_per_hour=99)
    async with world(6, healing=policy, start_seconds=0.05, poll_seconds=0.05) as (sim, daemon):
        await daemon.proven(*(nth(n) for n in range(6)))
        await sim.fault("launch_fails", count=999, message=LOST)
        for n in range(6):
            await sim.fault("drop", nth(n))
        await until(lambda: _said(daemon, "healing pauses: "))
        [gateway] = (await daemon.client.status()).gateways
        assert gateway.healing is not None and gateway.healing.paused_until is not None
        assert LOST in gateway.healing.why
        await sim.fault("launch_fails", count=0)
        for n in range(6):
            await daemon.session_until(nth(n), lambda s: s.proven_at is not None, seconds=10)
        await until(lambda: _said(daemon, "starts work again"))
        [gateway] = (await daemon.client.status()).gateways
        assert gateway.healing is not None and gateway.healing.paused_until is None


async def test_few_start_at_once_and_people_go_first() -> None:
    policy = replace(QUICK, at_once=2)
    async with world(6, healing=policy, start_seconds=0.5, poll_seconds=0.05) as (sim, daemon):
        await daemon.proven(*(nth(n) for n in range(6)))
        for n in range(5):
            await sim.fault("drop", nth(n))
        await sim.until_requested(INIT, count=2)
        await daemon.ask("reconnect", nth(5), force=True)
        for n in range(6):
            await daemon.session_until(nth(n), lambda s: s.status is Status.CONNECTED, seconds=10)
        await daemon.quiet()
        inits = await sim.requests(INIT)
        order = [entry["body"]["sessionId"] for entry in inits]
        assert order.index(nth(5)) == 2, "beside what healing had started, ahead of what waits"
        begins = [entry["t"] for entry in inits if entry["body"]["sessionId"] != nth(5)]
        assert all(later - earlier > 0.3 for earlier, later in zip(begins, begins[2:], strict=False))


async def test_a_client_that_hangs_is_started_anew() -> None:
    policy = replace(QUICK, stuck=0.6)
    deadlines = Deadlines(health=1, list=1, status=0.2, init=2, disconnect=1, send=1)
    async with world(
        1,
        healing=policy,
        start_seconds=0.05,
        poll_seconds=0.05,
        deadlines=deadlines,
        intervals={"status_sync": 0.3},
    ) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("hang", nth(0))
        await daemon.session_until(nth(0), lambda s: s.unanswered is not None)
        await sim.until_requested(INIT)
        await daemon.session_until(nth(0), lambda s: s.unanswered is None and s.proven_at is not None)
        await daemon.quiet()
        # What healing proved may be proven by a check too by now: its event stays.
        assert [event for event in await daemon.events() if "reconnect verified" in event.text]


async def test_a_start_that_never_ends_is_begun_anew() -> None:
    policy = replace(QUICK, stuck=0.6)
    grace = {"restore_grace": 0.4}
    async with world(1, healing=policy, intervals=grace, start_seconds=0.05, poll_seconds=0.05) as (
        sim,
        daemon,
    ):
        await daemon.proven(nth(0))
        await sim.fault("restart", downtime=0.05)
        await daemon.gateway_until(lambda g: g.restarts == 1)
        # What it restores by itself is left to it, and this one never comes up.
        await sim.add(sessions=[{"sessionId": nth(0), "status": "initializing"}])
        await daemon.session_until(nth(0), lambda s: s.status is Status.INITIALIZING)
        await daemon.session_until(nth(0), lambda s: s.proven_at is not None)
        assert [entry["body"]["sessionId"] for entry in await sim.requests(DISCONNECT)] == [nth(0)]


async def test_a_read_only_gateway_is_not_healed() -> None:
    async with healing_world(1, settings={"read_only": True}) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("drop", nth(0))
        await daemon.session_until(nth(0), lambda s: s.status is Status.DISCONNECTED)
        await asyncio.sleep(0.4)
        assert not await sim.requests(INIT)
        view = await daemon.view(nth(0))
        assert view.attention is not None and (view.attention.code, view.healing) == ("down", None)


async def _said(daemon: Inside, detail: str) -> bool:
    return any(event.text.startswith(detail) for event in await daemon.events("healing"))


async def test_nobody_is_called_to_what_somebody_is_at() -> None:
    async with world(1, start_seconds=1.0) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("conflict", nth(0))
        await daemon.view_until(nth(0), lambda v: is_told(v, "opened elsewhere"))
        receipt = await daemon.ask("reconnect", nth(0))
        await sim.until_requested(INIT)
        view = await daemon.view(nth(0))
        assert view.action == receipt.id and view.attention is None
        await daemon.ended(receipt)
