"""Commands that go somewhere: one a view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wa_tui.text.moments import past_moment
from wa_tui.text.nearest import nearest
from wa_tui.tui.commands.command import Command, CommandError, Run, Word
from wa_tui.tui.commands.naming import gateway_named, gateway_words, session_named, session_words
from wa_tui.tui.fleet.assessment import SessionKey
from wa_tui.tui.screens.acting import ActingScreen
from wa_tui.tui.views import SESSIONS, VIEWS, Place, View

if TYPE_CHECKING:
    from wa_tui.tui.app import WaTuiApp


def _sessions(app: WaTuiApp, text: str) -> None:
    app.show_sessions(text)


def _of_session(view: View) -> Run:
    def run(app: WaTuiApp, text: str) -> None:
        key = session_named(app, text) if text else under_cursor(app)
        if key is None:
            raise CommandError(f"no session is under the cursor; write :{view.name} SESSION")
        app.navigation.go(Place(view.name, key))
        if view.name == "qr":
            app.acting.start_code(key)

    return run


def _log(app: WaTuiApp, text: str) -> None:
    place = Place("log", session_named(app, text)) if text else Place("log")
    app.navigation.go(place, anew=True)


def _gateways(app: WaTuiApp, text: str) -> None:
    gateway = gateway_named(app, text) if text else None
    app.navigation.go(Place("gateways", gateway=gateway), anew=True)


def _report(app: WaTuiApp, text: str) -> None:
    since, _, last = text.rpartition(" ")
    if last not in app.state.gateways:
        since, last = text, ""
    if since:
        try:
            past_moment(since, app.clock())
        except ValueError as error:
            near = nearest(since.rpartition(" ")[2], app.state.gateways)
            raise CommandError(f"{error}{f'; {near[0]} is a gateway' if near else ''}") from error
    app.navigation.go(Place("report", gateway=last or None, since=since or None), anew=True)


def _shifts(app: WaTuiApp) -> list[Word]:
    times = [Word("3h"), Word("8h", "where none is given"), Word("12h"), Word("1d")]
    return [*times, *gateway_words(app)]


def _plain(view: View) -> Run:
    def run(app: WaTuiApp, text: str) -> None:
        if text:
            raise CommandError(f":{view.name} takes nothing; {text} is too much")
        app.navigation.go(Place(view.name), anew=True)

    return run


def under_cursor(app: WaTuiApp) -> SessionKey | None:
    """Return the session that the screen on top is about, if it is about one."""
    screen = app.screen
    if isinstance(screen, ActingScreen):
        return screen.chosen()
    place = getattr(screen, "place", None)
    return place.key if isinstance(place, Place) else None


def _command(view: View) -> Command:
    if view.name == SESSIONS:
        return Command(view.name, view.help, _sessions, view.aliases, "[FILTER]")
    if view.name == "log":
        return Command(view.name, view.help, _log, view.aliases, "[SESSION]", session_words)
    if view.name == "gateways":
        return Command(view.name, view.help, _gateways, view.aliases, "[GATEWAY]", gateway_words)
    if view.name == "report":
        return Command(view.name, view.help, _report, view.aliases, "[SINCE] [GATEWAY]", _shifts)
    if view.of_session:
        return Command(view.name, view.help, _of_session(view), view.aliases, "[SESSION]", session_words)
    return Command(view.name, view.help, _plain(view), view.aliases)


GOING: tuple[Command, ...] = tuple(_command(view) for view in VIEWS)
