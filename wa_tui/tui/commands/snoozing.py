"""Commands by which sessions and gateways call nobody: those named, else what is marked or under the cursor."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from wa_tui.text.durations import minutes_of
from wa_tui.tui.action_dispatch import Targets
from wa_tui.tui.commands.command import CommandError, Word
from wa_tui.tui.commands.naming import gateway_words, session_words, sessions_called
from wa_tui.tui.commands.targets import doubt, targets
from wa_tui.tui.screens.base import FleetScreen
from wa_tui.tui.session_actions import snooze
from wa_tui.wire import USUAL_SNOOZE

if TYPE_CHECKING:
    from wa_tui.tui.app import WaTuiApp


def run_acknowledge(app: WaTuiApp, text: str) -> None:
    """Take care of sessions or a gateway, or take that back."""
    _quiet(app, text, app.acting.acknowledge, app.acting.acknowledge_gateway)


def run_snooze(app: WaTuiApp, text: str) -> None:
    """Let sessions or a gateway call nobody for as long as the first word says, else for the usual time."""
    first, _, names = text.partition(" ")
    try:
        minutes = minutes_of(first) if first else USUAL_SNOOZE
    except ValueError as error:
        if first not in app.state.gateways and not sessions_called(app, first):
            raise CommandError(str(error)) from error
        minutes, names = USUAL_SNOOZE, text
    deed = snooze(minutes)
    _quiet(
        app,
        names,
        lambda found: app.acting.act(deed, found),
        lambda gateway, unsure: app.acting.quiet_gateway(deed, gateway, unsure),
    )


def quieted_words(app: WaTuiApp) -> list[Word]:
    """Return the gateways and the sessions to choose from."""
    return [*gateway_words(app), *session_words(app)]


def _quiet(
    app: WaTuiApp, text: str, sessions: Callable[[Targets], None], gateway: Callable[[str, str], None]
) -> None:
    """Do it to a gateway that is named or under the cursor, else to sessions. Raises CommandError."""
    name = text.removeprefix(_GATEWAY)
    if not text and isinstance(app.screen, FleetScreen) and app.screen.gateway_chosen is not None:
        gateway(app.screen.gateway_chosen, doubt(app))
    elif name not in app.state.gateways:
        sessions(targets(app, text))
    elif name == text and (called := sessions_called(app, text)):
        readings = f"{called[0][0]}/{text} for the session, {_GATEWAY}{text} for the gateway"
        raise CommandError(f"{text} is a session and a gateway: {readings}")
    else:
        gateway(name, "")


_GATEWAY = "gateway:"
"""Before a name that a session has too."""
