"""What a webhook about a message is counted as: of the message its id alone leaves here, without the numbers in it."""

from __future__ import annotations

from typing import Any

import msgspec

from wa_tui.model.traffic import Flow, Message

from . import plain
from .shapes import Other

STATUS_CHAT = "status@broadcast"
"""Where status updates are posted, which disappear after a day: nobody calls them messages."""

_REACHED: dict[int | None, tuple[Flow, ...]] = {
    -1: (Flow.FAILED,),
    1: (Flow.ACKED,),
    2: (Flow.ACKED, Flow.DELIVERED),
    3: (Flow.ACKED, Flow.DELIVERED, Flow.READ),
    4: (Flow.ACKED, Flow.DELIVERED, Flow.READ),
}
"""What an acknowledgement's level means in WhatsApp Web, those below it included: they may never be told."""

_OURS = {"true": True, "false": False}
"""How an id of WhatsApp Web begins."""

_STATUS_IDS = tuple(f"{beginning}_{STATUS_CHAT}_" for beginning in _OURS)

_NO_MESSAGES = frozenset(
    {
        "broadcast_notification",
        "call_log",
        "debug",
        "e2e_notification",
        "gp2",
        "group_notification",
        "newsletter_notification",
        "notification",
        "notification_template",
        "pin_message",
        "poll_update",
        "protocol",
        "reaction",
        "revoked",
    }
)
"""Types of WhatsApp Web that stand in a chat and are no messages: nobody wrote them, or they are about another one."""


class Key(msgspec.Struct, frozen=True, gc=False, rename={"from_me": "fromMe", "serialized": "_serialized"}):
    """A message's id as the libraries in a browser have it: an object, which others write as its text."""

    id: Any = None
    from_me: Any = None
    remote: Any = None
    serialized: Any = None


def bare_id(key: Key | Other) -> str | None:
    """Return an id without the chat's number, which WhatsApp Web puts before it, and a group's writer, after it."""
    if isinstance(key, Key):
        return plain.name(key.id) or bare_id(key.serialized)
    found = plain.name(key)
    parts = found.split("_", 3) if found is not None else []
    return parts[2] if len(parts) > 2 and parts[0] in _OURS else found


def is_ours(from_me: object, key: Key | Other = None) -> bool | None:
    """Tell whether the account wrote a message, by a field that says so, or by its id; ``None``: neither does."""
    found = plain.flag(from_me)
    if found is not None:
        return found
    if isinstance(key, Key):
        return is_ours(key.from_me, key.serialized)
    return _OURS.get(key.partition("_")[0]) if isinstance(key, str) else None


def is_message(key: Key | Other, type: object, *chats: object) -> bool:
    """Tell whether that is a message in a chat, by WhatsApp Web's type of it and by where it was written."""
    if STATUS_CHAT in chats or (isinstance(type, str) and type in _NO_MESSAGES):
        return False
    if isinstance(key, Key):
        return bool(key.remote != STATUS_CHAT)
    return not (isinstance(key, str) and key.startswith(_STATUS_IDS))


def written(
    session_id: str, key: Key | Other, *, ours: bool, at: object = None, ack: object = None
) -> tuple[Message, ...]:
    """Return a message that was written, and how far it came by then where it is ours."""
    flow = Flow.SENT if ours else Flow.RECEIVED
    first = Message(session_id, flow, plain.instant(at), bare_id(key))
    return (first, *acked(session_id, key, ack)) if ours else (first,)


def acked(session_id: str, key: Key | Other, ack: object, at: object = None) -> tuple[Message, ...]:
    """Return how far a message of ours came, by a level of WhatsApp Web; nothing where that says nothing."""
    flows = _REACHED.get(-1 if ack in (-1, "-1") else plain.integer(ack), ())
    if not flows:
        return ()
    id, when = bare_id(key), plain.instant(at)
    return tuple([Message(session_id, flow, when, id) for flow in flows])
