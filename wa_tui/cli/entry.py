"""``wa-tui``: wires configuration, client, daemon, monitor and demo; imports each only where it runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from . import exits
from .parser import HERE, parse

if TYPE_CHECKING:
    import argparse

    from wa_tui.client import Address, Client
    from wa_tui.config import Config, Ui
    from wa_tui.tui.remembered import Remembered


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``wa-tui`` and return its exit code (`wa_tui.cli.exits`)."""
    _stand_in_for_closed()
    try:
        arguments = parse(argv)
        code = _run(arguments)
        return _flush(code)
    except KeyboardInterrupt:
        return exits.INTERRUPTED
    except BrokenPipeError:
        # Nobody reads on (`| head`); what is left in the buffer must not complain at the exit.
        _discard_output()
        return exits.OK


def _stand_in_for_closed() -> None:
    """Open /dev/null where a standard stream is closed: else the next file to be opened, the database even, were it.

    What is printed to a closed standard output cannot be written, and that is said; there is nowhere to complain to
    when standard error is closed.
    """
    for number, name, flags in (
        (0, "stdin", os.O_RDONLY),
        (1, "stdout", os.O_RDONLY),
        (2, "stderr", os.O_WRONLY),
    ):
        if getattr(sys, name) is None and os.open(os.devnull, flags) == number:
            os.set_inheritable(number, True)
            setattr(sys, name, open(number, "w" if number else "r", closefd=False))  # noqa: SIM115


def _flush(code: int) -> int:
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        return _unwritable(error)
    return code


def _unwritable(error: OSError) -> int:
    _discard_output()
    return _complain(f"standard output cannot be written: {error.strerror or error}", exits.FAILED)


def _discard_output() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(arguments: argparse.Namespace) -> int:
    if arguments.command is None and not arguments.daemon:
        from wa_tui.tui import garbage

        garbage.begin()
    if arguments.demo:
        if not arguments.daemon and (lack := _lack_of_terminal()):
            return _complain(
                f"the monitor needs {lack}; without one use `wa-tui --demo --daemon`", exits.USAGE
            )
        from .demo import run as run_demo

        return run_demo(
            headless=arguments.daemon,
            read_only=arguments.read_only,
            look=lambda ui: _ui(ui, arguments),
        )
    from wa_tui.config import ConfigError, load

    try:
        config = load(os.environ, arguments.config)
    except ConfigError as error:
        return _complain(error, exits.USAGE)
    given = config.given | ({"ui.theme"} if arguments.theme else set())
    config = replace(config, ui=_ui(config.ui, arguments), given=given)
    read_only = arguments.read_only or config.read_only
    if arguments.daemon:
        return _daemon(arguments, config, read_only=read_only)
    if arguments.command in HERE:
        return _here(arguments, config, read_only=read_only)
    from wa_tui.client import AddressError

    try:
        address = _address(arguments, config)
    except AddressError as error:
        return _complain(error, exits.USAGE)
    if arguments.command is None:
        return _monitor(address, config, read_only=read_only)
    return _command(address or _socket(config), arguments, read_only=read_only)


def _daemon(arguments: argparse.Namespace, config: Config, *, read_only: bool) -> int:
    from wa_tui.daemon.main import run

    if not arguments.with_node:
        return run(config, owner_fd=arguments.owner_fd, read_only=read_only)
    from wa_tui.config import ConfigError
    from wa_tui.node.errors import NodeError
    from wa_tui.node.supervising import supervise

    try:
        sidecar = supervise(config, os.environ)
    except NodeError as error:
        return _complain(error, exits.FAILED)
    except ConfigError as error:
        return _complain(error, exits.USAGE)
    return run(config, owner_fd=arguments.owner_fd, read_only=read_only, sidecar=sidecar)


def _here(arguments: argparse.Namespace, config: Config, *, read_only: bool) -> int:
    """Run ``up``, ``node install``, ``node run`` or ``keys``."""
    from wa_tui.config import ConfigError
    from wa_tui.node.errors import NodeError

    from . import node, printing

    if arguments.command == "keys":
        return _keys(arguments, config)
    up = arguments.command == "up"
    if up and (lack := _lack_of_terminal()):
        return _complain(f"up needs {lack}; without one use `wa-tui --daemon --with-node`", exits.USAGE)
    try:
        if up:
            node.prepare_up(config)
        elif arguments.node_command == "install":
            node.install()
        else:
            node.run(config)
    except NodeError as error:
        return _complain(error, exits.FAILED)
    except ConfigError as error:
        return _complain(error, exits.USAGE)
    except printing.Unwritable as error:
        return _unwritable(error.cause)
    return _monitor(None, config, read_only=read_only, with_node=True) if up else exits.OK


def _keys(arguments: argparse.Namespace, config: Config) -> int:
    from wa_tui.config import ConfigError

    from . import printing
    from .keys import keys

    printing.prepare()
    try:
        return keys(config, arguments)
    except ConfigError as error:
        return _complain(error, exits.USAGE)
    except printing.Unwritable as error:
        return _unwritable(error.cause)


def _ui(ui: Ui, arguments: argparse.Namespace) -> Ui:
    """Return how the monitor is to look: the command line wins over the configuration."""
    return replace(
        ui,
        theme=arguments.theme or ui.theme,
        ascii=arguments.ascii or ui.ascii,
        mouse=ui.mouse and not arguments.no_mouse,
        view=arguments.view or ui.view,
    )


def _lack_of_terminal() -> str | None:
    """Return what a screen needs and has not."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return "a terminal"
    if os.environ.get("TERM") == "dumb":
        return "a terminal that can move its cursor (TERM=dumb cannot)"
    return None


def _monitor(address: Address | None, config: Config, *, read_only: bool, with_node: bool = False) -> int:
    if lack := _lack_of_terminal():
        instead = "without one use `wa-tui --daemon`, `wa-tui status` or `wa-tui logs`"
        return _complain(f"the monitor needs {lack}; {instead}", exits.USAGE)
    from wa_tui.client import Client, find_or_start
    from wa_tui.config import ConfigError
    from wa_tui.tui.app import run_monitor
    from wa_tui.tui.fleet.named import named_views
    from wa_tui.tui.keymap import keymap
    from wa_tui.tui.remembered import NAME, resumed, write

    try:
        keys, views = keymap(config), named_views(config)
        ui, resume = resumed(config, [view.name for view in views])
    except ConfigError as error:
        return _complain(error, exits.USAGE)

    async def connect() -> Client:
        if address is None:
            return await find_or_start(config, read_only=read_only, with_node=with_node)
        return Client(address, read_only=read_only)

    def keep(left: Remembered) -> None:
        if problem := write(config.state_dir / NAME, resume.before, left):
            _complain(problem, exits.OK)

    where = str(address or config.socket)
    return run_monitor(
        connect,
        read_only=read_only,
        title=config.title,
        where=where,
        ui=ui,
        keymap=keys,
        views=views,
        resume=resume,
        keep=keep,
    )


def _command(address: Address, arguments: argparse.Namespace, *, read_only: bool) -> int:
    import asyncio

    from wa_tui.client import Client, DaemonError, DaemonGone, Unauthorised

    from . import printing
    from .commands import COMMANDS, CommandError

    printing.prepare()

    async def run() -> int:
        client = Client(address, read_only=read_only)
        try:
            return await COMMANDS[arguments.command](client, arguments)
        finally:
            await client.close()

    try:
        return asyncio.run(run())
    except CommandError as error:
        return _complain(error, error.code)
    except printing.Unwritable as error:
        return _unwritable(error.cause)
    except DaemonGone as error:
        return _complain(error, exits.NO_DAEMON)
    except Unauthorised as error:
        return _complain(error, exits.USAGE)
    except DaemonError as error:
        return _complain(error, exits.FAILED)


def _address(arguments: argparse.Namespace, config: Config) -> Address | None:
    from wa_tui.client import parse_address

    return None if arguments.attach is None else parse_address(arguments.attach, config.api_key)


def _socket(config: Config) -> Address:
    from wa_tui.client import Unix, start_command

    return Unix(config.socket, start_command(config, os.environ))


def _complain(what: object, code: int) -> int:
    from .printing import complain

    complain(f"wa-tui: {what}")
    return code
