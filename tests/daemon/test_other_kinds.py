"""A gateway whose configuration says another kind than it is: the cause is told, and not a wrong key."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from tests.simulated import simulated
from wa_tui.config import GatewayConfig
from wa_tui.identity.kinds import TITLES, GatewayKind
from wa_tui.model.registers import GatewayState

from .inside import Inside, inside

STATUS = b'{"event": "session.status", "session": "sales", "payload": {"name": "sales", "status": "WORKING"}}'


async def _detail(daemon: Inside, name: str = "eu") -> str:
    await daemon.gateway_until(lambda gateway: gateway.state is GatewayState.DOWN, name)
    [view] = [each for each in (await daemon.client.status()).gateways if each.name == name]
    assert view.detail is not None and view.advice is not None
    return f"{view.detail}; {view.advice}"


@pytest.mark.parametrize("kind", GatewayKind)
async def test_a_wrong_kind_is_named(kind: GatewayKind) -> None:
    """Whatever the configuration says of a gateway of this kind: each wrong one is a gateway of one daemon."""
    wrong = [each for each in GatewayKind if each is not kind]
    async with simulated(sessions=1, kind=kind) as sim:
        gateways = [GatewayConfig(f"eu-{said}", sim.url, api_key=sim.api_key, kind=said) for said in wrong]
        async with inside(*gateways) as daemon:
            for said in wrong:
                assert await _detail(daemon, f"eu-{said}") == (
                    f"{TITLES[kind]} answers there, which is no {TITLES[said]}; "
                    f'set kind = "{kind}" for eu-{said} in the configuration, and restart the daemon'
                )
            assert not [*daemon.daemon.parts.fleet.everything()], "nothing of another kind's list is adopted"


async def test_the_first_webhook_waits_for_the_first_answer_and_is_taken() -> None:
    async with simulated(sessions=1, kind=GatewayKind.WAHA, latency_ms=400) as sim:
        gateway = GatewayConfig("eu", sim.url, api_key=sim.api_key, webhook_key="k", kind=GatewayKind.WAHA)
        async with inside(gateway) as daemon, httpx.AsyncClient(trust_env=False, timeout=40) as web:
            assert daemon.gateway().seen_at is None, "it was not asked yet"
            host, port = daemon.config.listen
            answer = await web.post(f"http://{host}:{port}/api/v1/gateways/eu/webhook/k", content=STATUS)
            assert answer.status_code == 200, answer.text
            await daemon.session_until("sales", lambda s: s.hinted is not None or s.observed_at is not None)


async def test_a_webhook_waits_until_its_kind_is_known() -> None:
    """What would be read as another kind's is answered 503, and comes again."""
    said = GatewayConfig("eu", "", api_key="k", webhook_key="k", kind=GatewayKind.WAHA)
    async with simulated(sessions=1, kind=GatewayKind.OPENWA) as sim:
        wrong = replace(said, url=sim.url, api_key=sim.api_key)
        async with inside(wrong) as daemon, httpx.AsyncClient(trust_env=False) as web:
            await _detail(daemon)
            host, port = daemon.config.listen
            answer = await web.post(f"http://{host}:{port}/api/v1/gateways/eu/webhook/k", content=STATUS)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
            assert not [*daemon.daemon.parts.fleet.everything()]


@pytest.mark.parametrize("kind", list(GatewayKind))
async def test_a_wrong_key_is_none(kind: GatewayKind) -> None:
    """A key that is not taken makes no other kind of it: what it is, each tells without one."""
    async with (
        simulated(sessions=1, kind=kind) as sim,
        inside(GatewayConfig("eu", sim.url, api_key="another", kind=kind)) as daemon,
    ):
        gateway = await daemon.gateway_until(lambda gateway: gateway.state is GatewayState.UNAUTHORISED)
        assert "answers there" not in (gateway.detail or "")
