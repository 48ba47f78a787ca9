"""Textual's command palette, fed from the table of commands."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast

from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider, SearchIcon
from textual.widgets import Input

from wa_tui.tui.commands.command import Command, CommandError
from wa_tui.tui.commands.line import run, usage
from wa_tui.tui.commands.table import COMMANDS
from wa_tui.tui.presenters.outcomes import Notice

if TYPE_CHECKING:
    from wa_tui.tui.app import WaTuiApp


class Commands(Provider):
    """Every command; one that takes something is handed to the command line."""

    async def discover(self) -> Hits:
        """All of them, while nothing is typed."""
        for command in COMMANDS:
            yield DiscoveryHit(usage(command), partial(choose, self.app, command), help=command.help)

    async def search(self, query: str) -> Hits:
        """Those that match what is typed."""
        matcher = self.matcher(query)
        for command in COMMANDS:
            text = usage(command)
            score = max(matcher.match(text), matcher.match(command.help) * 0.8)
            if score > 0:
                yield Hit(
                    score, matcher.highlight(text), partial(choose, self.app, command), help=command.help
                )


class QuietPalette(CommandPalette):
    """The palette without what blinks and spins: an idle screen sends nothing."""

    DEFAULT_CSS = "QuietPalette LoadingIndicator { display: none; }"

    def on_mount(self) -> None:
        """Stop the cursor's blinking; a lens would be two cells of no known look."""
        self.query_one(SearchIcon).icon = ":"
        self.query_one(Input).cursor_blink = False


def palette() -> CommandPalette:
    """Return the palette as a screen."""
    return QuietPalette(providers=[Commands], placeholder="A command: views, actions, settings")


async def choose(app: Any, command: Command) -> None:
    """Do a command that needs nothing more, else go on typing it."""
    monitor = cast("WaTuiApp", app)
    if command.needs_more:
        await monitor.type_command(f"{command.name} ")
        return
    try:
        await run(monitor, command.name)
    except CommandError as error:
        monitor.say(Notice(str(error), "warn"))
