"""One gateway that is configured under two names: said, its webhooks taken in, healed once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.simulated import simulated
from wa_tui.daemon.actions import following
from wa_tui.model.registers import SessionKey, Status

from .inside import QUICK, QUIET, Inside, configured, inside, nth
from .waiting import free_port, until

INIT = "/api/session/init"


@pytest.mark.parametrize("first_is_read_only", [False, True])
async def test_two_names_of_one_gateway_heal_it_once(
    monkeypatch: pytest.MonkeyPatch, first_is_read_only: bool
) -> None:
    monkeypatch.setattr(following, "STEP", 0.03)
    port = free_port()
    given: dict[str, Any] = {
        "uptime_seconds": 1000.0,
        "restore_delay_seconds": QUIET,
        "start_seconds": 0.05,
        "poll_seconds": 0.05,
    }
    async with simulated(name="a", sessions=2, control_plane=f"http://127.0.0.1:{port}", **given) as sim:
        one = configured(sim, read_only=first_is_read_only)
        other = replace(one, name="b", url=one.url.replace("127.0.0.1", "localhost"), read_only=False)
        async with inside(one, other, port=port, healing=QUICK) as daemon:
            for number in range(2):
                await _both_proven(daemon, nth(number, "a"))
            [notice] = (await daemon.client.status()).daemon.notices
            assert one.url in notice and other.url in notice and "healed once" in notice
            await sim.fault("drop", nth(0, "a"))
            await daemon.session_until(nth(0, "a"), lambda s: s.status is Status.DISCONNECTED)
            await _both_proven(daemon, nth(0, "a"))
            await daemon.quiet()
            assert [entry["body"]["sessionId"] for entry in await sim.requests(INIT)] == [nth(0, "a")]
            healed = {
                event.gateway
                for event in await daemon.events(session_id=nth(0, "a"))
                if event.source == "heal"
            }
            assert healed == {"b" if first_is_read_only else "a"}
            counts = {view.name: view.webhooks for view in (await daemon.client.status()).gateways}
            assert counts["a"].get("applied") and "unattributed" not in counts["a"] | counts["b"]


async def _both_proven(daemon: Inside, session_id: str) -> None:
    """Wait until a session works under either name."""

    async def proven() -> bool:
        found = [daemon.daemon.parts.fleet.session(SessionKey(name, session_id)) for name in ("a", "b")]
        return all(s is not None and s.status is Status.CONNECTED and s.proven_at is not None for s in found)

    await until(proven)
