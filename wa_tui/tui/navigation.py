"""Ways through the views: on, back, and one layer up."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from textual.app import App

from wa_tui.tui.intents import Go, Handlers, ShowSessions, ShowView
from wa_tui.tui.monitor import Monitor
from wa_tui.tui.presenters.outcomes import Notice
from wa_tui.tui.screens.base import FleetScreen
from wa_tui.tui.screens.main import MainScreen
from wa_tui.tui.views import SESSIONS, VIEWS, NamedView, Place, view_of

Trail = tuple[Place, ...]
"""The places from the sessions, which are below everything, to the one on top."""

_LONGEST = 50


class Navigation:
    """Opens and closes views, and remembers the trails of before; dialogs are no places."""

    def __init__(self, app: App[Any], monitor: Monitor, say: Callable[[Notice | None], None]) -> None:
        self._app = app
        self._monitor = monitor
        self._say = say
        self._behind: list[Trail] = []
        self._ahead: list[Trail] = []
        self._left: Trail | None = None

    @property
    def handlers(self) -> Handlers:
        """The intents that it serves, and by what."""
        return {
            Go: lambda intent: self.go(intent.place, anew=intent.anew),
            ShowSessions: lambda intent: self.show_sessions(intent.filter),
            ShowView: lambda intent: self.show_view(intent.view),
        }

    @property
    def trail(self) -> Trail:
        """The places that are open, the sessions first."""
        return tuple(screen.place for screen in self._screens() if screen.place is not None)

    def go(self, place: Place, *, anew: bool = False) -> None:
        """Open a place on top of what is open, or ``anew`` on top of the sessions alone."""
        if place.view not in {view.name for view in VIEWS}:
            self._hint(f"there is no view {place.view} in this version")
            return
        here = self.trail
        base = here[:1] if anew else here
        if place in here:
            there = here[: here.index(place) + 1]
        elif place.view == SESSIONS:
            there = (place,)
        else:
            there = (*base, place)
        self._move(there)

    def go_up(self) -> None:
        """Take one layer off: the screen's own (a filter, marks), else the screen, else what is said."""
        top = self._app.screen
        if isinstance(top, FleetScreen) and (top.place is None or top.go_up()):
            return
        if len(self._app.screen_stack) > 1:
            self._remember()
            self._app.pop_screen()
        else:
            self._say(None)

    def show_sessions(self, filter: str) -> None:
        """Show the sessions that a filter admits, on top of what is open; all without one."""
        self.go(Place(SESSIONS), anew=True)
        root = self._app.screen_stack[0]
        if isinstance(root, MainScreen) and filter:
            self._app.run_worker(root.show_filter(filter), group="filter")

    def show_view(self, view: NamedView) -> None:
        """Show the sessions as a named view has them."""
        self.go(Place(SESSIONS), anew=True)
        root = self._app.screen_stack[0]
        if isinstance(root, MainScreen):
            self._app.run_worker(root.show_view(view), group="filter")
            self._hint(f"view {view.name}: {view.description}")

    def help(self) -> None:
        """Show the keys; again goes back."""
        if self.trail[-1].view == "help":
            self.go_up()
        else:
            self.go(Place("help"))

    def back(self) -> None:
        """Go to where the app was before."""
        self._step(self._behind, self._ahead, "nothing before this; ] goes on")

    def forward(self) -> None:
        """Undo a step back."""
        self._step(self._ahead, self._behind, "nothing after this; [ goes back")

    def last(self) -> None:
        """Change between the last two places."""
        if self._left is None:
            self._hint("there is no other view yet")
        else:
            self._move(self._left)

    def _hint(self, text: str) -> None:
        self._say(Notice(text, "quiet"))

    def _screens(self) -> list[FleetScreen[object]]:
        return [screen for screen in self._app.screen_stack if isinstance(screen, FleetScreen)]

    def _step(self, source: list[Trail], other: list[Trail], otherwise: str) -> None:
        here = self.trail
        # What was left by closing it may be where we are.
        while source and source[-1] == here:
            source.pop()
        if not source:
            self._hint(otherwise)
            return
        there = source.pop()
        other.append(here)
        self._left = here
        self._show(there)

    def _move(self, there: Trail) -> None:
        if there != self.trail:
            self._remember()
            self._show(there)

    def _remember(self) -> None:
        self._left = self.trail
        self._behind.append(self._left)
        del self._behind[:-_LONGEST]
        self._ahead.clear()

    def _show(self, there: Trail) -> None:
        """Close what is not on the way there, and open what is missing."""
        app, here = self._app, self.trail
        same = 1
        while same < min(len(here), len(there)) and here[same] == there[same]:
            same += 1
        with app.batch_update():
            # Dialogs that are open go too: they are about the view that is left.
            while len(self.trail) > same or not isinstance(app.screen, FleetScreen):
                app.pop_screen()
            root = app.screen_stack[0]
            if isinstance(root, FleetScreen):
                root.arrive(there[0])
            for place in there[same:]:
                app.push_screen(self._made(place))

    def _made(self, place: Place) -> FleetScreen[Any]:
        # A screen's module is imported when it is first opened: the first frame needs one of them.
        module, name = view_of(place).screen.split(".")
        make = getattr(importlib.import_module(f"wa_tui.tui.screens.{module}"), name)
        screen: FleetScreen[Any] = make(self._monitor, place)
        return screen
