"""Commands that change how the monitor shows things, or end it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wa_tui.text.nearest import or_nearest
from wa_tui.tui.commands.command import Command, CommandError, Word
from wa_tui.tui.fleet.columns import ORDERS
from wa_tui.tui.resuming import LAST
from wa_tui.tui.screens.session_query import Choosing
from wa_tui.tui.style.inks import SCHEMES

if TYPE_CHECKING:
    from wa_tui.tui.app import WaTuiApp


def _sort(app: WaTuiApp, text: str) -> None:
    screen = app.screen
    name, _, how = text.partition(" ")
    if not isinstance(screen, Choosing):
        raise CommandError("only the sessions are sorted by :sort; go to :sessions")
    if name not in ORDERS or how not in ("", "reversed"):
        raise CommandError(f"{text} is no column; there are {' '.join(ORDERS)}")
    screen.sort_by(ORDERS[name], backwards=bool(how))


def _view(app: WaTuiApp, text: str) -> None:
    views = {view.name: view for view in app.resuming.views}
    if text == LAST and LAST not in views:
        raise CommandError("no filter was left here the last time")
    if text not in views:
        raise CommandError(f"{text} is no named view; {or_nearest(text, views)}")
    app.show_view(views[text])


def _view_words(app: WaTuiApp) -> list[Word]:
    return [Word(view.name, view.description) for view in app.resuming.views]


def _theme(app: WaTuiApp, text: str) -> None:
    if text not in SCHEMES:
        raise CommandError(f"there is no theme {text}; there are {' '.join(SCHEMES)}")
    app.set_theme_by_name(text)
    if app.palette.plain or app.palette.scheme.name != text:
        app.hint("this terminal shows its own 16 colours, or none: every theme looks the same on it")


def _pause(app: WaTuiApp, _: str) -> None:
    app.action_pause()


async def _quit(app: WaTuiApp, _: str) -> None:
    await app.action_quit()


SETTINGS: tuple[Command, ...] = (
    Command("sort", "Sort the sessions by a column", _sort, (), "COLUMN [reversed]",
            lambda _: [Word(name, str(order)) for name, order in ORDERS.items()]),
    Command("view", "A named view of the sessions, or the last filter", _view, (), "NAME", _view_words),
    Command("theme", "Other colours, at once", _theme, (), "NAME", lambda _: [Word(name) for name in SCHEMES]),
    Command("pause", "Hold the screen while data comes in, or let it on", _pause),
    Command("quit", "Leave", _quit, ("q", "q!", "exit")),
)  # fmt: skip
