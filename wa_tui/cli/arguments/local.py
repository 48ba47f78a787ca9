"""What the verbs take that ask no daemon."""

from __future__ import annotations

import argparse

from ..command import Local
from ..options import add_local

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


def _add_node(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="node_command", required=True, metavar="install|run")
    for name, what, description in (
        ("install", "put it into the data directory, with npm; nothing is done when it is there", _INSTALL),
        ("run", "run it as the gateway `default`, in the foreground", _RUN),
    ):
        add_local(actions.add_parser(name, help=what, description=description), default=argparse.SUPPRESS)


def _add_keys(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON")


LOCAL: dict[str, Local] = {
    "up": Local(description=_UP),
    "node": Local(add=_add_node, common=False),
    "keys": Local(add=_add_keys),
}
