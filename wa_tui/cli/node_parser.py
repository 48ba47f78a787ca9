"""``up`` and ``node``: the bundled Node service."""

from __future__ import annotations

import argparse

from .options import Commands, add_local
from .texts import INSTALL, RUN, UP


def add_node(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add ``up``, ``node install`` and ``node run``."""
    what = "the monitor and the bundled Node service; installs that first where it is missing"
    add_local(commands.add_parser("up", help=what, description=UP), default=argparse.SUPPRESS)
    what = "the bundled Node service alone: install it, or run it in the foreground"
    node = commands.add_parser("node", help=what, description=f"{what[0].upper()}{what[1:]}.")
    actions = node.add_subparsers(dest="node_command", required=True, metavar="install|run")
    for name, text, description in (
        ("install", "put it into the data directory, with npm; nothing is done when it is there", INSTALL),
        ("run", "run it as the gateway `default`, in the foreground", RUN),
    ):
        add_local(actions.add_parser(name, help=text, description=description), default=argparse.SUPPRESS)
