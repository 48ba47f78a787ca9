"""Ghosts on gateways of other kinds: nobody there can ask WhatsApp's server, so that in the end a person is called."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.simulated import Simulated, simulated
from wa_tui.identity.kinds import GatewayKind
from wa_tui.model.registers import SessionKey
from wa_tui.simulator.faces import FACES
from wa_tui.store.traffic import open_traffic

from .inside import Inside, inside
from .test_silence import A_MINUTE, look, usual
from .waiting import until

NAME, OTHER = "sales", "support"
SAMPLE = GatewayKind.EVOLUTION
KINDS = [
    kind if kind is SAMPLE else pytest.param(kind, marks=pytest.mark.long)
    for kind in FACES
    if kind is not GatewayKind.CONTRACT
]


@contextlib.asynccontextmanager
async def watched(kind: GatewayKind) -> AsyncIterator[tuple[Simulated, Inside]]:
    """Run a daemon that knows what is usual for two sessions of a gateway of this kind."""
    async with inside(start=False) as unborn:
        host, port = unborn.config.listen
    options: dict[str, Any] = {"traffic": 0, "ack_seconds": 0.001, "kind": str(kind)}
    async with (
        simulated(control_plane=f"http://{host}:{port}", **options) as sim,
        inside(sim, port=port, start=False) as daemon,
    ):
        await sim.add(sessions=[{"sessionId": NAME}, {"sessionId": OTHER}])
        now = daemon.clock.now()
        store = await open_traffic(daemon.config.traffic_database, now)
        await store.write([usual(SessionKey(sim.name, name), now) for name in (NAME, OTHER)])
        await store.close()
        await daemon.start()
        for name in (NAME, OTHER):
            await daemon.session_until(name, lambda session: session.status == "connected")
        await daemon.quiet()
        await converse(sim, daemon, NAME)
        yield sim, daemon


async def converse(sim: Simulated, daemon: Inside, *names: str) -> None:
    """Have a message come in, and one go out and be acknowledged, at the other session and at some."""
    began = daemon.clock.now()
    for name in (OTHER, *names):
        await sim.fault("messages", name, received=1, sent=1)

    async def told() -> bool:
        views = [(await daemon.view(name)).traffic for name in (OTHER, *names)]
        return all(
            view is not None
            and view.delivered_at is not None
            and view.delivered_at.timestamp() * 1000 > began - 5000
            for view in views
        )

    await until(told)
    await look(sim, daemon)


async def later(sim: Simulated, daemon: Inside, minutes: int) -> None:
    """Let time pass here and there, while the other session goes on, and have the watch look."""
    daemon.clock.forward(minutes * A_MINUTE)
    await sim.fault("elapse", seconds=minutes * A_MINUTE)
    await converse(sim, daemon)


@pytest.mark.parametrize("kind", KINDS)
async def test_one_that_hears_nothing_is_silent_and_then_calls_a_person(kind: GatewayKind) -> None:
    async with watched(kind) as (sim, daemon):
        await sim.fault("ghost", NAME)
        for _ in range(3):
            await later(sim, daemon, 10)
        view = await daemon.view(NAME)
        assert view.status == "connected" and view.silent is not None and view.ghost is None
        assert view.attention is None, (
            "a person is called after three times the usual, and no machine restarts it"
        )
        for _ in range(10):
            await later(sim, daemon, 10)
        view = await daemon.view(NAME)
        assert view.attention is not None and view.attention.code == "silent" and view.ghost is None
        assert (await daemon.view(OTHER)).silent is None
        events = await daemon.events(session_id=NAME)
        assert not [event for event in events if event.source == "heal"]
        noted = [event.text for event in events if event.kind == "silent"]
        assert len(noted) == 2 and noted[-1].endswith("a person is called"), (
            "noted once, and once more when it calls: the acknowledgement of its last message ends no silence"
        )


@pytest.mark.parametrize("kind", KINDS)
async def test_one_whose_sends_are_never_acknowledged_is_noticed(kind: GatewayKind) -> None:
    async with watched(kind) as (sim, daemon):
        await sim.fault("ghost", NAME, deaf=False)
        for _ in range(4):
            await sim.fault("messages", NAME, received=1, sent=2)
            await later(sim, daemon, 4)
        view = await daemon.view(NAME)
        assert view.silent is not None and view.silent.cause == "unacked"
        assert (await daemon.view(OTHER)).silent is None
