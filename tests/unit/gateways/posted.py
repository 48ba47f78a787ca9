"""Webhooks about messages, as each kind of gateway posts them.

Those of wwebjs-api and of Evolution's `send.message` are as a real server posted them; the others are as the kinds'
documentation has them (WAHA's events, WPPConnect's and Evolution's webhooks, OpenWA's envelope), with fields left out.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from wa_tui.identity.kinds import GatewayKind

NUMBER = "15550009999"
ID = "3EB0C4A314945B797856EE"
AT = 1796024366
"""When a message was written, in seconds since the epoch."""

Posted = dict[str, Any]
Writing = Callable[..., Posted]


def serialized(ours: bool, id: str = ID, chat: str = f"{NUMBER}@c.us") -> str:
    """Return an id as WhatsApp Web writes it."""
    return f"{'true' if ours else 'false'}_{chat}_{id}"


def _key(ours: bool, id: str, chat: str) -> Posted:
    return {"fromMe": ours, "remote": chat, "id": id, "_serialized": serialized(ours, id, chat)}


def wwebjs(
    event: str, ours: bool, id: str = ID, chat: str = f"{NUMBER}@c.us", ack: int = 0, **more: Any
) -> Posted:
    key = _key(ours, id, chat)
    message = {
        "_data": {"id": key, "ack": ack, "body": "hi", "t": AT, "type": "chat"},
        "id": key,
        "ack": ack,
        "hasMedia": False,
        "body": "hi",
        "type": "chat",
        "timestamp": AT,
        "from": chat,
        "isStatus": False,
        "fromMe": ours,
        "links": [],
    } | more
    data = {"message": message} | ({"ack": ack} if event == "message_ack" else {})
    return {"dataType": event, "data": data, "sessionId": "sales"}


def evolution(
    event: str, ours: bool, id: str = ID, chat: str = f"{NUMBER}@s.whatsapp.net", **more: Any
) -> Posted:
    data: Posted
    if event == "messages.update":
        data = {"keyId": id, "remoteJid": chat, "fromMe": ours, "instanceId": "i"} | more
    else:
        data = {
            "key": {"remoteJid": chat, "fromMe": ours, "id": id},
            "pushName": "Somebody",
            "status": "DELIVERY_ACK" if ours else "PENDING",
            "message": {"conversation": "hi"},
            "messageType": "conversation",
            "messageTimestamp": AT,
        } | more
    return {
        "event": event,
        "instance": "sales",
        "data": data,
        "sender": f"{NUMBER}@s.whatsapp.net",
        "apikey": "live",
    }


def waha(event: str, ours: bool, id: str = ID, chat: str = f"{NUMBER}@c.us", **more: Any) -> Posted:
    payload = {
        "id": serialized(ours, id, chat),
        "timestamp": AT,
        "from": chat,
        "fromMe": ours,
        "to": chat,
        "body": "hi",
        "_data": {"type": "chat"},
    } | more
    return {"event": event, "session": "sales", "me": {"id": "15550002222@c.us"}, "payload": payload}


def wppconnect(event: str, ours: bool, id: str = ID, chat: str = f"{NUMBER}@c.us", **more: Any) -> Posted:
    key = _key(ours, id, chat) if event == "onack" else serialized(ours, id, chat)
    body = {
        "event": event,
        "session": "sales",
        "id": key,
        "body": "hi",
        "type": "chat",
        "t": AT,
        "from": chat,
    }
    return body | ({} if event == "onack" else {"fromMe": ours}) | more


def openwa(event: str, ours: bool, id: str = ID, chat: str = f"{NUMBER}@c.us", **more: Any) -> Posted:
    data: Posted = {"id": id, "from": chat, "chatId": chat, "body": "hi", "timestamp": AT} | more
    return {
        "event": event,
        "timestamp": "2026-11-30T08:00:00.000Z",
        "sessionId": "sales",
        "idempotencyKey": f"msg_sales_{id}",
        "data": data,
    }


WRITERS: dict[GatewayKind, Writing] = {
    GatewayKind.WWEBJS_API: wwebjs,
    GatewayKind.EVOLUTION: evolution,
    GatewayKind.WAHA: waha,
    GatewayKind.WPPCONNECT: wppconnect,
    GatewayKind.OPENWA: openwa,
}


def received(kind: GatewayKind, id: str = ID, **more: Any) -> Posted:
    """Return what a kind posts of a message that came in."""
    events = {
        GatewayKind.WWEBJS_API: "message",
        GatewayKind.EVOLUTION: "messages.upsert",
        GatewayKind.WAHA: "message.any",
        GatewayKind.WPPCONNECT: "onmessage",
        GatewayKind.OPENWA: "message.received",
    }
    return WRITERS[kind](events[kind], False, id, **more)


def sent(kind: GatewayKind, id: str = ID, **more: Any) -> Posted:
    """Return what a kind posts of a message that was sent."""
    events = {
        GatewayKind.WWEBJS_API: "message_create",
        GatewayKind.EVOLUTION: "send.message",
        GatewayKind.WAHA: "message.any",
        GatewayKind.WPPCONNECT: "onselfmessage",
        GatewayKind.OPENWA: "message.sent",
    }
    return WRITERS[kind](events[kind], True, id, **more)


def acked(kind: GatewayKind, level: int, id: str = ID) -> Posted:
    """Return what a kind posts of an acknowledgement; ``level`` is WhatsApp Web's."""
    if kind is GatewayKind.EVOLUTION:
        names = {-1: "ERROR", 0: "PENDING", 1: "SERVER_ACK", 2: "DELIVERY_ACK", 3: "READ", 4: "PLAYED"}
        return evolution("messages.update", True, id, status=names[level])
    if kind is GatewayKind.OPENWA:
        names = {-1: "failed", 0: "pending", 1: "sent", 2: "delivered", 3: "read", 4: "played"}
        return openwa("message.ack", True, id, status=names[level])
    events = {
        GatewayKind.WWEBJS_API: "message_ack",
        GatewayKind.WAHA: "message.ack",
        GatewayKind.WPPCONNECT: "onack",
    }
    return WRITERS[kind](events[kind], True, id, ack=level)


def just_written(body: Posted) -> bytes:
    """Return a body whose message was written just now: an old one is history to a daemon, and not counted."""
    return encoded(body).replace(str(AT).encode(), str(int(time.time())).encode())


def encoded(body: Posted) -> bytes:
    """Return a body as it is posted."""
    return json.dumps(body).encode()
