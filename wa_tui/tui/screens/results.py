"""The outcomes of an action on many sessions, a line each, as they come in."""

from __future__ import annotations

from collections.abc import Iterable

from textual.widget import Widget

from wa_tui.text.cells import cut, fit
from wa_tui.tui.presenters.outcomes import Notice
from wa_tui.tui.requests import Bulk
from wa_tui.tui.screens.base import ViewScreen
from wa_tui.tui.style.inks import Ink
from wa_tui.tui.style.pieces import Piece, Pieces
from wa_tui.tui.widgets.footer import INKS
from wa_tui.tui.widgets.line_view import Groups, LineView
from wa_tui.wire import SessionKey

_NAME = 30
_DEEDS = (
    "session.reconnect",
    "session.disconnect",
    "session.delete",
    "session.snooze",
    "session.acknowledge",
)


class ResultsScreen(ViewScreen):
    """The last bulk action; leaving it stops nothing, `:results` comes back to it."""

    AUTO_FOCUS = "ResultList"
    DEFAULT_CSS = "ResultsScreen ResultList { height: 1fr; }"

    def body(self) -> Iterable[Widget]:
        """Return one line a session."""
        names = self.monitor.key_names()
        actions = " ".join(names[id] for id in _DEEDS if id in names)
        nothing = "no action on many sessions yet"
        return (
            ResultList(
                f"{nothing} · {names['marks.mark']} marks, {actions} act on all marked"
                if actions
                else nothing
            ),
        )

    def show_fleet(self, changed: set[SessionKey]) -> None:
        """Bring the lines up to date."""
        bulk = self.monitor.bulk
        name = f"{bulk.verb} {len(bulk.subjects)} sessions" if bulk else "Results"
        self.entitle(name, f"· {bulk.summary}" if bulk else "")
        self.query_one(ResultList).show(bulk)


class ResultList(LineView):
    """A line for each session: its name, and its newest outcome."""

    BINDINGS = LineView.BINDINGS

    def __init__(self, nothing: str) -> None:
        super().__init__()
        self._nothing = nothing
        self._bulk: Bulk | None = None
        self._keys: list[SessionKey] = []

    def show(self, bulk: Bulk | None) -> None:
        """Show these results; only lines that changed are painted."""
        self._bulk = bulk
        self._keys = list(bulk.subjects) if bulk is not None else []
        self.fit_to_lines()
        self.repaint()

    def line_count(self) -> int:
        """Return the number of sessions."""
        return len(self._keys)

    def line(self, index: int) -> Groups:
        """Return a session's line."""
        assert self._bulk is not None
        key = self._keys[index]
        wide = min(_NAME, self.width // 3)
        name = (Piece("  "), Piece(fit(self._bulk.subjects[key], wide) + "  ", Ink.BRIGHT))
        notice = self._bulk.notices.get(key)
        return (name, _notice(notice, self.width - wide - 4))

    def fixed(self, y: int) -> Pieces:
        """Return what is said where there are none."""
        return (Piece(f"  {self._nothing}", Ink.QUIET),) if self._bulk is None and y == 0 else ()


def _notice(notice: Notice | None, width: int) -> Pieces:
    if notice is None:
        return (Piece("· not asked for yet", Ink.QUIET),)
    # The action and its subject stand before it already.
    text = notice.outcome or notice.text
    return (Piece(f"{notice.glyph} {cut(text, max(width - 2, 0))}", INKS[notice.level]),)
