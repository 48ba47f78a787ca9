"""Rows with a cursor that keys and the mouse move; a key press acts on the row that the terminal showed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Mapping
from typing import ClassVar, Generic, TypeVar

from textual import events
from textual.binding import BindingType

from wa_tui.keys.table import Context
from wa_tui.text.cells import cut
from wa_tui.tui.bindings import bindings
from wa_tui.tui.output.painter import Frames
from wa_tui.tui.style.inks import Ground, Ink
from wa_tui.tui.style.pieces import Piece, Pieces
from wa_tui.tui.widgets.arranged import ArrangedRows
from wa_tui.tui.widgets.seen import Outside, outside

K = TypeVar("K")

CURSOR = Piece("▌", Ink.GREEN, bold=True)
NO_CURSOR = Piece(" ")


class Rows(ArrangedRows[K], Generic[K]):
    """Base of the sessions' grid and the tables: one line a row, named by its key, under one line of titles."""

    TITLES = 1
    BINDINGS: ClassVar[list[BindingType]] = list(bindings(Context.GRID))

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._empty = ""
        self.weights: Mapping[K, int] = {}
        """How many a row stands for, where that is not one."""
        self.troubled: Collection[K] = ()
        """The rows in trouble: how many of them are out of sight is told."""
        self.on_outside: Callable[[Outside], None] = lambda _: None
        """Called with the rows in trouble out of sight, whenever those change."""
        self._outside = Outside()
        self._frames = Frames()

    @property
    def aimed_at(self) -> K | None:
        """The row that a key press acts on: the one under the cursor as the terminal shows it."""
        seen = self._seen
        return seen.cursor if seen.cursor is not None and seen.is_cursor_shown else self._cursor

    @property
    def doubt(self) -> str:
        """The reason why a person may not mean the row under the cursor; empty where they surely do."""
        if self._seen.came_lately(self.monotonic()):
            return "It came under the cursor by itself just now."
        # One that is out of sight for a frame, as the rows get less room, is brought back by the next.
        hidden = not self._seen.is_cursor_shown and not self._is_seen(self._row)
        return "It is under the cursor, which is out of sight." if hidden else ""

    def selected(self, key: K) -> None:
        """A row was chosen by a double click."""

    def titles(self) -> Pieces:
        """Return the line of titles."""
        raise NotImplementedError

    def say(self, text: str) -> None:
        """Say why there are no rows, where there are none."""
        if text != self._empty:
            self._empty = text
            if not self._keys:
                self.refresh()

    # Keys and mouse

    def on_key(self) -> None:
        self.pressed()

    def show_below(self, key: K, rows: int) -> None:
        """Scroll until so many rows below this one are in view, as far as it stays so itself."""
        row, top = self._index.get(key), self.scroll_offset.y
        if row is not None and row + rows >= top + self.page:
            self.scroll_to_line(min(row, row + rows - self.page + 1))

    def action_cursor_up(self) -> None:
        self._step(-1)

    def action_cursor_down(self) -> None:
        self._step(1)

    def action_page_up(self) -> None:
        self._step(-self.page)

    def action_page_down(self) -> None:
        self._step(self.page)

    def action_cursor_home(self) -> None:
        """Go to the first row, whichever that is from now on: the cursor counts as unmoved again."""
        if self._is_moved:
            self._move(0)
            self._is_moved = False
        else:
            self._reveal(self._row)

    def action_cursor_end(self) -> None:
        self._move(len(self._keys) - 1)

    def action_trouble_above(self) -> None:
        """Go to the next in trouble above the screen; with none there, above the cursor."""
        top = self.scroll_offset.y
        rows = [row for row in range(max(top, self._row)) if self._keys[row] in self.troubled]
        if rows:
            self._move(next((row for row in reversed(rows) if row < top), rows[-1]))

    def action_trouble_below(self) -> None:
        """Go to the next in trouble below the screen, and show it first; with none there, below the cursor."""
        end = self.scroll_offset.y + self.page
        first = min(end, self._row + 1)
        rows = [row for row in range(first, len(self._keys)) if self._keys[row] in self.troubled]
        if rows:
            row = next((row for row in rows if row >= end), rows[0])
            self._move(row)
            if row >= end:
                self.scroll_to_line(row)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the row that was seen there; a double click chooses it."""
        if event.y < self.TITLES:
            return
        index = event.y - self.TITLES + self.scroll_offset.y
        key = self._seen.lines.get(event.y, self._keys[index] if index < len(self._keys) else None)
        if key not in self._index:
            return
        self.pressed()
        self._is_moved = True
        self._move(self._index[key])
        if event.chain == 2:
            self.selected(key)

    def _step(self, step: int) -> None:
        """Move the cursor by so many rows, counted from the row and by the rows that the person sees."""
        aimed, lines = self.aimed_at, self._seen.lines
        line = next((line for line, key in lines.items() if key == aimed), None)
        if line is None:
            self._move((self._index.get(aimed, self._row) if aimed is not None else 0) + step)
            return
        if step < 0 and not self.scroll_offset.y:
            step = max(step, min(lines) - line)  # above the first row that is seen others may have come
        seen = lines.get(line + step)
        if seen in self._index:
            if seen != aimed:
                self._move(self._index[seen])
        elif aimed in self._index:
            self._move(self._index[aimed] + step)

    # Painting

    def on_mount(self) -> None:
        self._frames = Frames.of(self.app)
        self._frames.watch(self._note_frame)

    def on_unmount(self) -> None:
        self._frames.watch_no_more(self._note_frame)

    def _note_frame(self) -> None:
        if self.screen.is_current:
            frames, top = self._frames, self.region.y
            self._seen.went_out(lambda y: frames.has_sent(top + y), *frames.sent_and_taken, self.monotonic())

    def kept(self, y: int, index: int) -> None:
        """Note which row a line shows that looks as it did."""
        self._seen.keep(y, self._keys[index])

    def drawn(self, y: int, index: int | None) -> None:
        """Note which row a line shows."""
        key = self._keys[index] if index is not None else None
        self._seen.draw(y, key, under_cursor=key is not None and key == self._cursor)

    def repaint(self, only: Container[int] | None = None) -> None:
        """Mark what differs in view, and tell what is out of it."""
        super().repaint(only)
        if only is None:
            self._tell_outside()

    def on_resize(self) -> None:
        self._seen.end_at(self.size.height)
        self._tell_outside()

    def _tell_outside(self) -> None:
        if not self.size.height:
            return
        found = outside(self._keys, self._index, self.troubled, self.scroll_offset.y, self.page, self.weights)
        if found != self._outside:
            self._outside = found
            self.on_outside(found)

    def ground(self, index: int) -> Ground:
        return Ground.CURSOR if self._keys[index] == self._cursor else Ground.BODY

    def fixed(self, y: int) -> Pieces:
        if y < self.TITLES:
            return self.titles()
        if self._keys or y != self.size.height // 2 or not self._empty:
            return ()
        text = cut(self._empty, self.width)
        return (Piece(" " * ((self.width - len(text)) // 2) + text, Ink.QUIET),)
