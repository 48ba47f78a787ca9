"""Takes up again what the last monitor showed; its filter only when a person asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from wa_tui.filters.sessions import parse
from wa_tui.tui.fleet.columns import ORDERS
from wa_tui.tui.fleet.named import EVERYTHING, NamedView
from wa_tui.tui.fleet.order import Order
from wa_tui.tui.presenters.outcomes import Notice
from wa_tui.tui.remembered import Remembered, Resume
from wa_tui.tui.screens.main import MainScreen
from wa_tui.tui.views import PLAIN, SESSIONS, Place

if TYPE_CHECKING:
    from wa_tui.tui.app import WaTuiApp

LAST = "last"
"""The name of the view with the filter of last time."""


class Resuming:
    """Begins where the last monitor ended, or where it was told to, and tells where this one ends."""

    def __init__(self, app: WaTuiApp, resume: Resume) -> None:
        self._app = app
        self._before = resume.before
        self._problem = resume.problem
        self._begin = resume.view
        self._begun = False
        self.left = resume.before
        """What was shown when the monitor was left."""

    @property
    def order(self) -> tuple[Order, bool]:
        """What the sessions are sorted by at first, and whether backwards."""
        before = self._before
        return (Order.TROUBLE, False) if before.order is None else (ORDERS[before.order], before.backwards)

    @property
    def last(self) -> NamedView | None:
        """The view with the last filter, if there was one on this daemon's sessions."""
        before = self._before
        if before.where != self._app.where or not _filters(before):
            return None
        order, backwards = self.order
        text = " ".join(filter(None, (before.filter, before.gateway and f"gateway:{before.gateway}")))
        return NamedView(LAST, text, order, backwards, trouble=before.trouble, since=before.at)

    @property
    def views(self) -> tuple[NamedView, ...]:
        """All views that have a name."""
        last = self.last
        return (*self._app.views, EVERYTHING, *((last,) if last is not None else ()))

    def begin(self) -> None:
        """The fleet is there: go where it was left, once."""
        if self._begun:
            return
        self._begun = True
        app, named = self._app, {view.name: view for view in self.views}
        # A view that opens shows what is said from then on.
        app.call_after_refresh(self._announce)
        if self._begin in named and not (self._begin == LAST and self._hides_callers(named[LAST])):
            app.show_view(named[self._begin])
            return
        place = self._before.view if self._begin in ("", LAST) else self._begin
        if place in PLAIN and place != SESSIONS and len(app.navigation.trail) == 1:
            app.navigation.go(Place(place))

    def _announce(self) -> None:
        """Say what is wrong with what was remembered, else what of it was not taken up."""
        last = self.last
        if self._problem:
            self._app.say(Notice(self._problem, "warn"))
        elif last is not None and self._begin == LAST and self._hides_callers(last):
            self._app.say(
                Notice(
                    f"the last filter hides who needs you; :view last shows {last.description} nevertheless",
                    "warn",
                )
            )
        elif last is not None and self._before.filtered and not self._begin:
            self._app.hint(f":view last brings back the filter {last.description}")

    def _hides_callers(self, view: NamedView) -> bool:
        """Tell whether it hides a session that needs a person: by itself it does not come back then."""
        state = self._app.state
        admitted = parse(view.filter, state.gateways).within(None, trouble=view.trouble)
        shown = set(state.rows(admitted, view.order, state.now))
        assessments = ((key, state.assessment(key, state.now)) for key in state.sessions)
        return any(
            standing is not None and standing.calls and key not in shown for key, standing in assessments
        )

    def leave(self) -> None:
        """The monitor is being left: note what it shows."""
        self.left = self._current()

    def _current(self) -> Remembered:
        app, before = self._app, self._before
        root = app.screen_stack[0] if app.screen_stack else None
        if not isinstance(root, MainScreen) or not self._begun:
            return before
        view = next((place.view for place in reversed(app.navigation.trail) if place.view in PLAIN), SESSIONS)
        order, backwards = root.order
        now = replace(
            before,
            theme=app.chosen_theme or before.theme,
            view=view,
            order=next(name for name, each in ORDERS.items() if each is order),
            backwards=backwards,
            wide=root.grid.wide,
            filtered=False,
        )
        text, trouble = root.selection
        if text or root.gateway is not None or trouble:
            now = replace(
                now,
                filter=text,
                gateway=root.gateway,
                trouble=trouble,
                where=app.where,
                at=app.clock(),
                filtered=True,
            )
        return now


def _filters(found: Remembered) -> bool:
    return bool(found.filter) or found.gateway is not None or found.trouble
