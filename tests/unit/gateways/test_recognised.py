"""Each kind of gateway is recognised by its own adapter and by no other, whatever the order."""

from __future__ import annotations

import pytest

from tests.simulated import simulated_fleet
from tests.unit.gateways.stub import answer, http, reset, stub
from wa_tui.gateways import GatewayError, Place
from wa_tui.gateways.registry import ADAPTERS
from wa_tui.simulator.faces import FACES

PAGES = {
    "a web page": http(b"<html></html>", 200, "Content-Type: text/html"),
    "nothing": http(b"", 404),
    "no access": answer({"error": "Unauthorized"}, 401),
    "an empty object": answer({}),
    "an empty list": answer([]),
    "a redirection": http(b"", 302, "Location: https://login.example"),
}


async def test_each_is_recognised_by_its_own() -> None:
    async with simulated_fleet({f"{kind}:kind={kind}": "k" for kind in FACES}) as sims:
        for sim in sims:
            place = Place(sim.name, sim.url)
            found = [kind for kind, each in ADAPTERS.items() if await each.recognise(place)]
            assert found == [sim.kind]


@pytest.mark.parametrize("page", PAGES)
async def test_what_is_none_is_none(page: str) -> None:
    async with stub() as server:
        server.otherwise = PAGES[page]
        for kind, each in ADAPTERS.items():
            assert not await each.recognise(Place("g", server.url)), kind


async def test_what_does_not_answer_is_not_said_to_be_anything() -> None:
    async with stub() as server:
        server.otherwise = reset
        for each in ADAPTERS.values():
            with pytest.raises(GatewayError):
                await each.recognise(Place("g", server.url))
