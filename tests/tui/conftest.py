from __future__ import annotations

import pytest
from textual import _wait


@pytest.fixture(autouse=True)
def impatient_pilot(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pilots look every 5 ms, not every 20, whether the app rests: a key costs a third of the time."""
    monkeypatch.setattr(_wait, "SLEEP_GRANULARITY", 0.005)
    monkeypatch.setattr(_wait, "SLEEP_IDLE", 0.00025)
