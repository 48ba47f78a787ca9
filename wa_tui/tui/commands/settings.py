"""Commands that change how the monitor shows things, or end it."""

from __future__ import annotations

from wa_tui.text.nearest import or_nearest
from wa_tui.tui.commands.command import Command, CommandContext, CommandError
from wa_tui.tui.fleet.columns import ORDERS
from wa_tui.tui.intents import ChooseTheme, ShowView
from wa_tui.tui.monitor import LAST, Monitor
from wa_tui.tui.screens.main import MainScreen
from wa_tui.tui.style.inks import SCHEMES
from wa_tui.tui.widgets.command_line import Word


def _sort(context: CommandContext, text: str) -> None:
    screen = context.screen
    name, _, how = text.partition(" ")
    if not isinstance(screen, MainScreen):
        raise CommandError("only the sessions are sorted by :sort; go to :sessions")
    if name not in ORDERS or how not in ("", "reversed"):
        raise CommandError(f"{text} is no column; there are {' '.join(ORDERS)}")
    screen.sort_by(ORDERS[name], backwards=bool(how))


def _view(context: CommandContext, text: str) -> None:
    views = context.monitor.named_views
    if text == LAST and LAST not in views:
        raise CommandError("no filter was left here the last time")
    if text not in views:
        raise CommandError(f"{text} is no named view; {or_nearest(text, views)}")
    context.post(ShowView(views[text]))


def _view_words(monitor: Monitor) -> list[Word]:
    return [Word(view.name, view.description) for view in monitor.named_views.values()]


def _theme(context: CommandContext, text: str) -> None:
    if text not in SCHEMES:
        raise CommandError(f"there is no theme {text}; there are {' '.join(SCHEMES)}")
    context.post(ChooseTheme(text))


async def _pause(context: CommandContext, _: str) -> None:
    await context.screen.run_action("app.pause")


async def _quit(context: CommandContext, _: str) -> None:
    await context.screen.run_action("app.quit")


SETTINGS: tuple[Command, ...] = (
    Command("sort", "Sort the sessions by a column", _sort, (), "COLUMN [reversed]",
            lambda _: [Word(name, str(order)) for name, order in ORDERS.items()]),
    Command("view", "A named view of the sessions, or the last filter", _view, (), "NAME", _view_words),
    Command("theme", "Other colours, at once", _theme, (), "NAME", lambda _: [Word(name) for name in SCHEMES]),
    Command("pause", "Hold the screen while data comes in, or let it on", _pause),
    Command("quit", "Leave", _quit, ("q", "q!", "exit")),
)  # fmt: skip
