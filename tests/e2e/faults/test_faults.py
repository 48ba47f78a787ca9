"""Each fault alone and all of them together: afterwards the fleet is true, and nobody has touched anything.

``WA_TUI_FAULT_SEED`` brings back what failed; ``WA_TUI_FAULT_SCALE=1`` takes the real delays (0.2 everyday), and each
fault alone.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from .faults import ALONE, MESSAGES, TOGETHER
from .scenarios import Scenario, Scenarios
from .world import MIXED, SCALE, WHOLE

pytestmark = [
    pytest.mark.soak,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(150 + 300 * SCALE),
]

COUNTED = ("webhooks lost",)

# The longest first.
SCENARIOS = {
    "all together": Scenario(TOGETHER),
    "all together, on gateways of all kinds": Scenario(TOGETHER, fleet=MIXED),
    **{
        name: Scenario((fault,), counts_missing=name in COUNTED, loses=name in COUNTED)
        for name, fault in ALONE.items()
    },
    "messages and ghosts, on gateways of all kinds": Scenario(MESSAGES, fleet=MIXED, has_messages=True),
    "none": Scenario((), counts_missing=True),
}
SAMPLE = (
    "all together, on gateways of all kinds",
    "messages and ghosts, on gateways of all kinds",
    *COUNTED,
    "none",
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scenarios(request: pytest.FixtureRequest) -> AsyncIterator[Scenarios]:
    here = [item for item in request.session.items if getattr(item, "module", None) is request.module]
    chosen = [str(item.callspec.params["name"]) for item in here if isinstance(item, pytest.Function)]
    running = Scenarios(SCENARIOS, chosen)
    yield running
    await running.stop()


@pytest.mark.parametrize("name", SCENARIOS if WHOLE else SAMPLE)
async def test_the_fleet_is_true_and_healed_after(name: str, scenarios: Scenarios) -> None:
    print(name, await scenarios.result(name), sep=": ")  # noqa: T201
