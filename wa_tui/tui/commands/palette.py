"""Textual's command palette, fed from the table of commands."""

from __future__ import annotations

from functools import partial

from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider, SearchIcon
from textual.widgets import Input

from wa_tui.tui.commands.command import Command
from wa_tui.tui.commands.runner import COMMANDS
from wa_tui.tui.intents import RunCommand, TypeCommand
from wa_tui.tui.screens.base import FleetScreen


class Commands(Provider):
    """Every command; one that takes something is handed to the command line."""

    async def discover(self) -> Hits:
        """All of them, while nothing is typed."""
        for command in self._offered:
            yield DiscoveryHit(command.usage, partial(self._choose, command), help=command.help)

    async def search(self, query: str) -> Hits:
        """Those that match what is typed."""
        matcher = self.matcher(query)
        for command in self._offered:
            text = command.usage
            score = max(matcher.match(text), matcher.match(command.help) * 0.8)
            if score > 0:
                yield Hit(score, matcher.highlight(text), partial(self._choose, command), help=command.help)

    @property
    def _offered(self) -> list[Command]:
        """Those that the gateway at hand can do, or any where none is."""
        screen = self.screen
        if not isinstance(screen, FleetScreen):
            return [*COMMANDS]
        known, at_hand = screen.monitor.state.gateways, screen.gateway_at_hand
        gateways = [known[at_hand]] if at_hand in known else [*known.values()]
        return [command for command in COMMANDS if command.is_offered(gateways)]

    def _choose(self, command: Command) -> None:
        """Do a command that needs nothing more, else go on typing it."""
        chosen = TypeCommand(f"{command.name} ") if command.needs_more else RunCommand(command.name)
        self.app.post_message(chosen)


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
