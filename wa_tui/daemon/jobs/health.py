"""Asks a gateway for its health every few seconds: there, restarted, or another clock."""

from __future__ import annotations

import contextlib

from wa_tui.gateways import GatewayError
from wa_tui.model.facts import GatewayCalmed, Healthy, Unhealthy

from ..attention.calm import is_calm
from ..checking.absence import absence
from ..clock import dated
from ..core import Core
from .schedule import JobFailed


async def check_health(core: Core, gateway: str) -> str:
    """Ask once and record the answer, or that there was none. Raises `JobFailed` then."""
    since = core.clock.monotonic()
    try:
        health = await core.clients[gateway].health()
    except GatewayError as error:
        at = core.clock.now()
        # The contract asks for no key here, a proxy before the service may: it is there all the same.
        fact = absence(gateway, at, error) or Unhealthy(gateway, at, error.detail, advice=error.advice)
        await core.recorder.record(fact)
        raise JobFailed(fact.detail or error.detail, known=True) from error
    began, now = dated(core.clock, since), core.clock.now()
    told = f"answered in {now - began} ms"
    await core.recorder.record(Healthy(gateway, began, now, health.uptime_ms, health.timestamp_ms))
    if core.fleet.gateway(gateway).acknowledged is not None and is_calm(core, gateway):
        await core.recorder.record(GatewayCalmed(gateway, core.clock.now()))
    return told


async def look(core: Core, gateway: str) -> None:
    """Ask once and record what comes of it: the fleet has it then, answer or none."""
    with contextlib.suppress(JobFailed):
        await check_health(core, gateway)
