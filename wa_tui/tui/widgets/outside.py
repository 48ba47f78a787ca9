"""How many rows in trouble are above and below those on the screen, and which key goes there."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple, TypeVar

from wa_tui.keys.table import KeyNames

K = TypeVar("K")


class Outside(NamedTuple):
    """Rows in trouble out of sight, and the ids of the keys that go there."""

    above: int = 0
    below: int = 0
    up: str = ""
    down: str = ""


def outside(
    keys: Sequence[K],
    index: Mapping[K, int],
    troubled: Collection[K],
    top: int,
    page: int,
    weights: Mapping[K, int] = MappingProxyType({}),
) -> Outside:
    """Count those in trouble before the row ``top`` and after the ``page`` rows from there on.

    ``weights`` are of rows that stand for others, or for none.
    """
    end = top + page
    if not troubled or len(keys) <= page:
        return Outside()
    rows = [(index[key], weights.get(key, 1)) for key in troubled if key in index]
    above = sum(weight for row, weight in rows if row < top)
    below = sum(weight for row, weight in rows if row >= end)
    # The first and the last row have keys that everybody knows.
    up = ("grid.home" if keys[0] in troubled else "grid.trouble_above") if above else ""
    down = ("grid.end" if keys[-1] in troubled else "grid.trouble_below") if below else ""
    return Outside(above, below, up, down)


def outside_words(found: Outside, names: KeyNames, called: str = "in trouble") -> tuple[str, str]:
    """Return it in words and briefly, both empty where nothing is out of sight."""
    ways = [("▲", found.above, "above", found.up), ("▼", found.below, "below", found.down)]
    there = [(sign, number, where, _key(names, id)) for sign, number, where, id in ways if number]
    told = [f"{sign} {number} {called} {where} · {key}" for sign, number, where, key in there]
    if len(told) > 1:
        told[1] = told[1].replace(f"{called} ", "")
    return "  ".join(told), "  ".join(f"{sign} {number} {key}" for sign, number, _, key in there)


def _key(names: KeyNames, id: str) -> str:
    name = names[id]
    return name.capitalize() if len(name) > 1 else name
