"""Lines that are read by scrolling."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from wa_tui.tui.keys import Context, bindings
from wa_tui.tui.widgets.line_view import LineView


class ScrollingView(LineView):
    """Base of the logs and of texts: the keys scroll, there is no cursor."""

    BINDINGS: ClassVar[list[BindingType]] = list(bindings(Context.LOG))

    def action_page_up(self) -> None:
        """Go back by a page."""
        self.scroll_by_lines(-self.page)

    def action_page_down(self) -> None:
        """Go on by a page."""
        self.scroll_by_lines(self.page)

    def action_scroll_up(self) -> None:
        """Go back by a line."""
        self.scroll_by_lines(-1)

    def action_scroll_down(self) -> None:
        """Go on by a line."""
        self.scroll_by_lines(1)

    def action_scroll_home(self) -> None:
        """Go to the first line."""
        self.scroll_by_lines(-self.line_count() - 1)

    def action_scroll_end(self) -> None:
        """Go to the last line."""
        self.scroll_to_line(self.line_count())
