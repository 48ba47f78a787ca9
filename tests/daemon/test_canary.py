"""A canary: a message between two sessions of ours, once a turn, followed to the other end, never to anybody else."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.simulated import Simulated
from wa_tui.config import CanaryConfig, ConfigError, load
from wa_tui.daemon.canary import canary as module

from .inside import USUAL, Inside, nth, world

FROM, TO = f"default/{nth(0)}", f"default/{nth(1)}"
JOB = f"canary {FROM} to {TO}"


@contextlib.asynccontextmanager
async def flying(recipient: str = TO, **options: Any) -> AsyncIterator[tuple[Simulated, Inside]]:
    """Run a daemon with a canary that has begun."""
    settings = {"canary": (CanaryConfig(FROM, recipient),)}
    given: dict[str, Any] = {"traffic": 0, "ack_seconds": 0.001, "deadlines": replace(USUAL, send=0.5)}
    async with world(2, settings=settings, **given, **options) as (sim, daemon):
        await daemon.proven(nth(0), nth(1))
        yield sim, daemon


async def turn(daemon: Inside, job: str = JOB) -> str:
    """Have the canary fly; returns what its job says."""
    await daemon.done("run_job", job=job)
    return next(each.detail for each in await daemon.client.jobs() if each.name == job)


async def test_it_costs_nothing_at_a_start_and_one_message_a_turn_to_the_others_number() -> None:
    async with flying() as (sim, daemon):
        assert await sim.messages() == []
        await sim.fault("messages", nth(1), received=1)
        detail = await turn(daemon)
        assert "acknowledged after" in detail and "96 messages a day" in detail, detail
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
        assert detail.startswith("the sending half is broken"), detail
        await sim.fault("ghost", nth(0), on=False)
        await sim.fault("ghost", nth(1), deaf=True)
        detail = await turn(daemon)
        assert detail.startswith("the receiving half is broken"), detail
        assert nth(1) in detail


async def test_nothing_is_sent_where_it_could_not_arrive_and_nothing_twice() -> None:
    async with flying() as (sim, daemon):
        await sim.fault("hang", nth(0), sends=True)
        assert "is not tried again till the next turn" in await turn(daemon)
        sent = len(await sim.messages())
        assert sent <= 1
        await sim.fault("unhang", nth(0))
        await sim.fault("drop", nth(1), reason="NAVIGATION")
        await daemon.session_until(nth(1), lambda session: session.status == "disconnected")
        assert f"the receiving session {TO} is disconnected; nothing was sent" in await turn(daemon)
        assert len(await sim.messages()) == sent


async def test_it_never_goes_to_what_is_no_session_of_ours() -> None:
    async with flying("default/nobody") as (sim, daemon):
        detail = await turn(daemon, f"canary {FROM} to default/nobody")
        assert detail.startswith("there is no session default/nobody")
        assert await sim.messages() == []


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
