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
from .printing import complain, say
from .streams import lack_of_terminal


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
