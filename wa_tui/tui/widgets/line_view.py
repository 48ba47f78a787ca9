"""Lines of the screen that scroll, sent only as far as they differ."""

from __future__ import annotations

from collections.abc import Container
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from wa_tui.keys.table import Context
from wa_tui.tui.bindings import bindings
from wa_tui.tui.style.inks import Ground
from wa_tui.tui.style.palette import Palette
from wa_tui.tui.style.pieces import Pieces, strip, width_of

_WHEEL = 3

Groups = tuple[Pieces, ...]
"""A line in groups of pieces (a table's cells); a changed line is sent up to its last group that differs."""


class LineView(ScrollView, can_focus=True):
    """Base of the grid and the log: ``TITLES`` fixed lines, then lines that scroll."""

    TITLES: ClassVar[int] = 0
    DEFAULT_CSS = """
    LineView {
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._painted: dict[int, Groups] = {}
        self._painted_width = 0

    def line_count(self) -> int:
        """Return how many lines scroll."""
        raise NotImplementedError

    def line(self, index: int) -> Groups:
        """Return a line that scrolls."""
        raise NotImplementedError

    def fixed(self, y: int) -> Pieces:
        """Return a line that stays: a title, or what fills the view after the last line."""
        return ()

    def ground(self, index: int) -> Ground:
        """Return what is behind a line; a line's first group must tell when it changes."""
        return Ground.BODY

    def drawn(self, y: int, index: int | None) -> None:
        """A line of the view was drawn with this one of those that scroll, ``None`` for none of them."""

    def kept(self, y: int, index: int) -> None:
        """A line of the view is this one of those that scroll, and looks as it did."""

    @property
    def palette(self) -> Palette:
        """The inks that this terminal may show."""
        return Palette.of(self.app)

    @property
    def width(self) -> int:
        """Cells beside the scroll bar, if there is one."""
        return self.scrollable_content_region.width

    @property
    def page(self) -> int:
        """How many scrolling lines are in view."""
        return max(self.size.height - self.TITLES, 1)

    def fit_to_lines(self) -> None:
        """Adjust the scroll range to a changed `line_count`."""
        size = Size(0, self.line_count() + self.TITLES)
        if size == self.virtual_size:
            return
        if not self.is_mounted or (size.height > self.size.height) != self.show_vertical_scrollbar:
            self.virtual_size = size
            return
        # A new layout would paint the whole screen, and nothing but the scroll bar's size has changed.
        self.set_reactive(Widget.virtual_size, size)
        if self.show_vertical_scrollbar:
            self.vertical_scrollbar.window_virtual_size = size.height
        self.scroll_by_lines(0)

    def repaint(self, only: Container[int] | None = None) -> None:
        """Mark what differs in the lines in view, or in ``only`` these: one region a line, cropped on its right."""
        if not self.is_mounted or not self.width:
            return
        if self.width != self._painted_width:
            self.refresh()
            return
        top, count = self.scroll_offset.y, self.line_count()
        for y in range(self.TITLES, self.size.height):
            index = y - self.TITLES + top
            if index >= count:
                if self._painted.pop(y, None) is not None:
                    self.refresh(Region(0, y, self.width, 1))
            elif only is None or index in only:
                cells = self._differing(self._painted.get(y), self.line(index))
                if cells:
                    self.refresh(Region(0, y, cells, 1))
                else:
                    self.kept(y, index)

    def _differing(self, old: Groups | None, new: Groups) -> int:
        """Return how many cells from the left have to be sent."""
        if old is None or len(old) != len(new) or old[0] != new[0]:
            return 0 if old == new else self.width
        end = self.width
        for before, after in zip(reversed(old), reversed(new), strict=True):
            if before != after:
                return end
            end -= width_of(after)
        return 0

    def render_line(self, y: int) -> Strip:
        index = y - self.TITLES + self.scroll_offset.y
        self._painted_width = self.width
        if y < self.TITLES or index >= self.line_count():
            self._painted.pop(y, None)
            self.drawn(y, None)
            return strip(self.fixed(y), self.width, self.palette)
        groups = self._painted[y] = self.line(index)
        self.drawn(y, index)
        pieces = (piece for group in groups for piece in group)
        return strip(pieces, self.width, self.palette, self.ground(index))

    def scroll_to_line(self, top: int) -> None:
        """Scroll at once until this line is the first in view, as far as there are lines."""
        self.scroll_to(y=max(top, 0), animate=False, force=True)

    def scroll_by_lines(self, lines: int) -> None:
        """Scroll on, or back."""
        self.scroll_to_line(self.scroll_offset.y + lines)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Send what differs, and not the whole view."""
        if self.show_vertical_scrollbar:
            self.vertical_scrollbar.position = new_value
        if round(old_value) != round(new_value):
            self.repaint()

    # Textual's own paint the whole view when the focus moves, and nothing in it shows the focus.

    def on_focus(self, event: events.Focus) -> None:
        event.prevent_default()
        self.has_focus = True
        if self.parent is not None:
            self.parent.post_message(events.DescendantFocus(self))

    def on_blur(self, event: events.Blur) -> None:
        event.prevent_default()
        self.has_focus = False
        if self.parent is not None:
            self.parent.post_message(events.DescendantBlur(self))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop().prevent_default()
        self.scroll_by_lines(_WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop().prevent_default()
        self.scroll_by_lines(-_WHEEL)


class ScrollingView(LineView):
    """Base of the logs and of texts: the keys scroll, there is no cursor."""

    BINDINGS: ClassVar[list[BindingType]] = list(bindings(Context.LOG))

    def action_page_up(self) -> None:
        self.scroll_by_lines(-self.page)

    def action_page_down(self) -> None:
        self.scroll_by_lines(self.page)

    def action_scroll_up(self) -> None:
        self.scroll_by_lines(-1)

    def action_scroll_down(self) -> None:
        self.scroll_by_lines(1)

    def action_scroll_home(self) -> None:
        self.scroll_by_lines(-self.line_count() - 1)

    def action_scroll_end(self) -> None:
        self.scroll_to_line(self.line_count())
