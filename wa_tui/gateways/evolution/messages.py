"""What Evolution API's webhooks about messages are counted as.

The ``status`` of a message that was just sent is not what became of it: of that `UPDATE` alone tells. Histories that
are taken over after a pairing come as events of their own, and are not counted.
"""

from __future__ import annotations

from collections.abc import Iterator

from wa_tui.model.traffic import Message

from ..reading import plain
from ..reading.traffic import STATUS_CHAT, acked, written
from .bodies import Body, Data, Key, Update

UPDATE = "messages.update"
COUNTED = frozenset({"messages.upsert", "send.message", UPDATE})

_NO_MESSAGES = frozenset(
    {
        "editedMessage",
        "encReactionMessage",
        "keepInChatMessage",
        "pinInChatMessage",
        "pollUpdateMessage",
        "protocolMessage",
        "reactionMessage",
        "senderKeyDistributionMessage",
    }
)
"""Types that are about another message, or keep the encryption going."""

_LEVELS: dict[object, int] = {"ERROR": -1, "SERVER_ACK": 1, "DELIVERY_ACK": 2, "READ": 3, "PLAYED": 4}
"""WhatsApp Web's levels of its engine's words; its engine's numbers are one more each."""


def messages(event: str, name: str, body: Body) -> tuple[Message, ...]:
    """Return what a body of an event that is counted tells of an instance's messages; some hold a list of them."""
    rows = body.data if isinstance(body.data, list) else [body.data]
    return tuple([message for row in rows if isinstance(row, Data) for message in _of(event, name, row)])


def _of(event: str, name: str, row: Data) -> Iterator[Message]:
    key = row.key if isinstance(row.key, Key) else Key()
    id, chat = key.id or row.key_id or row.id, key.remote_jid or row.remote_jid
    ours = plain.flag(row.from_me if key.from_me is None else key.from_me)
    if chat == STATUS_CHAT or ours is None:
        return
    if event != UPDATE:
        if not (isinstance(row.message_type, str) and row.message_type in _NO_MESSAGES):
            yield from written(name, id, ours=ours, at=row.message_timestamp)
    elif ours and row.message is None and row.poll_updates is None:
        # An edit and a vote have no status, for which it says that the server has it.
        yield from acked(name, id, _level(row))


def _level(row: Data) -> int | None:
    status = row.update.status if isinstance(row.update, Update) else row.status
    if isinstance(status, str):
        return _LEVELS.get(status)
    number = plain.integer(status)
    return None if number is None else number - 1
