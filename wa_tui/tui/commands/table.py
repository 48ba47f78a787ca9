"""The one table of commands: the command line and the palette are made from it."""

from __future__ import annotations

from wa_tui.tui.commands.actions import ACTIONS
from wa_tui.tui.commands.command import Command
from wa_tui.tui.commands.settings import SETTINGS
from wa_tui.tui.commands.views import GOING

COMMANDS: tuple[Command, ...] = (*GOING, *ACTIONS, *SETTINGS)
"""Views first, then what is done to sessions, then how the monitor shows them."""

BY_NAME: dict[str, Command] = {
    name: command for command in COMMANDS for name in (command.name, *command.aliases)
}
"""Commands by name and alias."""
