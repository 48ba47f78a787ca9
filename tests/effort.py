"""How hard the suite tries: `make test` takes a sample with fixed seeds, `make test-long` everything with new ones.

Every number has a variable of its own too, so that one test alone can try harder or repeat a failed run.
"""

from __future__ import annotations

import os
import random
from typing import TypeVar

N = TypeVar("N", int, float)

LONG = bool(os.environ.get("WA_TUI_LONG"))
"""What `make test-long` sets."""

FAST = bool(os.environ.get("WA_TUI_FAST"))
"""What `make test-fast` sets."""


def effort(variable: str, *, sample: N, full: N) -> N:
    """Return a number of repetitions, or a scale: what the variable says, else what suits the run."""
    given = os.environ.get(variable)
    if given:
        return type(sample)(given)
    return full if LONG else sample


EXAMPLES = effort("WA_TUI_EXAMPLES", sample=25, full=1000)
"""How many examples Hypothesis draws for a property that does not say another number."""

MANY_EXAMPLES = 4 * EXAMPLES
"""How many it draws where order, duplication and clocks multiply: of what the model and the ledger hold."""


def everything(variable: str) -> bool:
    """Tell whether a test that chooses cases by hand takes all there are; so any value of the variable says."""
    return LONG or bool(os.environ.get(variable))


def chosen_seed(variable: str, *, sample: int) -> int:
    """Return the seed that the variable names, else the sample's; a new one each time in a long run."""
    given = os.environ.get(variable)
    if given:
        return int(given)
    return random.SystemRandom().getrandbits(32) if LONG else sample
