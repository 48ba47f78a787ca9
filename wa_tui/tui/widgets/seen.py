"""What a person saw of rows when they pressed a key: what their terminal showed last, not what is drawn now."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Generic, NamedTuple, TypeVar

K = TypeVar("K")

LATELY = 1.0
"""Seconds in which nobody reads which row came under the cursor."""


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
        """Forget the lines from there on: they are somebody else's now."""
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
        """Tell whether another row came under the cursor by itself, so lately that nobody has read which."""
        return now - self._came_at < LATELY

    def _show(self, frame: _Frame[K], now: float) -> None:
        self.lines = frame.lines
        if frame.moves != self._moves:
            return
        self.is_cursor_shown = frame.cursor is not None
        if frame.cursor is not None and frame.cursor != self.cursor:
            if self.cursor is not None:
                self._came_at = now
            self.cursor = frame.cursor
