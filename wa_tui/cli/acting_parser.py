"""The commands that do something: each waits for the outcome."""

from __future__ import annotations

import argparse

from wa_tui.text.durations import minutes_of

from .options import SESSION, Commands, checked, command

MEDIA_TYPES = ("image", "video", "audio", "document")
"""What ``send --type`` takes."""

_COVERED = (
    "A gateway covers its sessions for what is its own trouble; what breaks for another reason still calls."
)
_YES = "do not ask, not even for one that works"

text = checked(lambda value: bool(value.strip()), "it is empty")


def add_acting(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add every command that asks for an action."""
    _add_lifecycle(commands)
    _add_sending(commands)
    _add_naming(commands)
    _add_quieting(commands)
    sync = command(commands, "sync", "check every wanted session now, of one gateway or all")
    sync.add_argument("gateway", nargs="?", metavar="GATEWAY", help="only this gateway's sessions")


def check(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """Refuse what argparse alone lets through; exits 2."""
    if arguments.command == "send":
        _check_send(parser, arguments)
    if arguments.command in ("snooze", "ack") and not (arguments.ids or arguments.gateway):
        parser.error(f"{arguments.command}: which session or gateway?")
    if arguments.command == "jobs" and arguments.run and not arguments.name:
        parser.error("jobs run: which one? `wa-tui jobs` lists them")


def _add_lifecycle(commands: Commands[argparse.ArgumentParser]) -> None:
    reconnect = command(
        commands,
        "reconnect",
        "stop and start sessions and wait for the outcome; exit 1 unless a check proved each connected",
    )
    _add_ids(reconnect, _YES)
    disconnect = command(
        commands,
        "disconnect",
        "stop sessions and keep them stopped; their credentials stay on the gateway, `reconnect` takes them up",
    )
    _add_ids(disconnect, _YES)
    delete = command(
        commands,
        "delete",
        "stop sessions and forget them; asks first, their credentials stay on the gateway",
        more="A client that goes on running all the same is shown again, to be adopted or disconnected.",
    )
    _add_ids(delete, "do not ask")
    new = command(
        commands, "new", "make a session and start it, up to its QR code; `wa-tui` shows that with o"
    )
    new.add_argument("--user", required=True, metavar="USER", help="whose it is: the id of the user")
    new.add_argument("--name", metavar="NAME", help="its instance name, unique for its user")
    new.add_argument("--gateway", metavar="GATEWAY", help="where, if there is more than one")
    new.add_argument("--id", metavar="ID", help="its session id; one is made where none is given")
    code = command(
        commands,
        "pairing-code",
        "a code to type on the phone instead of scanning, where the gateway makes them; shown once, kept nowhere",
    )
    code.add_argument("id", metavar="ID", help=SESSION)
    code.add_argument("phone", metavar="PHONE", help="the account's number with its country code")


def _add_sending(commands: Commands[argparse.ArgumentParser]) -> None:
    send = command(
        commands,
        "send",
        "send a text or a file; never sent twice, an unknown outcome exits 1",
        usage="wa-tui send [ID | --user USER] RECIPIENT [TEXT | --media URL] [options]",
        more="Through a session alone, or with --user through that user's sessions: the primary first, then the "
        "least recently used; only what failed before it was sent is tried through the next.",
    )
    send.add_argument(
        "words",
        nargs="+",
        metavar="ID RECIPIENT TEXT",
        help=f"ID: {SESSION}; RECIPIENT: a phone number with its country code, or a WhatsApp id; TEXT: the message",
    )
    send.add_argument("--user", metavar="USER", help="through this user's sessions, instead of through ID")
    send.add_argument(
        "--fallback", action="store_true", help="with ID: through its user's other sessions if it cannot send"
    )
    send.add_argument("--media", metavar="URL", help="a file instead of a text, which the gateway fetches")
    send.add_argument(
        "--type", choices=MEDIA_TYPES, default="image", help="what the file is (image); --media only"
    )
    send.add_argument("--caption", metavar="TEXT", help="a text under the file; --media only")


def _check_send(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """Tell ID, RECIPIENT and TEXT apart: with --user there is no ID, with --media no TEXT."""
    names = [
        *([] if arguments.user is not None else ["ID"]),
        "RECIPIENT",
        *([] if arguments.media is not None else ["TEXT"]),
    ]
    words = arguments.words
    if len(words) != len(names):
        parser.error(
            f"send takes {' '.join(names)} here, not {len(words)} words; quote a text that has spaces"
        )
    given = dict(zip(names, words, strict=True))
    arguments.id, arguments.recipient = given.get("ID"), given["RECIPIENT"]
    arguments.text = given.get("TEXT")
    if arguments.text is not None and not arguments.text.strip():
        parser.error("send: the message is empty")
    if arguments.caption is not None and arguments.media is None:
        parser.error("send: --caption goes with --media")
    if arguments.fallback and arguments.user is not None:
        parser.error("send: --user already uses every session of the user; leave out --fallback")


def _add_naming(commands: Commands[argparse.ArgumentParser]) -> None:
    primary = command(
        commands, "primary", "make a session its user's primary: what is sent for them goes first there"
    )
    primary.add_argument("id", metavar="ID", help=SESSION)
    rename = command(commands, "rename", "give a session another instance name, unique for its user")
    rename.add_argument("id", metavar="ID", help=SESSION)
    rename.add_argument("name", metavar="NAME", type=text, help="at most 100 characters")
    adopt = command(
        commands,
        "adopt",
        "take a deleted session back whose client its gateway still runs (`disconnect` ends it)",
    )
    adopt.add_argument("id", metavar="ID", help=SESSION)
    adopt.add_argument("--name", metavar="NAME", type=text, help="another instance name")


def _add_quieting(commands: Commands[argparse.ArgumentParser]) -> None:
    snooze = command(
        commands,
        "snooze",
        "let sessions or gateways call nobody for a while; they are healed all the same",
        more=_COVERED,
    )
    _add_quieted(snooze)
    ends = snooze.add_mutually_exclusive_group()
    ends.add_argument("--for", dest="minutes", type=_minutes, metavar="TIME", help="30m, 2h or 1d (2h)")
    ends.add_argument("--end", dest="minutes", action="store_const", const=0, help="let them call again")
    ack = command(
        commands,
        "ack",
        "say that you take care of sessions or gateways: they call nobody until they are well again",
        more=_COVERED,
    )
    _add_quieted(ack)
    ack.add_argument("--undo", action="store_true", help="take that back")


def _add_quieted(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ids", nargs="*", metavar="ID", help=f"a gateway's name, or {SESSION}")
    parser.add_argument(
        "--gateway",
        action="append",
        default=[],
        metavar="GATEWAY",
        help="a gateway whose name a session has for its id too",
    )


def _add_ids(parser: argparse.ArgumentParser, yes: str | None = None) -> None:
    parser.add_argument("ids", nargs="+", metavar="ID", help=SESSION)
    if yes is not None:
        parser.add_argument("--yes", action="store_true", help=yes)


def _minutes(value: str) -> int:
    from wa_tui.wire import LONGEST_SNOOZE  # here: the help is shown without it, at once

    try:
        minutes = minutes_of(value)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    if minutes > LONGEST_SNOOZE:
        raise argparse.ArgumentTypeError(f"{value} is longer than anything may be snoozed: 7d at most")
    return minutes
