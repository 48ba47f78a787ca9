from __future__ import annotations

from collections.abc import Hashable

import pytest
from textual import _wait
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

_parse_rules = Stylesheet._parse_rules
_rules: dict[Hashable, list[RuleSet]] = {}
"""What was parsed in this process, by the text, where it stands, and the colours that it names."""


@pytest.fixture(autouse=True)
def impatient_pilot(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pilots look every 5 ms, not every 20, whether the app rests: a key costs a third of the time."""
    monkeypatch.setattr(_wait, "SLEEP_GRANULARITY", 0.005)
    monkeypatch.setattr(_wait, "SLEEP_IDLE", 0.00025)


@pytest.fixture(autouse=True)
def styles_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each app reads the styles of a hundred widgets, all the same: the first one parses them for all."""

    def parsed(
        self: Stylesheet,
        css: str,
        read_from: tuple[str, str],
        is_default_rules: bool = False,
        tie_breaker: int = 0,
        scope: str = "",
    ) -> list[RuleSet]:
        key = (css, read_from, is_default_rules, tie_breaker, scope, frozenset(self._variables.items()))
        if key not in _rules:
            _rules[key] = _parse_rules(self, css, read_from, is_default_rules, tie_breaker, scope)
        return _rules[key]

    monkeypatch.setattr(Stylesheet, "_parse_rules", parsed)
