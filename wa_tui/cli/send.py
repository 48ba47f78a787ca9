"""``send``: one message, through a session or through a user's."""

from __future__ import annotations

import argparse

from wa_tui.client import Client
from wa_tui.wire import ActionRequest

from . import asking
from .targets import find_one, full_id


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
