"""Takes commands: from the line that they are typed into, from Textual's palette, and from what screens post."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from textual.app import App
from textual.screen import Screen

from wa_tui.tui.intents import Handlers, RunCommand, TypeCommand
from wa_tui.tui.monitor import Monitor
from wa_tui.tui.screens.base import FleetScreen

if TYPE_CHECKING:
    # Its type alone: see `CommandDispatch.runner`.
    from wa_tui.tui.commands.runner import CommandRunner


class CommandDispatch:
    """Opens the command line on the screen that is shown, and has ``runner`` do what was typed there."""

    def __init__(self, app: App[Any], monitor: Monitor) -> None:
        self._app = app
        self._monitor = monitor

    @property
    def handlers(self) -> Handlers:
        """The intents that it serves, and by what."""
        return {TypeCommand: self.type, RunCommand: self.run}

    @cached_property
    def runner(self) -> CommandRunner:
        """The commands, and those that were typed."""
        # All commands with what they import: the first frame does without them.
        from wa_tui.tui.commands.runner import CommandRunner

        return CommandRunner(self._app, self._monitor)

    async def type(self, intent: TypeCommand) -> None:
        """Open the command line, with the text to go on from; a dialog has none."""
        from wa_tui.tui.widgets.command_line import CommandLine

        screen: Screen[object] = self._app.screen
        if isinstance(screen, FleetScreen) and not screen.query(CommandLine):
            line = CommandLine(self.runner, self._monitor.key_names(), intent.text)
            await screen.query_one("#command").mount(line)

    async def run(self, intent: RunCommand) -> None:
        """Do a command; one that was typed can be had back with the arrows."""
        if intent.typed:
            self.runner.note(intent.text)
        await self.runner.run(intent.text)

    def choose(self) -> None:
        """Choose a command from Textual's palette."""
        from textual.command import CommandPalette

        from wa_tui.tui.commands.palette import palette

        if not isinstance(self._app.screen, CommandPalette):
            self._app.push_screen(palette())
