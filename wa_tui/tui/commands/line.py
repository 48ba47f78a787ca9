"""A typed command: what fits next, and doing it."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

from wa_tui.text.nearest import nearest
from wa_tui.tui.commands.command import Command, CommandError, Word
from wa_tui.tui.commands.table import BY_NAME, COMMANDS

if TYPE_CHECKING:
    from wa_tui.tui.app import WaTuiApp


def fitting(app: WaTuiApp, text: str) -> list[Word]:
    """Return what can stand where the text ends: commands, or the words of the one that was typed."""
    name, space, rest = text.lstrip().partition(" ")
    if not space:
        return _commands(name)
    command = BY_NAME.get(name)
    if command is None or command.detail is None:
        return []
    done, _, begun = rest.rpartition(" ")
    if done and "…" not in command.takes:
        return []
    begun = begun.casefold()
    detail = [word for word in command.detail(app) if begun in word.text.casefold()]
    return sorted(detail, key=lambda word: not word.text.casefold().startswith(begun))


def completed(text: str, word: Word) -> str:
    """Return the text with its last word made this one."""
    head, space, _ = text.rpartition(" ")
    return f"{head}{space}{word.text} "


async def run(app: WaTuiApp, text: str) -> None:
    """Do what was typed. Raises CommandError."""
    name, _, rest = text.strip().partition(" ")
    command = _found(name)
    rest = rest.strip()
    if command.needs_more and not rest:
        raise CommandError(f":{command.name} needs {command.takes}")
    done = command.run(app, rest)
    if inspect.isawaitable(done):
        await done


def usage(command: Command) -> str:
    """Return a command's name with what it takes."""
    return f"{command.name} {command.takes}".rstrip()


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
    told = f"near: {', '.join(near)}" if near else "tab lists them"
    raise CommandError(f"there is no command :{name}; {told}")


def _commands(begun: str) -> list[Word]:
    """Commands whose name or alias begins so, then those with it in their name."""
    first = [one for one in COMMANDS if any(name.startswith(begun) for name in (one.name, *one.aliases))]
    later = [one for one in COMMANDS if one not in first and begun in one.name]
    exact = [one for one in first if begun in one.aliases]
    ordered = [*exact, *(one for one in first if one not in exact), *later]
    return [Word(one.name, _help(one)) for one in ordered]


def _help(command: Command) -> str:
    also = f" (:{', :'.join(command.aliases)})" if command.aliases else ""
    takes = f"{command.takes}  " if command.takes else ""
    return f"{takes}{command.help}{also}"
