"""One action at a time per session, receipts, who may, and what is left of it all."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from tests.simulated import simulated
from wa_tui.client import Client, Refused, Unix
from wa_tui.daemon.actions import following
from wa_tui.model.registers import Desired
from wa_tui.wire import ActionRequest, Receipt

from .inside import QUIET, configured, inside, nth, world
from .running import TESTER

ALONE = {"list_sync": QUIET}
SLOW: dict[str, Any] = {"start_seconds": 0.4, "poll_seconds": 0.05}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "STEP", 0.03)
    monkeypatch.setattr(following, "FOLLOWED", 2_500)


async def test_a_disconnect_supersedes_an_init_and_undoes_it() -> None:
    async with world(1, intervals=ALONE, **SLOW) as (sim, daemon):
        await daemon.proven(nth(0))
        first = await daemon.ask("reconnect", nth(0), force=True)
        await sim.until_requested("/api/session/init")
        second = await daemon.ask("disconnect", nth(0))
        first, second = await daemon.ended(first), await daemon.ended(second)
        assert (first.outcome, first.text) == ("superseded", "a newer action took over")
        assert second.outcome == "verified"
        paths = [
            entry["path"].rsplit("/", 1)[1]
            for entry in await sim.requests("/api/session/")
            if entry["method"] == "POST"
        ]
        assert paths == ["disconnect", "init", "disconnect"]
        await _holds(sim.status, nth(0), "not_found")
        session = daemon.session(nth(0))
        assert session.desired is Desired.OFFLINE and session.action is None


async def test_a_reconnect_supersedes_a_disconnect() -> None:
    async with world(1, intervals=ALONE, destroy_seconds=0.3, start_seconds=0.05) as (sim, daemon):
        await daemon.proven(nth(0))
        first = await daemon.ask("disconnect", nth(0))
        await sim.until_requested("/api/session/disconnect")
        second = await daemon.ask("reconnect", nth(0), force=True)
        assert (await daemon.ended(first)).outcome == "superseded"
        assert (await daemon.ended(second)).outcome == "verified"
        assert await sim.status(nth(0)) == "connected"
        assert daemon.session(nth(0)).desired is Desired.ONLINE


async def test_a_superseding_action_does_not_wait_for_one_that_hangs() -> None:
    async with world(1, intervals=ALONE, **SLOW) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("no_qr", sessionId=nth(0))
        chain = [await daemon.ask("reconnect", nth(0), force=True)]
        for _ in range(3):
            await sim.until_requested("/api/session/init", count=len(chain))
            chain.append(await daemon.ask("reconnect", nth(0), force=True))
        await sim.until_requested("/api/session/init", count=4)
        await sim.fault("no_qr", sessionId=nth(0), on=False)
        chain.append(await daemon.ask("reconnect", nth(0), force=True))
        outcomes = [(await daemon.ended(receipt)).outcome for receipt in chain]
        assert outcomes == ["superseded"] * 4 + ["verified"]
        assert await sim.status(nth(0)) == "connected"


async def test_two_that_come_at_the_same_instant_run_one_after_the_other() -> None:
    async with world(1, intervals=ALONE, **SLOW) as (sim, daemon):
        await daemon.proven(nth(0))
        runner = daemon.daemon.parts.runner
        wishes: list[ActionRequest] = [
            ActionRequest(action="reconnect", session_id=nth(0), force=True),
            ActionRequest(action="disconnect", session_id=nth(0)),
            ActionRequest(action="reconnect", session_id=nth(0), force=True),
            ActionRequest(action="disconnect", session_id=nth(0)),
        ]
        rows = await asyncio.gather(*(runner.submit(wish, f"engineer {n}") for n, wish in enumerate(wishes)))
        assert len(runner.open()) <= 2, "one that ends and one that runs"
        ended = [await runner.wait(row.id, 10) for row in rows]
        assert [row.outcome for row in ended if row] == ["superseded"] * 3 + ["verified"]
        assert await sim.status(nth(0)) == "not_found"
        inits = len(await sim.requests("/api/session/init"))
        assert inits <= 2 and daemon.session(nth(0)).desired is Desired.OFFLINE


@pytest.mark.parametrize("seed", range(2))
async def test_whatever_the_interleaving_the_newest_wish_holds(seed: int) -> None:
    rng = random.Random(seed)
    async with world(1, intervals=ALONE, start_seconds=0.15) as (sim, daemon):
        await daemon.proven(nth(0))
        tasks = []
        for _ in range(10):
            action = rng.choice(["reconnect", "disconnect", "refresh_qr"])
            fields: dict[str, Any] = {"force": True} if action == "reconnect" else {}
            tasks.append(asyncio.create_task(daemon.done(action, nth(0), **fields)))
            await asyncio.sleep(rng.choice([0, 0, 0.01, 0.1, 0.3]))
        receipts: list[Receipt] = await asyncio.gather(*tasks)
        accepted = [event.text for event in await daemon.events("action")]
        assert len(accepted) == 10
        newest = accepted[-1].split()[0]
        newest_ended = [r for r in receipts if r.outcome != "superseded"][-1]
        assert newest_ended.outcome in ("verified", "no_effect"), newest_ended
        await daemon.quiet()
        session = daemon.session(nth(0))
        assert not daemon.daemon.parts.runner.open() and session.action is None
        if newest == "disconnect":
            assert (session.desired, await sim.status(nth(0))) == (Desired.OFFLINE, "not_found")
        else:
            assert (session.desired, await sim.status(nth(0))) == (Desired.ONLINE, "connected")
        assert session.status == ("disconnected" if newest == "disconnect" else "connected")


async def test_sessions_do_not_wait_for_each_other() -> None:
    async with world(4, intervals=ALONE, **SLOW) as (sim, daemon):
        assert daemon.config.healing.at_once >= 4, "more would wait for a slot of the gateway"
        await daemon.proven(*(nth(n) for n in range(4)))
        receipts = await asyncio.gather(
            *(daemon.done("reconnect", nth(n), force=True) for n in range(4)),
        )
        assert [receipt.outcome for receipt in receipts] == ["verified"] * 4
        times = [entry["t"] for entry in await sim.requests("/api/session/init")]
        assert max(times) - min(times) < 0.4, "all at once: none waits for another's start"


async def test_each_action_is_an_event_with_who_and_outcome() -> None:
    async with world(1, intervals=ALONE) as (_, daemon):
        await daemon.proven(nth(0))
        await daemon.done("disconnect", nth(0))
        await daemon.done("sync")
        await daemon.done("send", nth(0), recipient="15550001234", message="secret words")
        texts = [event.text for event in await daemon.events("action")]
        assert texts == [
            f"disconnect asked by {TESTER}",
            f"sync asked by {TESTER}",
            f"send to 15550001234 asked by {TESTER}",
        ]
        outcomes = [(event.source, event.session_id, event.text) for event in await daemon.events("outcome")]
        assert outcomes == [
            (
                "action",
                nth(0),
                "disconnect verified: disconnected; its credentials stay on the gateway",
            ),
            ("action", None, "sync verified: Session sync complete: 0 checked, 0 updated"),
            (
                "action",
                nth(0),
                "send no effect: Client not found. Please reconnect the session.",
            ),
        ]
        everything = repr(await daemon.client.events(limit=5000))
        assert "secret words" not in everything, "a message's text is nobody's business"


async def test_receipts_outlive_the_daemon() -> None:
    async with world(1, intervals=ALONE, **SLOW) as (sim, daemon):
        await daemon.proven(nth(0))
        over = await daemon.done("disconnect", nth(0))
        cut = await daemon.ask("reconnect", nth(0))
        await sim.until_requested("/api/session/init")
        await daemon.restart()
        assert await daemon.client.receipt(over.id) == over
        ended = await daemon.client.receipt(cut.id)
        assert (ended.outcome, ended.text) == ("unknown", "the daemon stopped before it ended")
        assert daemon.session(nth(0)).desired is Desired.ONLINE, "what was wanted is kept"
        assert daemon.session(nth(0)).action is None
        with pytest.raises(Refused) as refused:
            await daemon.client.receipt("reconnect-00000000")
        assert refused.value.status == 404
        assert len(await sim.requests("/api/session/init")) == 1, "nothing is done again"


async def test_a_read_only_monitor_may_look_and_sync() -> None:
    async with world(1, intervals=ALONE) as (sim, daemon):
        await daemon.proven(nth(0))
        watcher = Client(Unix(daemon.config.socket), who="watcher", read_only=True)
        try:
            await _refused(watcher, nth(0), "this monitor is read-only")
            assert (await watcher.act(ActionRequest(action="sync"))).outcome == "accepted"
        finally:
            await watcher.close()
        assert not [entry for entry in await sim.log() if entry["method"] == "POST"]
        assert daemon.session(nth(0)).desired is Desired.ONLINE


async def test_a_read_only_daemon_changes_nothing_for_anybody() -> None:
    async with world(1, intervals=ALONE, settings={"read_only": True}) as (sim, daemon):
        await daemon.proven(nth(0))
        await _refused(daemon.client, nth(0), "the daemon is read-only")
        assert (await daemon.done("sync")).outcome == "verified"
        assert not [entry for entry in await sim.log() if entry["method"] == "POST"]


async def test_a_read_only_gateway_is_left_alone_and_others_are_not() -> None:
    async with (
        simulated(name="a", sessions=1) as a,
        simulated(name="b", sessions=1) as b,
        inside(configured(a, read_only=True), configured(b), intervals=ALONE) as daemon,
    ):
        await daemon.session_until(nth(0, "a"), lambda s: s.proven_at is not None)
        await daemon.session_until(nth(0, "b"), lambda s: s.proven_at is not None)
        await _refused(daemon.client, nth(0, "a"), "gateway a is read-only")
        assert (await daemon.done("disconnect", nth(0, "b"))).outcome == "verified"
        assert not [entry for entry in await a.log() if entry["method"] == "POST"]


async def _refused(client: Client, session_id: str, detail: str) -> None:
    for fields in (
        {"action": "reconnect", "force": True},
        {"action": "disconnect"},
        {"action": "refresh_qr"},
        {"action": "send", "recipient": "15550001234", "message": "x"},
    ):
        with pytest.raises(Refused, match=detail) as refused:
            await client.act(ActionRequest(session_id=session_id, **fields))
        assert refused.value.status == 403


async def _holds(status: Any, session_id: str, expected: str) -> None:
    """What was undone must not come back a moment later."""
    for _ in range(10):
        assert await status(session_id) == expected
        await asyncio.sleep(0.05)
