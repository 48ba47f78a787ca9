"""The command line: arguments and help texts."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from wa_tui import __version__

_DESCRIPTION = """\
A monitor for WhatsApp gateways: every session of every gateway live, which of them really work, why the
others do not, and one key to repair them. Without arguments it opens the monitor on the daemon of this
state directory, and starts one when none runs."""

_EPILOG = """\
examples:
  wa-tui                              the monitor
  wa-tui node install && wa-tui up    no Node service yet: install the bundled one, and run it with the monitor
  wa-tui --demo                       the monitor on a simulated fleet; nothing to set up
  wa-tui --daemon                     only receive, sync and restore, in the foreground (systemd, containers)
  wa-tui --attach https://ops:8000    the monitor on a daemon elsewhere (WA_TUI_API_KEY)
  wa-tui status || page-someone       one line of shell that watches
  wa-tui sessions --json | jq -r '.[] | select(.condition != "connected") | .session_id'
  wa-tui reconnect billing_1 eu-2/user_7_instance_3f9c
  wa-tui logs -f --session billing_1

exit codes:
  0    done (status: all is well)
  1    failed (status: something needs a person)
  2    a wrong argument or configuration; nothing was done
  3    no daemon answers
  4    --daemon: another daemon runs on this state directory
  130  ended by Ctrl-C

environment (wins over the configuration file):
  NODE_SERVICE_URL, NODE_SERVICE_API_KEY   the gateway "default" (http://localhost:3000) and its key
  WA_TUI_CONFIG      the configuration file (~/.config/wa_tui/config.toml)
  WA_TUI_STATE_DIR   database, keys, socket and log (~/.local/state/wa_tui)
  WA_TUI_SOCKET      the daemon's socket (wa_tui.sock in the state directory)
  WA_TUI_LISTEN      where webhooks come in (127.0.0.1:8000)
  WA_TUI_API_KEY     the key of the daemon's API over TCP, served or attached to
  WA_TUI_READ_ONLY   1: refuse all but safe actions
  WA_TUI_TITLE       names this installation on the screen (prod)
  WA_TUI_{HEALTH,LIST_SYNC,STATUS_SYNC,QR_EXPIRY,CLEANUP}_INTERVAL   seconds between the daemon's jobs
  NO_COLOR           no colours
"""

HERE = ("up", "node")
"""The commands that need no daemon."""

_SESSION = "session_id, or gateway/session_id where two gateways have it"


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line; prints help, version or a usage error (exit 2) and raises `SystemExit` on its own."""
    parser = build()
    arguments = parser.parse_args(argv)
    if arguments.command in HERE:
        _refuse_elsewhere(parser, arguments)
    if arguments.command is not None and (arguments.daemon or arguments.demo):
        parser.error(f"{arguments.command} asks a running daemon: leave out --daemon and --demo")
    if arguments.attach is not None and (arguments.daemon or arguments.demo):
        parser.error("--attach uses a daemon that runs: leave out --daemon and --demo")
    for option in ("owner_fd", "with_node"):
        if getattr(arguments, option) not in (None, False) and (not arguments.daemon or arguments.demo):
            parser.error(f"--{option.replace('_', '-')} belongs to --daemon")
    return arguments


def _refuse_elsewhere(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    if arguments.daemon:
        parser.error(
            f"{arguments.command} and --daemon: `wa-tui --daemon --with-node` runs both without a screen"
        )
    if arguments.demo:
        parser.error(f"{arguments.command} is no demo: leave out --demo")
    if arguments.attach is not None:
        parser.error(f"{arguments.command} works on this machine: leave out --attach")


def build() -> argparse.ArgumentParser:
    """Return the parser of ``wa-tui``."""
    parser = argparse.ArgumentParser(
        prog="wa-tui",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"wa-tui {__version__}")
    parser.add_argument("--daemon", action="store_true", help="run without a screen, in the foreground")
    parser.add_argument("--demo", action="store_true", help="on a simulated fleet; --demo --daemon: headless")
    parser.add_argument("--with-node", action="store_true", help="--daemon: run the bundled Node service too")
    parser.add_argument("--owner-fd", type=int, help=argparse.SUPPRESS)
    _add_common(parser, default=None)
    commands = parser.add_subparsers(dest="command", title="commands", metavar="COMMAND")
    _add_reading(commands)
    _add_acting(commands)
    _add_node(commands)
    return parser


def _add_reading(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    _command(
        commands,
        "status",
        "the daemon, its gateways and the fleet in numbers; exit 1 when something needs a person",
    )
    _command(commands, "sessions", "every session, trouble first")
    logs = _command(
        commands, "logs", "what happened: transitions, attempts, actions and anomalies", json="JSON lines"
    )
    logs.add_argument("-f", "--follow", action="store_true", help="go on as it happens, until Ctrl-C")
    logs.add_argument("-n", type=_count, default=50, metavar="N", help="begin with the last N (50)")
    logs.add_argument("--session", metavar="ID", help=f"of one session: {_SESSION}")


def _add_acting(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    reconnect = _command(
        commands,
        "reconnect",
        "stop and start sessions and wait for the outcome; exit 1 unless a check proved each connected",
    )
    reconnect.add_argument("ids", nargs="+", metavar="ID", help=_SESSION)
    reconnect.add_argument("--yes", action="store_true", help="do not ask, not even for one that works")
    send = _command(
        commands, "send", "send a text message from a session; never tried twice, an unknown outcome exits 1"
    )
    send.add_argument("id", metavar="ID", help=_SESSION)
    send.add_argument("recipient", metavar="RECIPIENT", help="digits with the country code, or a WhatsApp id")
    send.add_argument("text", metavar="TEXT", type=_text, help="the message")
    sync = _command(commands, "sync", "check every wanted session now, of one gateway or all")
    sync.add_argument("gateway", nargs="?", metavar="GATEWAY", help="only this gateway's sessions")


def _add_node(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    what = "the monitor and the bundled Node service; installs that first where it is missing"
    _add_local(commands.add_parser("up", help=what, description=_UP), default=argparse.SUPPRESS)
    what = "the bundled Node service alone: install it, or run it in the foreground"
    node = commands.add_parser("node", help=what, description=f"{what[0].upper()}{what[1:]}.")
    actions = node.add_subparsers(dest="node_command", required=True, metavar="install|run")
    for name, text, description in (
        ("install", "put it into the data directory, with npm; nothing is done when it is there", _INSTALL),
        ("run", "run it as the gateway `default`, in the foreground", _RUN),
    ):
        _add_local(actions.add_parser(name, help=text, description=description), default=argparse.SUPPRESS)


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


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, what: str, *, json: str = "JSON"
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=what, description=f"{what[0].upper()}{what[1:]}.")
    parser.add_argument("--json", action="store_true", help=f"print {json}, times in UTC")
    _add_common(parser, default=argparse.SUPPRESS)
    return parser


def _add_common(parser: argparse.ArgumentParser, default: str | None) -> None:
    """Options before or after a command; after it they must not reset what was said before."""
    parser.add_argument(
        "--attach",
        metavar="ADDR",
        default=default,
        help="a daemon elsewhere: https://host:8000, host:8000 or the path of a socket",
    )
    _add_local(parser, default)


def _add_local(parser: argparse.ArgumentParser, default: str | None) -> None:
    parser.add_argument("--config", metavar="FILE", type=Path, default=default, help="the configuration file")
    parser.add_argument(
        "--read-only",
        action="store_true",
        default=default or False,
        help="refuse all but safe actions from here",
    )


def _checked(check: Callable[[str], bool], words: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if not check(value):
            raise argparse.ArgumentTypeError(words)
        return value

    return read


_text = _checked(lambda value: bool(value.strip()), "the message is empty")


def _count(value: str) -> int:
    if not value.isdecimal():
        raise argparse.ArgumentTypeError(f'"{value}" is not a number of lines')
    return int(value)
