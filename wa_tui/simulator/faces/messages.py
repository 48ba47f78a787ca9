"""What each kind posts of a message, and of what became of it: the event, and what is in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from wa_tui.simulator.gateway import iso
from wa_tui.simulator.messages import Flow, Message

Post = tuple[str, dict[str, Any]]

_LEVELS = {Flow.FAILED: -1, Flow.SENT: 0, Flow.ACKED: 1, Flow.DELIVERED: 2, Flow.READ: 3}
_SOCKET = ("ERROR", "PENDING", "SERVER_ACK", "DELIVERY_ACK", "READ")
_NAMES = ("ERROR", "PENDING", "SERVER", "DEVICE", "READ")
_OPENWA = ("failed", "pending", "sent", "delivered", "read")
_TEXT = "a message"


def wwebjs_api(message: Message) -> Iterator[Post]:
    """Yield what wwebjs-api posts: one that comes in twice, as the library emits it."""
    key, at = _key(message), int(message.at)
    whole = {"id": key, "ack": _LEVELS.get(message.flow, 1), "body": _TEXT, "type": "chat", "timestamp": at}
    data = {"message": whole | {"fromMe": _is_ours(message), "from": key["remote"], "isStatus": False}}
    if message.flow is Flow.RECEIVED:
        yield "message", data
    if message.flow in (Flow.RECEIVED, Flow.SENT):
        yield "message_create", data
    else:
        yield "message_ack", data | {"ack": _LEVELS[message.flow]}


def evolution(message: Message) -> Iterator[Post]:
    """Yield what Evolution API posts; of one that it sends it says at once that a device has it."""
    chat = f"{message.peer.partition('@')[0]}@s.whatsapp.net"
    if message.flow not in (Flow.RECEIVED, Flow.SENT):
        status = _SOCKET[_LEVELS[message.flow] + 1]
        yield (
            "messages.update",
            {"keyId": message.id, "remoteJid": chat, "fromMe": True, "status": status},
        )
        return
    key = {"remoteJid": chat, "fromMe": _is_ours(message), "id": message.id}
    data = {"key": key, "pushName": "Somebody", "status": "DELIVERY_ACK", "message": {"conversation": _TEXT}}
    event = "send.message" if _is_ours(message) else "messages.upsert"
    yield event, data | {"messageType": "conversation", "messageTimestamp": int(message.at)}


def waha(message: Message) -> Iterator[Post]:
    """Yield what WAHA posts: `message` of those that come in alone, `message.any` of all."""
    key = _key(message)
    payload = {
        "id": key["_serialized"],
        "fromMe": _is_ours(message),
        "from": key["remote"],
        "to": key["remote"],
    }
    if message.flow not in (Flow.RECEIVED, Flow.SENT):
        level = _LEVELS[message.flow]
        yield "message.ack", payload | {"ack": level, "ackName": _NAMES[level + 1]}
        return
    payload |= {"timestamp": int(message.at), "body": _TEXT, "hasMedia": False}
    if message.flow is Flow.RECEIVED:
        yield "message", payload
    yield "message.any", payload


def wppconnect(message: Message) -> Iterator[Post]:
    """Yield what WPPConnect posts, where it is told to post what is sent too."""
    key = _key(message)
    content = {"type": "chat", "t": int(message.at), "from": key["remote"], "body": _TEXT}
    if message.flow in (Flow.RECEIVED, Flow.SENT):
        event = "onselfmessage" if _is_ours(message) else "onmessage"
        yield event, content | {"id": key["_serialized"], "fromMe": _is_ours(message)}
    else:
        yield "onack", content | {"id": key, "ack": _LEVELS[message.flow]}


def openwa(message: Message) -> Iterator[Post]:
    """Yield what OpenWA posts."""
    data = {"id": message.id, "from": _key(message)["remote"], "type": "text", "timestamp": int(message.at)}
    match message.flow:
        case Flow.RECEIVED:
            yield "message.received", data | {"body": _TEXT}
        case Flow.SENT:
            yield "message.sent", data | {"body": _TEXT, "fromMe": True}
        case Flow.FAILED:
            yield "message.failed", data | {"status": "failed"}
        case _:
            level = _LEVELS[message.flow]
            yield "message.ack", data | {"status": _OPENWA[level + 1], "ack": level, "at": iso(message.at)}


def _is_ours(message: Message) -> bool:
    return message.flow is not Flow.RECEIVED


def _key(message: Message) -> dict[str, Any]:
    ours = _is_ours(message)
    chat = message.peer if "@" in message.peer else f"{message.peer}@c.us"
    serialized = f"{'true' if ours else 'false'}_{chat}_{message.id}"
    return {"fromMe": ours, "remote": chat, "id": message.id, "_serialized": serialized}
