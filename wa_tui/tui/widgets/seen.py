"""The rows that a person saw when they pressed a key, by what the terminal had taken; and those out of sight."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Generic, NamedTuple, TypeVar

from wa_tui.keys.table import KeyNames

K = TypeVar("K")

LATELY = 1.0
"""Seconds that a person needs at least to read that another row came under the cursor."""


class _Frame(NamedTuple, Generic[K]):
    """What stood in the lines, by line, and under the cursor, which a person had moved so many times by then."""

    number: int
    moves: int
    lines: Mapping[int, K]
    cursor: K | None


class SeenRows(Generic[K]):
    """Follows rows from being drawn to being seen; a move of the cursor by a person is known to them at once."""

    def __init__(self) -> None:
        self._drawn: dict[int, K] = {}
        self._drawn_cursor: tuple[int, K] | None = None
        """Line and key of the row that was drawn with the cursor."""
        self._drawn_moves = 0
        """How often a person had moved the cursor when something was drawn last."""
        self._out: _Frame[K] = _Frame(0, 0, {}, None)
        self._on_the_way: deque[_Frame[K]] = deque()
        self._moves = 0
        self._came_at = float("-inf")
        self.lines: Mapping[int, K] = {}
        """The keys of the rows on the screen, by line."""
        self.cursor: K | None = None
        """The row that the person takes to be under the cursor; ``None`` before there was any."""
        self.is_cursor_shown = True
        """Whether the row under the cursor was on the screen."""

    def draw(self, line: int, key: K | None, *, under_cursor: bool) -> None:
        """Note which row a line was drawn with, ``None`` for none."""
        self._drawn_moves = self._moves
        if under_cursor and key is not None:
            self._drawn_cursor = (line, key)
        elif self._drawn_cursor is not None and self._drawn_cursor[0] == line:
            self._drawn_cursor = None
        if key is not None:
            self._drawn[line] = key
        else:
            self._drawn.pop(line, None)

    def keep(self, line: int, key: K) -> None:
        """Note that a line that is not drawn anew, since it looks the same, is another row's now."""
        self._drawn[line] = key
        if self._drawn_cursor is not None and self._drawn_cursor[0] == line:
            self._drawn_cursor = (line, key)

    def end_at(self, line: int) -> None:
        """Forget the lines from there on: another widget has them now."""
        self._drawn = {each: key for each, key in self._drawn.items() if each < line}
        if self._drawn_cursor is not None and self._drawn_cursor[0] >= line:
            self._drawn_cursor = None

    def move(self, key: K | None) -> None:
        """The person put the cursor there, or did what put it there: frames drawn before say nothing of it."""
        self._moves += 1
        self._came_at = float("-inf")
        self.cursor, self.is_cursor_shown = key, True

    def went_out(self, has_sent: Callable[[int], bool], sent: int, shown: int, now: float) -> None:
        """Note which lines went to the terminal, in how many frames, and how many of those it has ``taken``."""
        lines = {
            line: key for line, key in self._out.lines.items() if line in self._drawn or not has_sent(line)
        }
        lines |= {line: key for line, key in self._drawn.items() if has_sent(line)}
        moves, cursor = self._out.moves, self._out.cursor
        if self._drawn_cursor is None:
            moves, cursor = self._drawn_moves, cursor if cursor in lines.values() else None
        elif has_sent(self._drawn_cursor[0]):
            moves, cursor = self._drawn_moves, self._drawn_cursor[1]
        if (moves, lines, cursor) != self._out[1:]:
            self._out = _Frame(sent, moves, lines, cursor)
            self._on_the_way.append(self._out)
        while self._on_the_way and self._on_the_way[0].number <= shown:
            self._show(self._on_the_way.popleft(), now)

    def came_lately(self, now: float) -> bool:
        """Tell whether another row came under the cursor by itself, too lately for a person to have read it."""
        return now - self._came_at < LATELY

    def _show(self, frame: _Frame[K], now: float) -> None:
        self.lines = frame.lines
        if frame.moves != self._moves:
            return
        self.is_cursor_shown = frame.cursor is not None
        if frame.cursor is not None and frame.cursor != self.cursor:
            # Not with the first frame of all: there was no other row under the cursor before.
            if self.cursor is not None:
                self._came_at = now
            self.cursor = frame.cursor


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
    parts = [f"{sign} {number} {called} {where} · {key}" for sign, number, where, key in there]
    if len(parts) > 1:
        parts[1] = parts[1].replace(f"{called} ", "")
    return "  ".join(parts), "  ".join(f"{sign} {number} {key}" for sign, number, _, key in there)


def _key(names: KeyNames, id: str) -> str:
    name = names[id]
    return name.capitalize() if len(name) > 1 else name
