"""Commands that go somewhere: one a view."""

from __future__ import annotations

from wa_tui.text.moments import past_moment
from wa_tui.text.nearest import nearest
from wa_tui.tui.commands.command import (
    Command,
    CommandContext,
    CommandError,
    Run,
    gateway_named,
    gateway_words,
    session_named,
    session_words,
)
from wa_tui.tui.intents import Go, RenewCode, ShowSessions
from wa_tui.tui.monitor import Monitor
from wa_tui.tui.views import SESSIONS, VIEWS, Place, View
from wa_tui.tui.widgets.command_line import Word


def _sessions(context: CommandContext, text: str) -> None:
    context.post(ShowSessions(text))


def _of_session(view: View) -> Run:
    def run(context: CommandContext, text: str) -> None:
        key = session_named(context.monitor, text) if text else context.aim.key
        if key is None:
            raise CommandError(f"no session is under the cursor; write :{view.name} SESSION")
        context.post(Go(Place(view.name, key)))
        if view.name == "qr":
            context.post(RenewCode(key, if_none=True))

    return run


def _log(context: CommandContext, text: str) -> None:
    place = Place("log", session_named(context.monitor, text)) if text else Place("log")
    context.post(Go(place, anew=True))


def _gateways(context: CommandContext, text: str) -> None:
    gateway = gateway_named(context.monitor, text) if text else None
    context.post(Go(Place("gateways", gateway=gateway), anew=True))


def _report(context: CommandContext, text: str) -> None:
    since, _, last = text.rpartition(" ")
    if last not in context.monitor.state.gateways:
        since, last = text, ""
    if since:
        try:
            past_moment(since, context.monitor.clock())
        except ValueError as error:
            near = nearest(since.rpartition(" ")[2], context.monitor.state.gateways)
            raise CommandError(f"{error}{f'; {near[0]} is a gateway' if near else ''}") from error
    context.post(Go(Place("report", gateway=last or None, since=since or None), anew=True))


def _shifts(monitor: Monitor) -> list[Word]:
    times = [Word("3h"), Word("8h", "where none is given"), Word("12h"), Word("1d")]
    return [*times, *gateway_words(monitor)]


def _plain(view: View) -> Run:
    def run(context: CommandContext, text: str) -> None:
        if text:
            raise CommandError(f":{view.name} takes nothing; {text} is too much")
        context.post(Go(Place(view.name), anew=True))

    return run


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
