"""Each kind of gateway is recognised by its own adapter, and by no other: what ``kind = "auto"`` rests on."""

from __future__ import annotations

import pytest

from tests.simulated import simulated
from wa_tui.gateways import Place
from wa_tui.gateways.registry import ADAPTERS
from wa_tui.identity.kinds import GatewayKind
from wa_tui.simulator.faces import FACES


@pytest.mark.parametrize("kind", FACES)
async def test_by_its_own_adapter_alone(kind: GatewayKind) -> None:
    async with simulated(kind=str(kind)) as sim:
        place = Place("x", sim.url)
        assert [each for each, adapter in ADAPTERS.items() if await adapter.recognise(place)] == [kind]
