"""Rename and set primary: unique per user over all gateways, whatever comes at once."""

from __future__ import annotations

import asyncio

import pytest

from tests.simulated import simulated
from wa_tui.client import Client, Refused, Unix
from wa_tui.wire import ActionRequest, Receipt

from .inside import QUIET, Inside, configured, inside, nth, world
from .running import TESTER

ALONE = {"list_sync": QUIET}


def primaries(daemon: Inside) -> list[str]:
    return [session.session_id for session in daemon.daemon.parts.fleet.sessions() if session.is_primary]


async def test_a_rename_is_kept_shown_and_told() -> None:
    async with world(1, intervals=ALONE) as (sim, daemon):
        await daemon.proven(nth(0))
        receipt = await daemon.done("rename", nth(0), instance_name="  Verkauf 日本 ")
        assert (receipt.outcome, receipt.text) == ("verified", f"renamed from {nth(0)} to Verkauf 日本")
        await daemon.restart()
        view = await daemon.view(nth(0))
        assert view.instance_name == "Verkauf 日本" and view.action is None
        [event] = await daemon.events("action")
        assert (event.text, event.instance_name) == (
            f"rename to Verkauf 日本 asked by {TESTER}",
            "Verkauf 日本",
        )
        assert not [entry for entry in await sim.log() if entry["method"] == "POST"], "no gateway is asked"


async def test_names_that_cannot_be_are_refused() -> None:
    async with world(2, intervals=ALONE) as (sim, daemon):
        await daemon.proven(nth(0), nth(1))
        assert (await daemon.done("rename", nth(0), instance_name="x" * 100)).outcome == "verified"
        for name in ("", "   ", "x" * 101, "a\x1b[31mb", "two\nlines", "\u200dx"):
            with pytest.raises(Refused) as refused:
                await daemon.ask("rename", nth(1), instance_name=name)
            assert refused.value.status == 400 and refused.value.problem.code == "bad_name"
        with pytest.raises(Refused, match=rf"user 1 has a x+ already, default/{nth(0)}") as refused:
            await daemon.ask("rename", nth(1), instance_name="x" * 100)
        assert refused.value.status == 409
        with pytest.raises(Refused, match=r"user 1 has a x+ already"):
            await daemon.ask("new", user_id="1", instance_name="x" * 100)
        assert (await daemon.done("rename", nth(0), instance_name="x" * 100)).outcome == "verified"
        await sim.add(sessions=[{"sessionId": "other", "userId": 2}])
        await daemon.done("sync")
        await daemon.done("rename", "other", instance_name="mine", user_id="2")
        assert (await daemon.done("rename", "other", instance_name="x" * 100)).outcome == "verified"


async def test_of_two_renames_at_once_one_gets_the_name() -> None:
    async with world(2, intervals=ALONE) as (_, daemon):
        await daemon.proven(nth(0), nth(1))
        results = await asyncio.gather(
            *(daemon.done("rename", nth(n), instance_name="sales") for n in range(2)), return_exceptions=True
        )
        assert {type(result) for result in results} == {Receipt, Refused}
        names = [session.instance_name for session in daemon.daemon.parts.fleet.sessions()]
        assert names.count("sales") == 1


async def test_a_user_has_one_primary_over_all_gateways() -> None:
    async with (
        simulated(name="a", sessions=2, uptime_seconds=900) as a,
        simulated(name="b", sessions=1, uptime_seconds=900) as b,
        inside(configured(a), configured(b), intervals=ALONE) as daemon,
    ):
        everybody = (nth(0, "a"), nth(1, "a"), nth(0, "b"))
        await daemon.proven(*everybody)
        for session_id in everybody:
            receipt = await daemon.done("set_primary", session_id)
            assert (receipt.outcome, receipt.text) == ("verified", "primary session of user 1")
            assert primaries(daemon) == [session_id]
        told = [event.text for event in await daemon.events("changed") if "primary" in event.text]
        assert told == ["no longer primary"] * 2
        for _ in range(3):
            await asyncio.gather(*(daemon.done("set_primary", session_id) for session_id in everybody))
            assert len(primaries(daemon)) == 1, "whatever the order"
        (last,) = primaries(daemon)
        await daemon.restart()
        assert primaries(daemon) == [last]
        assert [view.session_id for view in await daemon.client.sessions() if view.is_primary] == [last]


async def test_without_a_user_there_is_no_primary_and_a_given_one_is_kept() -> None:
    async with world(1, intervals=ALONE) as (sim, daemon):
        await daemon.proven(nth(0))
        await daemon.done("set_primary", nth(0))
        await sim.add(sessions=[{"sessionId": "plain", "userId": 1}])
        await daemon.done("sync")
        assert daemon.session("plain").user_id is None
        with pytest.raises(Refused, match="has no user id"):
            await daemon.ask("set_primary", "plain")
        assert (await daemon.done("set_primary", "plain", user_id="1")).outcome == "verified"
        assert primaries(daemon) == ["plain"], "1 and '1' are one user"
        await daemon.done("reconnect", nth(0), force=True, user_id="2")
        await daemon.done("set_primary", nth(0))
        assert sorted(primaries(daemon)) == sorted(["plain", nth(0)])
        await daemon.done("reconnect", nth(0), force=True, user_id="1")
        assert primaries(daemon) == ["plain"], "who moves to another user comes without the mark"


async def test_read_only_monitors_and_daemons_rename_nothing_but_read_only_gateways_do_not_mind() -> None:
    async with (
        simulated(name="a", sessions=1, uptime_seconds=900) as a,
        inside(configured(a, read_only=True), intervals=ALONE) as daemon,
    ):
        await daemon.proven(nth(0, "a"))
        watcher = Client(Unix(daemon.config.socket), read_only=True)
        request = ActionRequest(action="rename", session_id=nth(0, "a"), instance_name="x")
        with pytest.raises(Refused, match="this monitor is read-only"):
            await watcher.act(request)
        await watcher.close()
        assert (await daemon.done("rename", nth(0, "a"), instance_name="x")).outcome == "verified"
        assert (await daemon.done("set_primary", nth(0, "a"))).outcome == "verified"
    async with world(1, intervals=ALONE, settings={"read_only": True}) as (_, daemon):
        await daemon.proven(nth(0))
        for action, fields in (
            ("rename", {"instance_name": "x"}),
            ("set_primary", {}),
            ("delete", {"force": True}),
        ):
            with pytest.raises(Refused, match="the daemon is read-only"):
                await daemon.ask(action, nth(0), **fields)


async def test_a_rename_interrupts_nothing() -> None:
    async with world(1, intervals=ALONE, start_seconds=0.4) as (sim, daemon):
        await daemon.proven(nth(0))
        reconnect = await daemon.ask("reconnect", nth(0), force=True)
        await sim.until_requested("/api/session/init")
        await daemon.done("rename", nth(0), instance_name="sales")
        assert (await daemon.view(nth(0))).action == reconnect.id, "the action under way is still shown"
        assert (await daemon.ended(reconnect)).outcome == "verified"
        assert (await daemon.view(nth(0))).action is None
