"""What the verbs take that change something."""

from __future__ import annotations

import argparse

from wa_tui.text.durations import minutes_of

from ..command import Command
from ..options import SESSION, checked

_FIRST_WEBHOOK_S = 20
"""Seconds that a first webhook is waited for, if not said otherwise."""


def _add_jobs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "run", nargs="?", choices=["run"], metavar="run", help="run a job now, and wait for it"
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="run: the job, as `jobs` lists it")
    parser.add_argument(
        "gateway",
        nargs="?",
        metavar="GATEWAY",
        help="run: at this gateway, where each has its own; else at all",
    )


def _check_jobs(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    if arguments.run and not arguments.name:
        parser.error("jobs run: which one? `wa-tui jobs` lists them")


def _add_gateways(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "setup", nargs="?", choices=["setup"], metavar="setup", help="have a gateway post its webhooks here"
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="setup: the gateway")
    parser.add_argument("--url", help="setup: where it reaches the daemon, as http://10.0.0.5:8000")
    parser.add_argument("--yes", action="store_true", help="setup: set it, not only show what would be set")
    parser.add_argument(
        "--wait",
        type=int,
        default=_FIRST_WEBHOOK_S,
        metavar="SECONDS",
        help=f"setup: how long to wait for a first webhook ({_FIRST_WEBHOOK_S})",
    )


def _check_gateways(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    if arguments.setup and not arguments.name:
        parser.error("gateways setup: which one? `wa-tui gateways` lists them")
    if not arguments.setup and (arguments.yes or arguments.url):
        parser.error(f"--{'yes' if arguments.yes else 'url'} belongs to gateways setup")


SCOPES = ("webhook", "read", "operate", "admin")
"""What ``--scope`` takes."""


def _add_api_keys(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what",
        nargs="?",
        choices=["create", "list", "revoke"],
        default="list",
        metavar="create|list|revoke",
        help="make a key, list all, or have one open nothing any more; list where nothing is said",
    )
    parser.add_argument(
        "name", nargs="?", metavar="NAME", help="create, revoke: who the key is, in the audit"
    )
    parser.add_argument(
        "--scope",
        action="append",
        choices=SCOPES,
        help="create: what it is for, as often as there is more: webhook (posts as a gateway), read, operate (acts, "
        "and reads), admin (keys too); read without one",
    )
    parser.add_argument(
        "--gateway",
        action="append",
        metavar="GATEWAY",
        help="create: the gateway it is for, as often as there are some; else all",
    )
    parser.add_argument("--user", metavar="USER", help="create: the user whose sessions it is for; else all")


def _check_api_keys(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    if arguments.what != "list" and not arguments.name:
        parser.error(f"api-keys {arguments.what}: which one? give it a NAME")
    if arguments.what == "list" and arguments.name:
        parser.error("api-keys list takes no NAME")
    if arguments.what != "create":
        for option in ("scope", "gateway", "user"):
            if getattr(arguments, option):
                parser.error(f"--{option} belongs to api-keys create")


def _add_sync(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("gateway", nargs="?", metavar="GATEWAY", help="only this gateway's sessions")


def _add_ids(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ids", nargs="+", metavar="ID", help=SESSION)


def _add_interrupted(parser: argparse.ArgumentParser) -> None:
    _add_ids(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask, not even for one that works")


def _add_deleted(parser: argparse.ArgumentParser) -> None:
    _add_ids(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask")


def _add_new(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--user", metavar="USER", help="whose it is: the id of the user; the contract's gateways need it"
    )
    parser.add_argument("--name", metavar="NAME", help="its instance name, unique for its user")
    parser.add_argument("--gateway", metavar="GATEWAY", help="where, if there is more than one")
    parser.add_argument("--id", metavar="ID", help="its session id; without it one is made of the user's")


def _check_new(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """Want what the session can be called by."""
    if arguments.user is None and arguments.id is None:
        parser.error("new: give --user, or --id where a gateway's sessions need no user")


_name = checked(lambda value: bool(value.strip()), "it is empty")


def _add_id(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help=SESSION)


def _add_rename(parser: argparse.ArgumentParser) -> None:
    _add_id(parser)
    parser.add_argument("name", metavar="NAME", type=_name, help="at most 100 characters")


def _add_adopt(parser: argparse.ArgumentParser) -> None:
    _add_id(parser)
    parser.add_argument("--name", metavar="NAME", type=_name, help="another instance name")


def _add_pairing_code(parser: argparse.ArgumentParser) -> None:
    _add_id(parser)
    parser.add_argument("phone", metavar="PHONE", help="the account's number with its country code")


MEDIA_TYPES = ("image", "video", "audio", "document")
"""What ``--type`` takes."""


def _add_send(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "given",
        nargs="+",
        metavar="ID RECIPIENT TEXT",
        help=f"ID: {SESSION}; RECIPIENT: a phone number with its country code, or a WhatsApp id; TEXT: the message",
    )
    parser.add_argument("--user", metavar="USER", help="through this user's sessions, instead of through ID")
    parser.add_argument(
        "--fallback", action="store_true", help="with ID: through its user's other sessions if it cannot send"
    )
    parser.add_argument("--media", metavar="URL", help="a file instead of a text, which the gateway fetches")
    parser.add_argument(
        "--type", choices=MEDIA_TYPES, default="image", help="what the file is (image); --media only"
    )
    parser.add_argument("--caption", metavar="TEXT", help="a text under the file; --media only")


def _check_send(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """Tell ID, RECIPIENT and TEXT apart: with --user there is no ID, with --media no TEXT."""
    names = [
        *([] if arguments.user is not None else ["ID"]),
        "RECIPIENT",
        *([] if arguments.media is not None else ["TEXT"]),
    ]
    if len(arguments.given) != len(names):
        parser.error(
            f"send takes {' '.join(names)} here, not {len(arguments.given)} words; quote a text that has spaces"
        )
    given = dict(zip(names, arguments.given, strict=True))
    arguments.id, arguments.recipient = given.get("ID"), given["RECIPIENT"]
    arguments.text = given.get("TEXT")
    if arguments.text is not None and not arguments.text.strip():
        parser.error("send: the message is empty")
    if arguments.caption is not None and arguments.media is None:
        parser.error("send: --caption goes with --media")
    if arguments.fallback and arguments.user is not None:
        parser.error("send: --user already uses every session of the user; leave out --fallback")


def _add_quieted(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ids", nargs="*", metavar="ID", help=f"a gateway's name, or {SESSION}")
    parser.add_argument(
        "--gateway",
        action="append",
        default=[],
        metavar="GATEWAY",
        help="a gateway whose name a session has for its id too",
    )


def _add_snooze(parser: argparse.ArgumentParser) -> None:
    _add_quieted(parser)
    ends = parser.add_mutually_exclusive_group()
    ends.add_argument("--for", dest="minutes", type=_minutes, metavar="TIME", help="30m, 2h or 1d (2h)")
    ends.add_argument("--end", dest="minutes", action="store_const", const=0, help="let them call again")


def _add_ack(parser: argparse.ArgumentParser) -> None:
    _add_quieted(parser)
    parser.add_argument("--undo", action="store_true", help="take that back")


def _check_snooze(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    if not (arguments.ids or arguments.gateway):
        parser.error(f"{arguments.command}: which session or gateway?")


def _minutes(value: str) -> int:
    from wa_tui.wire import LONGEST_SNOOZE  # here: the help of all verbs is shown without it, at once

    try:
        minutes = minutes_of(value)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    if minutes > LONGEST_SNOOZE:
        raise argparse.ArgumentTypeError(f"{value} is longer than anything may be snoozed: 7d at most")
    return minutes


_COVERED = (
    "A gateway covers its sessions for what is its own trouble; what breaks for another reason still calls."
)


CHANGING: dict[str, Command] = {
    "jobs": Command(add=_add_jobs, check=_check_jobs),
    "gateways": Command(add=_add_gateways, check=_check_gateways),
    "api-keys": Command(
        add=_add_api_keys,
        check=_check_api_keys,
        usage="wa-tui api-keys [list | create NAME [--scope SCOPE]... [--gateway GATEWAY]... [--user USER] | "
        "revoke NAME] [options]",
        more="A key is shown once, when it is made; to rotate one, make another, then revoke it. Each works, or "
        "works no more, at once.",
    ),
    "sync": Command(add=_add_sync),
    "reconnect": Command(add=_add_interrupted),
    "restart": Command(
        add=_add_interrupted,
        more="One that holds no client of a session starts it; where a gateway has no restart, reconnect instead.",
    ),
    "disconnect": Command(add=_add_interrupted),
    "logout": Command(add=_add_deleted),
    "delete": Command(
        add=_add_deleted,
        more="A client that goes on running all the same is shown again, to be adopted or disconnected.",
    ),
    "new": Command(add=_add_new, check=_check_new),
    "primary": Command(add=_add_id),
    "rename": Command(add=_add_rename),
    "adopt": Command(add=_add_adopt),
    "pairing-code": Command(add=_add_pairing_code),
    "send": Command(
        add=_add_send,
        check=_check_send,
        usage="wa-tui send [ID | --user USER] RECIPIENT [TEXT | --media URL] [options]",
        more="Through a session alone, or with --user through that user's sessions: the primary first, then the "
        "least recently used; only what failed before it was sent is tried through the next.",
    ),
    "snooze": Command(add=_add_snooze, check=_check_snooze, more=_COVERED),
    "ack": Command(add=_add_ack, check=_check_snooze, more=_COVERED),
}
