"""A canary: a message between two sessions of ours, once a turn, followed to the other end, never to anybody else."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.simulated import Simulated, simulated
from wa_tui.client import Client
from wa_tui.config import CanaryConfig, ConfigError, load
from wa_tui.daemon.canary import way as module
from wa_tui.gateways import Capability, Health, Place
from wa_tui.gateways.contract.client import NodeService
from wa_tui.identity.kinds import GatewayKind
from wa_tui.wire import ActionRequest

from .conftest import NewDaemon
from .inside import QUIET, USUAL, Inside, inside, nth, world
from .waiting import until

FROM, TO = f"default/{nth(0)}", f"default/{nth(1)}"
JOB = f"canary {FROM} to {TO}"


@contextlib.asynccontextmanager
async def flying(recipient: str = TO, **options: Any) -> AsyncIterator[tuple[Simulated, Inside]]:
    """Run a daemon with a canary that has begun."""
    settings = {"canary": (CanaryConfig(FROM, recipient),)}
    given: dict[str, Any] = {"traffic": 0, "ack_seconds": 0.001, "deadlines": replace(USUAL, send=0.5)}
    async with world(2, settings=settings, **given | options) as (sim, daemon):
        await daemon.proven(nth(0), nth(1))
        yield sim, daemon


async def turn(daemon: Inside, job: str = JOB) -> str:
    """Have the canary fly; returns what its job says."""
    await daemon.done("run_job", job=job)
    return next(each.detail for each in await daemon.client.jobs() if each.name == job)


async def test_it_costs_nothing_at_a_start_and_one_message_a_turn_to_the_others_number() -> None:
    async with flying() as (sim, daemon):
        assert await sim.messages() == []
        detail = await turn(daemon)
        assert "acknowledged after" in detail and "received after" in detail, detail
        assert "96 messages a day" in detail and "count" not in detail, detail
        [message] = await sim.messages()
        recipient = daemon.session(nth(1)).phone_number
        assert recipient is not None and recipient in message["recipient"]
        view = await daemon.view(nth(1))
        assert (view.proof, view.delivered_at is not None) == ("delivered", True)


async def test_the_broken_half_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 1_500)
    async with flying() as (sim, daemon):
        await sim.fault("ghost", nth(0), mute=True)
        detail = await turn(daemon)
        assert detail.startswith("not acknowledged by WhatsApp's server within 2 s"), detail
        assert detail.endswith(f"canary {FROM} to {TO}, the sending half is broken")
        assert (await daemon.client.status()).daemon.attention == [], "one alone calls nobody"
        await sim.fault("ghost", nth(0), on=False)
        await sim.fault("ghost", nth(1), deaf=True)
        detail = await turn(daemon)
        assert detail.startswith("not received within 2 s, though delivered to a device"), detail
        [needed] = (await daemon.client.status()).daemon.attention
        assert (needed.code, needed.text) == ("canary_failed", detail)
        assert detail.endswith(f"canary {FROM} to {TO}, the receiving half is broken")
        assert needed.action.startswith(f"reconnect {TO}")
        await sim.fault("ghost", nth(1), on=False)
        assert "received after" in await turn(daemon)
        assert (await daemon.client.status()).daemon.attention == []


@contextlib.asynccontextmanager
async def talk(sim: Simulated, *session_ids: str) -> AsyncIterator[None]:
    """Have other messages come in and go out all the time."""

    async def run() -> None:
        while True:
            for session_id in session_ids:
                await sim.fault("messages", session_id, received=1, sent=1)
            await asyncio.sleep(0.02)

    task = asyncio.create_task(run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize("kind", [GatewayKind.CONTRACT, GatewayKind.WAHA, GatewayKind.EVOLUTION])
async def test_another_message_in_its_second_is_not_taken_for_it(
    kind: GatewayKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 1_500)
    one, other = "ops-1", "ops-2"
    settings = {"canary": (CanaryConfig(f"default/{one}", f"default/{other}"),)}
    options: dict[str, Any] = {"kind": str(kind), "traffic": 0, "ack_seconds": 0.001}
    job = f"canary default/{one} to default/{other}"
    async with world(settings=settings, **options) as (sim, daemon):
        numbers = {one: "15550100001", other: "15550100002"}
        await sim.add(sessions=[{"sessionId": each, "phoneNumber": of} for each, of in numbers.items()])
        await daemon.session_until(other, lambda session: session.phone_number is not None)
        await daemon.session_until(one, lambda session: session.proof is not None)
        await daemon.quiet()
        # What a kind of gateway tells of messages is known by what it has told.
        await sim.fault("messages", other, received=1)
        await sim.fault("messages", one, sent=1)
        await daemon.view_until(one, lambda view: view.traffic is not None and view.traffic.acked == 1)
        await sim.fault("messages", one, lost=True)
        async with talk(sim, one, other):
            detail = await turn(daemon, job)
        assert detail.startswith("not delivered within 2 s, though WhatsApp's server took it"), detail
        await sim.fault("messages", one, lost=False)
        async with talk(sim, one, other):
            detail = await turn(daemon, job)
        assert "received after" in detail and "count" not in detail, detail


class Older(NodeService):
    """A bundled service that counts, and does not tell what became of which message."""

    async def health(self) -> Health:
        health = await super().health()
        self.capabilities -= {Capability.MESSAGE_CHECK}
        return health


async def test_an_arrival_that_the_count_alone_tells_is_said_to_be_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    canary = (CanaryConfig(FROM, TO),)
    async with (
        simulated(sessions=2, traffic=0, ack_seconds=0.001, uptime_seconds=1000.0) as sim,
        inside(
            sim, clients={"default": Older(Place("default", sim.url, sim.api_key))}, canary=canary
        ) as daemon,
    ):
        await daemon.proven(nth(0), nth(1))
        detail = await turn(daemon)
        assert detail.count("told by the count alone") == 2, detail
        view = await daemon.view(nth(1))
        assert view.proof != "delivered", "it proves nothing of the one that may have had another message"
        monkeypatch.setattr(module, "PATIENCE", 1_500)
        await sim.fault("messages", nth(1), lost=True)
        detail = await turn(daemon)
        assert "how far it came is not told for this very message" in detail and "half" not in detail, detail


async def test_nothing_is_sent_where_it_could_not_arrive_and_nothing_twice() -> None:
    async with flying() as (sim, daemon):
        await sim.fault("hang", nth(0), sends=True)
        detail = await turn(daemon)
        assert detail.startswith("nobody knows whether it was sent, and it is not sent again"), detail
        sent = len(await sim.messages())
        assert sent <= 1
        await sim.fault("unhang", nth(0))
        await sim.fault("drop", nth(1), reason="NAVIGATION")
        await daemon.session_until(nth(1), lambda session: session.status == "disconnected")
        assert f"the receiving session {TO} is disconnected: nothing was sent" in await turn(daemon)
        assert len(await sim.messages()) == sent


async def test_it_never_goes_to_what_is_no_session_of_ours() -> None:
    async with flying("default/nobody") as (sim, daemon):
        detail = await turn(daemon, f"canary {FROM} to default/nobody")
        assert detail.startswith("there is no session default/nobody")
        [needed] = (await daemon.client.status()).daemon.attention
        assert needed.code == "canary_failed" and "[[canary]]" in needed.action
        assert await sim.messages() == []


async def test_nothing_is_sent_where_a_person_wants_none_or_none_could_arrive() -> None:
    async with flying() as (sim, daemon):
        await daemon.done("snooze", nth(1), minutes=5)
        assert await turn(daemon) == f"nothing was sent: {TO} is snoozed"
        await daemon.done("snooze", nth(1), minutes=0)
        await daemon.done("disconnect", nth(0))
        assert await turn(daemon) == f"nothing was sent: {FROM} is to be offline"
        assert (await daemon.client.status()).daemon.attention == []
        await daemon.done("reconnect", nth(0))
        await daemon.done("rename", nth(0), instance_name="another name")
        assert "received after" in await turn(daemon), "it is named by its id"
        await daemon.done("delete", nth(0), force=True)
        assert (await turn(daemon)).startswith(f"there is no session {FROM}")
        assert len(await sim.messages()) == 1


async def test_two_sessions_of_one_account_are_none() -> None:
    settings = {"canary": (CanaryConfig("default/a", "default/b"),)}
    async with world(settings=settings, traffic=0) as (sim, daemon):
        await sim.add(sessions=[{"sessionId": each, "phoneNumber": "15550100001"} for each in "ab"])
        await daemon.proven("a", "b")
        assert (await turn(daemon, "canary default/a to default/b")).startswith(
            "both sessions are of one number"
        )
        assert await sim.messages() == []


async def test_neither_a_step_of_the_clock_nor_a_sleep_sends_one() -> None:
    async with flying() as (sim, daemon):
        for disturb in (daemon.clock.step, daemon.clock.sleep):
            known = len(await daemon.events("daemon"))
            disturb(30)
            await until(partial(noted, daemon, known))
            await daemon.quiet()
        assert await sim.messages() == []


async def noted(daemon: Inside, known: int) -> bool:
    """Tell whether the daemon has declared what happened to its clocks."""
    return len(await daemon.events("daemon")) > known


async def test_the_clock_steps_while_one_is_on_its_way() -> None:
    async with flying(ack_seconds=0.4) as (sim, daemon):
        running = asyncio.create_task(turn(daemon))
        await until(lambda: sim.messages())
        daemon.clock.step(-7200)
        detail = await running
        assert "received after" in detail and "count" not in detail, detail
        assert len(await sim.messages()) == 1


async def test_two_to_one_session_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 1_500)
    other = f"default/{nth(2)}"
    settings = {"canary": (CanaryConfig(FROM, TO), CanaryConfig(other, TO))}
    async with world(3, settings=settings, traffic=0, ack_seconds=0.001) as (sim, daemon):
        await daemon.proven(nth(0), nth(1), nth(2))
        await sim.fault("ghost", nth(2), deaf=False)
        well, ill = await asyncio.gather(turn(daemon), turn(daemon, f"canary {other} to {TO}"))
        assert "received after" in well, well
        assert ill.startswith("not acknowledged"), ill


async def test_a_daemon_that_is_killed_on_the_way_sends_none_again_and_claims_nothing(
    new_daemon: NewDaemon,
) -> None:
    daemon = new_daemon()
    file = daemon.state_dir / "canaries.toml"
    file.write_text(f'[[canary]]\nfrom = "{FROM}"\nto = "{TO}"\nevery = "1m"\n')
    async with simulated(sessions=2, traffic=0, ack_seconds=QUIET, control_plane=daemon.url) as sim:
        await daemon.start(sim, WA_TUI_CONFIG=str(file))
        for each in (nth(0), nth(1)):
            await daemon.session_until(each, lambda view: view.proven_at is not None)
        await until(lambda: begun(daemon.client))
        await sim.fault("hang", nth(0), sends=True)
        await daemon.client.act(ActionRequest(action="run_job", job=JOB))
        await until(lambda: sim.messages())
        await daemon.restart(signal.SIGKILL)
        assert await until(lambda: begun(daemon.client)) == "begins with its next turn, in 1 min"
        assert len(await sim.messages()) == 1
        ended = await daemon.event_until(lambda event: event.kind == "outcome")
        assert ended.action is not None and ended.action.outcome == "unknown"
        for each in (nth(0), nth(1)):
            view = await daemon.session(each)
            assert view is not None and view.delivered_at is None


async def begun(client: Client) -> str | None:
    """Return what the canary's job said last."""
    return next((each.detail for each in await client.jobs() if each.name == JOB and each.detail), None)


async def test_what_they_cost_is_said(new_daemon: NewDaemon) -> None:
    daemon = new_daemon()
    file = daemon.state_dir / "canaries.toml"
    file.write_text(f'[[canary]]\nfrom = "{FROM}"\nto = "{TO}"\n')
    await daemon.start(WA_TUI_CONFIG=str(file))
    [canary] = (await daemon.client.status()).daemon.canaries
    assert (canary.sender, canary.receiver, canary.messages_a_day) == (FROM, TO, 96)
    said = (await daemon.wa_tui("status")).stdout
    assert "1 canary: up to 96 messages a day, 2880 a month" in said


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ('to = "eu-1/b"', "has no from"),
        ('from = "eu-1/a"\nto = "+49 152 5550001"', "does not name a session with its gateway"),
        ('from = "eu-1/a"\nto = "eu-1/a"', "to itself"),
        ('from = "eu-1/a"\nto = "eu-1/b"\nevery = "10s"', "is not between 1m and 1d"),
        ('from = "eu-1/a"\nto = "eu-1/b"\nevery = true', "is no duration"),
        (
            'from = "eu-1/a"\nto = "eu-1/b"\n[[canary]]\nfrom = "eu-1/a"\nto = "eu-1/b"',
            "two canaries go from",
        ),
        ('from = "eu-1/a"\nto = "eu-1/b"\nevery_ = 3', 'unknown key "every_"'),
    ],
)
def test_what_is_wrong_with_one_is_said(tmp_path: Path, lines: str, problem: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(f"[[canary]]\n{lines}\n")
    with pytest.raises(ConfigError, match=problem.replace("+", r"\+")):
        load({"HOME": str(tmp_path)}, file)


def test_one_is_read(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[[canary]]\nfrom = "eu-1/a"\nto = "eu-2/b/c"\nevery = "1h30m"\n')
    assert load({"HOME": str(tmp_path)}, file).canary == (CanaryConfig("eu-1/a", "eu-2/b/c", 5400.0),)
