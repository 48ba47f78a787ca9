"""The one table of commands, and what is typed: what fits next, doing it, and having it back with the arrows."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

from textual.app import App

from wa_tui.text.nearest import nearest
from wa_tui.tui.commands.actions import ACTIONS
from wa_tui.tui.commands.command import Command, CommandContext, CommandError
from wa_tui.tui.commands.settings import SETTINGS
from wa_tui.tui.commands.views import GOING
from wa_tui.tui.intents import Notify
from wa_tui.tui.monitor import Monitor
from wa_tui.tui.presenters.outcomes import Notice
from wa_tui.tui.widgets.command_line import Word

COMMANDS: tuple[Command, ...] = (*GOING, *ACTIONS, *SETTINGS)
"""Views first, then what is done to sessions, then how the monitor shows them."""

BY_NAME: dict[str, Command] = {
    name: command for command in COMMANDS for name in (command.name, *command.aliases)
}
"""Commands by name and alias."""

_LONGEST = 100
"""Commands that are kept to be had back."""


class CommandRunner:
    """Does what was typed, on the screen on top of ``app``; what is wrong with it is said."""

    def __init__(self, app: App[Any], monitor: Monitor) -> None:
        self._app = app
        self._monitor = monitor
        self._typed: list[str] = []
        """Oldest first; each once, where it was typed last."""

    async def run(self, text: str) -> None:
        """Do what was typed, or say what to type instead."""
        app = self._app
        context = CommandContext(self._monitor, app.screen, app.screen_stack[0], app.post_message)
        try:
            await run(context, text)
        except CommandError as error:
            app.post_message(Notify(Notice(str(error), "warn")))

    def note(self, text: str) -> None:
        """Keep a command that was typed."""
        if text in self._typed:
            self._typed.remove(text)
        self._typed.append(text)
        del self._typed[:-_LONGEST]

    def typed(self, back: int) -> str | None:
        """Return the command typed so many before now, 1 the last; ``None`` where there is none."""
        return self._typed[-back] if back <= len(self._typed) else None

    def fitting(self, text: str) -> list[Word]:
        """Return what can stand where the text ends."""
        return fitting(self._monitor, text)

    def usage(self, text: str) -> str | None:
        """Return how a command is written whose name begins the text, ``None`` for one that is none."""
        command = BY_NAME.get(text.strip().partition(" ")[0])
        return command.usage if command is not None else None


async def run(context: CommandContext, text: str) -> None:
    """Do what was typed. Raises CommandError."""
    name, _, rest = text.strip().partition(" ")
    command = _found(name)
    rest = rest.strip()
    if command.needs_more and not rest:
        raise CommandError(f":{command.name} needs {command.takes}")
    done = command.run(context, rest)
    if inspect.isawaitable(done):
        await done


def fitting(monitor: Monitor, text: str) -> list[Word]:
    """Return what can stand where the text ends: commands, or the words of the one that was typed."""
    name, space, rest = text.lstrip().partition(" ")
    if not space:
        gateways = [*monitor.state.gateways.values()]
        return _commands(name, [one for one in COMMANDS if one.is_offered(gateways)])
    command = BY_NAME.get(name)
    if command is None or command.candidates is None:
        return []
    done, _, begun = rest.rpartition(" ")
    if done and "…" not in command.takes:
        return []
    begun = begun.casefold()
    found = [word for word in command.candidates(monitor) if begun in word.text.casefold()]
    return sorted(found, key=lambda word: not word.text.casefold().startswith(begun))


def _found(name: str) -> Command:
    """A name, an alias, or what only one name begins with. Raises CommandError."""
    command = BY_NAME.get(name)
    if command is not None:
        return command
    begun = [command for command in COMMANDS if name and command.name.startswith(name)]
    if len(begun) == 1:
        return begun[0]
    if begun:
        raise CommandError(f":{name} could be {', '.join(command.name for command in begun)}")
    near = nearest(name, BY_NAME, most=3, cutoff=0.5)
    hint = f"near: {', '.join(near)}" if near else "tab lists them"
    raise CommandError(f"there is no command :{name}; {hint}")


def _commands(begun: str, offered: Iterable[Command]) -> list[Word]:
    """Commands whose name or alias begins so, then those with it in their name."""
    commands = [*offered]
    first = [one for one in commands if any(name.startswith(begun) for name in (one.name, *one.aliases))]
    later = [one for one in commands if one not in first and begun in one.name]
    exact = [one for one in first if begun in one.aliases]
    ordered = [*exact, *(one for one in first if one not in exact), *later]
    return [Word(one.name, _help(one)) for one in ordered]


def _help(command: Command) -> str:
    also = f" (:{', :'.join(command.aliases)})" if command.aliases else ""
    takes = f"{command.takes}  " if command.takes else ""
    return f"{takes}{command.help}{also}"
