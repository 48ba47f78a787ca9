"""``send``: one message, through a session or through a user's."""

from __future__ import annotations

import argparse

from wa_tui.client import Client
from wa_tui.wire import ActionRequest

from . import asking
from .command import Command
from .options import SESSION
from .targets import find_one, full_id

MEDIA_TYPES = ("image", "video", "audio", "document")
"""What ``--type`` takes."""


async def send(client: Client, arguments: argparse.Namespace) -> int:
    """Send one message; exit 1 unless the gateway said that it was sent."""
    session = None if arguments.id is None else await find_one(client, arguments.id)
    media = arguments.media is not None
    request = ActionRequest(
        action="send_media" if media else "send",
        gateway=session.gateway if session is not None else None,
        session_id=session.session_id if session is not None else None,
        user_id=arguments.user,
        recipient=arguments.recipient,
        message=arguments.text,
        media_url=arguments.media,
        media_type=arguments.type if media else None,
        caption=arguments.caption,
        fallback=arguments.fallback,
    )
    subject = full_id(session) if session is not None else f"user {arguments.user}"
    return await asking.one(client, arguments, request, subject)


def _add(parser: argparse.ArgumentParser) -> None:
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


def _check(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
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


COMMANDS = {
    "send": Command(
        send,
        add=_add,
        check=_check,
        usage="wa-tui send [ID | --user USER] RECIPIENT [TEXT | --media URL] [options]",
        more="Through a session alone, or with --user through that user's sessions: the primary first, then the "
        "least recently used; only what failed before it was sent is tried through the next.",
    )
}
