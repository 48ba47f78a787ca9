"""Names that people give: joiners belong into some, controls into none."""

from __future__ import annotations

import pytest

from wa_tui.identity.names import is_shown


@pytest.mark.parametrize(
    "name",
    [
        "sales",
        "می\u200cخواهم",
        "क\u094d\u200dष",
        "👨\u200d👩\u200d👧",
        "👍🏽",
        "❤\ufe0f\u200d🔥",
        "a\u200cb",
        "Café 2",
    ],
)
def test_what_can_be_shown(name: str) -> None:
    assert is_shown(name)


@pytest.mark.parametrize(
    "name",
    ["\u200dx", "x\u200d", "x\u200c y", "1\u200d2", "\u200b", "a\u202eb", "a\x9bb", "a\nb", "a\u200c\u200cb"],
)
def test_what_only_misleads(name: str) -> None:
    assert not is_shown(name)
