"""Takes up again what the last monitor showed; its filter only when a person asks for it."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace
from textual.app import App

from wa_tui.filters.sessions import parse
from wa_tui.tui.appearance import Appearance
from wa_tui.tui.fleet.columns import ORDERS
from wa_tui.tui.fleet.order import Order
from wa_tui.tui.monitor import LAST, Monitor
from wa_tui.tui.navigation import Navigation
from wa_tui.tui.notices import Notices
from wa_tui.tui.presenters.outcomes import Notice
from wa_tui.tui.remembered import Remembered, Resume
from wa_tui.tui.screens.main import MainScreen
from wa_tui.tui.views import PLAIN, SESSIONS, NamedView, Place


class Resuming:
    """Begins at the configured view, else where the last monitor ended, and notes where this one ends."""

    def __init__(
        self,
        app: App[Any],
        monitor: Monitor,
        *,
        navigation: Navigation,
        notices: Notices,
        appearance: Appearance,
        resume: Resume,
    ) -> None:
        self._app = app
        self._monitor = monitor
        self._navigation = navigation
        self._notices = notices
        self._appearance = appearance
        self._before = resume.before
        self._problem = resume.problem
        self._begin = resume.view
        self._begun = False
        self.left = resume.before
        """What was shown when the monitor was left."""
        monitor.last_view = self._last()

    @property
    def order(self) -> tuple[Order, bool]:
        """What the sessions are sorted by at first, and whether backwards."""
        before = self._before
        return (Order.TROUBLE, False) if before.order is None else (ORDERS[before.order], before.backwards)

    def _last(self) -> NamedView | None:
        """The view with the last filter, if there was one on this daemon's sessions."""
        before = self._before
        # The names of another daemon's sessions and gateways mean nothing here.
        if before.where != self._monitor.where or not _filters(before):
            return None
        order, backwards = self.order
        text = " ".join(filter(None, (before.filter, before.gateway and f"gateway:{before.gateway}")))
        return NamedView(LAST, text, order, backwards, trouble=before.trouble, since=before.at)

    def begin(self) -> None:
        """The fleet is there: go where it was left, once."""
        # A snapshot comes after a loss of the connection too: by then a person is somewhere,
        # and is not to be taken away from there.
        if self._begun:
            return
        self._begun = True
        named, navigation = self._monitor.named_views, self._navigation
        # A view that opens shows what is said from then on.
        self._app.call_after_refresh(self._announce)
        if self._begin in named and not (self._begin == LAST and self._hides_callers(named[LAST])):
            navigation.show_view(named[self._begin])
            return
        place = self._before.view if self._begin in ("", LAST) else self._begin
        if place in PLAIN and place != SESSIONS and len(navigation.trail) == 1:
            navigation.go(Place(place))

    def _announce(self) -> None:
        """Say what is wrong with what was remembered, else what of it was not taken up."""
        last, notices = self._monitor.last_view, self._notices
        if self._problem:
            notices.say(Notice(self._problem, "warn"))
        elif last is not None and self._begin == LAST and self._hides_callers(last):
            hidden = f"the last filter hides who needs you; :view last shows {last.description} nevertheless"
            notices.say(Notice(hidden, "warn"))
        elif last is not None and self._before.filtered and not self._begin:
            notices.hint(f":view last brings back the filter {last.description}")

    def _hides_callers(self, view: NamedView) -> bool:
        """Tell whether it hides a session that needs a person: by itself it does not come back then."""
        state = self._monitor.state
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
        before, trail = self._before, self._navigation.trail
        root = self._app.screen_stack[0] if self._app.screen_stack else None
        if not isinstance(root, MainScreen) or not self._begun:
            return before
        query = root.sessions
        now = replace(
            before,
            theme=self._appearance.chosen_theme or before.theme,
            view=next((place.view for place in reversed(trail) if place.view in PLAIN), SESSIONS),
            order=next(name for name, each in ORDERS.items() if each is query.order),
            backwards=query.backwards,
            wide=root.grid.wide,
            filtered=False,
        )
        if query.filter.text or query.gateway is not None or query.only_trouble:
            now = replace(
                now,
                filter=query.filter.text,
                gateway=query.gateway,
                trouble=query.only_trouble,
                where=self._monitor.where,
                at=self._monitor.clock(),
                filtered=True,
            )
        return now


def _filters(found: Remembered) -> bool:
    return bool(found.filter) or found.gateway is not None or found.trouble
