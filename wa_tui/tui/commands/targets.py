"""Which sessions a command is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wa_tui.tui.action_dispatch import Targets
from wa_tui.tui.commands.command import CommandError
from wa_tui.tui.commands.naming import session_named, sessions_called
from wa_tui.tui.commands.views import under_cursor
from wa_tui.tui.fleet.assessment import SessionKey
from wa_tui.tui.screens.acting import ActingScreen
from wa_tui.tui.screens.base import FleetScreen

if TYPE_CHECKING:
    from wa_tui.tui.app import WaTuiApp


def targets(app: WaTuiApp, text: str) -> Targets:
    """Return the sessions that are named, else those marked, or the one under the cursor. Raises CommandError."""
    if text:
        # An id or a name with spaces is one; else each word names one.
        whole = sessions_called(app, text)
        names = [text] if len(whole) == 1 else text.split()
        return Targets(tuple(session_named(app, name) for name in names))
    screen = app.screen
    if isinstance(screen, ActingScreen) and (found := screen.targets()).keys:
        return found
    return Targets((one_under_cursor(app),), doubt(app))


def doubt(app: WaTuiApp) -> str:
    """Return why what is under the cursor may not be meant; empty where it is plain."""
    return app.screen.doubt if isinstance(app.screen, FleetScreen) else ""


def one_under_cursor(app: WaTuiApp) -> SessionKey:
    """What is for one session alone is for the one under the cursor. Raises CommandError."""
    key = under_cursor(app)
    if key is None:
        raise CommandError("no session is under the cursor; name one, or go to :sessions")
    return key
