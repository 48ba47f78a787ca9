"""``wa-tui``: reads its configuration and runs what its words name; imports each only where it runs."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from . import exits
from .arguments import LOCAL
from .parser import parse
from .streams import discard_output, lack_of_terminal, stand_in_for_closed
from .verbs import function

if TYPE_CHECKING:  # for annotations alone: they cost more than the whole help
    from wa_tui.client import Address
    from wa_tui.config import Config, Ui


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``wa-tui`` and return its exit code (`wa_tui.cli.exits`)."""
    stand_in_for_closed()
    try:
        return _flush(_run(parse(argv)))
    except KeyboardInterrupt:
        return exits.INTERRUPTED
    except BrokenPipeError:
        # Nobody reads on (`| head`); what is left in the buffer must not complain at the exit.
        discard_output()
        return exits.OK


def _flush(code: int) -> int:
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        return _unwritable(error)
    return code


def _unwritable(error: OSError) -> int:
    discard_output()
    return _complain(f"standard output cannot be written: {error.strerror or error}", exits.FAILED)


def _run(arguments: argparse.Namespace) -> int:
    if arguments.command is None:
        from wa_tui.system import garbage

        garbage.begin()
    if arguments.demo:
        return _demo(arguments)
    from wa_tui.config import ConfigError, load

    try:
        config = load(os.environ, arguments.config)
    except ConfigError as error:
        return _complain(error, exits.USAGE)
    given = config.given | ({"ui.theme"} if arguments.theme else set())
    config = replace(config, ui=_ui(config.ui, arguments), given=given)
    read_only = arguments.read_only or config.read_only
    if arguments.daemon:
        config = replace(
            config,
            tls_cert=arguments.tls_cert or config.tls_cert,
            tls_key=arguments.tls_key or config.tls_key,
        )
        return _daemon(arguments, config, read_only=read_only)
    if arguments.command in LOCAL:
        return _local(arguments, config)
    from wa_tui.client import AddressError, Unix, parse_address, start_command

    try:
        address = (
            None
            if arguments.attach is None
            else parse_address(arguments.attach, config.api_key, arguments.tls_ca or config.tls_ca)
        )
    except AddressError as error:
        return _complain(error, exits.USAGE)
    if arguments.command is None:
        return _monitor(address, config, read_only=read_only)
    ours = Unix(config.socket, start_command(config, os.environ))
    return _command(address or ours, arguments, read_only=read_only)


def _demo(arguments: argparse.Namespace) -> int:
    if not arguments.daemon and (lack := lack_of_terminal()):
        return _complain(f"the monitor needs {lack}; without one use `wa-tui --demo --daemon`", exits.USAGE)
    from .demo import run

    return run(
        headless=arguments.daemon,
        read_only=arguments.read_only,
        look=lambda ui: _ui(ui, arguments),
    )


def _daemon(arguments: argparse.Namespace, config: Config, *, read_only: bool) -> int:
    from wa_tui.daemon.main import run

    run_so = partial(
        run,
        config,
        owner_fd=arguments.owner_fd,
        read_only=read_only,
        log_format=arguments.log_format or "text",
    )
    if not arguments.with_node:
        return run_so()
    from wa_tui.config import ConfigError
    from wa_tui.node.errors import NodeError
    from wa_tui.node.supervising import supervise

    try:
        sidecar = supervise(config, os.environ)
    except NodeError as error:
        return _complain(error, exits.FAILED)
    except ConfigError as error:
        return _complain(error, exits.USAGE)
    return run_so(sidecar=sidecar)


def _local(arguments: argparse.Namespace, config: Config) -> int:
    """Run a verb that asks no daemon."""
    from wa_tui.config import ConfigError
    from wa_tui.node.errors import NodeError

    from . import printing

    printing.prepare()
    try:
        code: int = function(arguments.command)(config, arguments)
    except NodeError as error:
        return _complain(error, exits.FAILED)
    except ConfigError as error:
        return _complain(error, exits.USAGE)
    except printing.Unwritable as error:
        return _unwritable(error.cause)
    return code


def _monitor(address: Address | None, config: Config, *, read_only: bool) -> int:
    if lack := lack_of_terminal():
        instead = "without one use `wa-tui --daemon`, `wa-tui status` or `wa-tui logs`"
        return _complain(f"the monitor needs {lack}; {instead}", exits.USAGE)
    from . import monitor

    return monitor.run(address, config, read_only=read_only)


def _command(address: Address, arguments: argparse.Namespace, *, read_only: bool) -> int:
    """Run a verb that asks a daemon."""
    import asyncio

    from wa_tui.client import Client, DaemonError, DaemonGone, Unauthorised

    from . import printing
    from .errors import CommandError

    printing.prepare()

    async def run() -> int:
        client = Client(address, read_only=read_only)
        try:
            code: int = await function(arguments.command)(client, arguments)
        finally:
            await client.close()
        return code

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


def _ui(ui: Ui, arguments: argparse.Namespace) -> Ui:
    """Return how the monitor is to look: the command line wins over the configuration."""
    return replace(
        ui,
        theme=arguments.theme or ui.theme,
        ascii=arguments.ascii or ui.ascii,
        mouse=ui.mouse and not arguments.no_mouse,
        view=arguments.view or ui.view,
    )


def _complain(what: object, code: int) -> int:
    from .printing import complain

    complain(f"wa-tui: {what}")
    return code
