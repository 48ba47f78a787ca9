"""``node install``, ``node run``, ``up``: the bundled Node service, on this machine."""

from __future__ import annotations

import argparse
import asyncio
import os
import socket

from wa_tui.client import Client, DaemonError, Unix
from wa_tui.config import Config, ensure_state_dir
from wa_tui.node.errors import NodeError
from wa_tui.node.installing import Installation
from wa_tui.node.leftovers import marked
from wa_tui.node.requirements import Tools, find_tools
from wa_tui.node.service import Service, run_in_foreground, service_for
from wa_tui.node.supervising import mark_of

from . import exits
from .command import Local
from .options import add_local
from .printing import complain, say
from .streams import lack_of_terminal

_UP = """\
The monitor, and under its daemon the bundled Node service as the gateway `default`: started again when it ends,
ended with the daemon, its lines in the log pane and in node.log of the state directory. In the monitor `n` makes a
session and shows its QR code."""

_INSTALL = """\
Puts the bundled Node service into the data directory ($XDG_DATA_HOME/wa_tui/node_service, else
~/.local/share/wa_tui/node_service) and its dependencies with npm. Needs Node 20 or newer, npm, and Chromium or Google
Chrome (PUPPETEER_EXECUTABLE_PATH names one that is not on PATH)."""

_RUN = """\
Runs the bundled Node service in the foreground, as the gateway `default` of this configuration: its port, its key and
the daemon it reports to. Its own variables (CHROMIUM_ARGS, MAX_CONCURRENT_SESSIONS, RESTORE_CONCURRENCY,
WWEBJS_DATA_PATH …) are handed on; credentials are in wwebjs in the state directory. Run the daemon or the monitor
beside it."""


def up(config: Config, arguments: argparse.Namespace) -> int:
    """Run the monitor, and the service under its daemon."""
    if lack := lack_of_terminal():
        complain(f"wa-tui: up needs {lack}; without one use `wa-tui --daemon --with-node`")
        return exits.USAGE
    _prepare_up(config)
    from . import monitor  # here: `node` does without what draws

    return monitor.run(None, config, read_only=arguments.read_only or config.read_only, with_node=True)


def node(config: Config, arguments: argparse.Namespace) -> int:
    """Install the service, or become it, installed first where it is missing."""
    if arguments.node_command == "install":
        Installation(os.environ).install(find_tools(os.environ, npm=True), say)
    else:
        service = _prepare(config)
        _refuse_held(service.port)
        say(f"Running the Node service on port {service.port}; Ctrl-C ends it")
        run_in_foreground(service)
    return exits.OK


def _prepare_up(config: Config) -> None:
    """See that ``up`` can work: all is installed, and nobody is in its place. Raises `NodeError`."""
    service = _prepare(config)
    if config.socket.exists() and (runs_node := asyncio.run(_runs_node(config))) is not None:
        if runs_node:
            return
        raise NodeError(
            f"a daemon without the Node service runs on {config.state_dir}: end it first, or leave it and use "
            "`wa-tui node run` in one terminal and `wa-tui` in another"
        )
    # One that an earlier daemon left is ended by the next.
    if not marked(mark_of(ensure_state_dir(config))):
        _refuse_held(service.port)


def _prepare(config: Config) -> Service:
    installation = Installation(os.environ)
    tools: Tools
    if installation.current:
        tools = find_tools(os.environ, npm=False)
    else:
        state = "not the one of this wa-tui" if installation.there else "not installed yet"
        tools = find_tools(os.environ, npm=True)
        say(f"The Node service is {state}: installing it")
        installation.install(tools, say)
    return service_for(config, os.environ, tools, installation.directory)


async def _runs_node(config: Config) -> bool | None:
    """Ask the daemon of this state directory whether it runs the service; ``None`` when none answers."""
    client = Client(Unix(config.socket))
    try:
        return (await client.status()).daemon.runs_node
    except DaemonError:
        return None
    finally:
        await client.close()


def _refuse_held(port: int) -> None:
    with socket.socket() as probe:
        probe.settimeout(1.0)
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise NodeError(
                f"port {port} is held by another program: when it is your Node service, `wa-tui` alone watches it; "
                "else set NODE_SERVICE_URL to another port, as http://localhost:3001"
            )


def _add_node(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="node_command", required=True, metavar="install|run")
    for name, what, description in (
        ("install", "put it into the data directory, with npm; nothing is done when it is there", _INSTALL),
        ("run", "run it as the gateway `default`, in the foreground", _RUN),
    ):
        add_local(actions.add_parser(name, help=what, description=description), default=argparse.SUPPRESS)


COMMANDS = {"up": Local(up, description=_UP), "node": Local(node, add=_add_node, common=False)}
