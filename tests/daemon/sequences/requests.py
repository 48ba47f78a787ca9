"""Requests of every kind on one connection, and what each must be answered."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass

from tests.daemon.running import CONTROL_KEY, KEY, WEBHOOK
from tests.daemon.waiting import webhook

MONITOR = "/api/v1/live"

TOO_MANY = 429
"""What wrong keys are answered from some number on, whatever comes first: all are of one address."""


@dataclass(frozen=True)
class Sent:
    """One request; ``final`` is the last of its connection, ``half`` one that never becomes whole."""

    name: str
    data: bytes
    statuses: tuple[int, ...]
    event_id: str | None = None
    """Of the webhook that is taken in, where it is one."""
    head_only: bool = False
    final: bool = False
    half: bool = False
    may_be_cut: bool = False
    """It is ended while it is being sent: the failed write is reported before the answer that came."""


@dataclass
class Ids:
    """Gives each webhook an id of its own."""

    made: int = 0

    def next(self) -> str:
        """Return another."""
        self.made += 1
        return f"event-{self.made}"


def head(line: str, *fields: str) -> bytes:
    """Return a request's head."""
    return "\r\n".join([f"{line} HTTP/1.1", "Host: localhost", *fields, "", ""]).encode()


def posted(
    chance: random.Random, event_id: str, *fields: str, key: str = KEY, version: str = "1.1", pad: int = 0
) -> bytes:
    """Return a webhook, with more fields and a longer body."""
    status = chance.choice(["connected", "disconnected", "qr_pending"])
    body = json.dumps(webhook(f"s{chance.randrange(6)}", status, eventId=event_id, other="x" * pad)).encode()
    announced = f"Content-Length: {len(body)}"
    whole = head(f"POST {WEBHOOK}", f"X-API-Key: {key}", *fields, announced) + body
    return whole.replace(b"HTTP/1.1", f"HTTP/{version}".encode(), 1)


def chunked(chance: random.Random, whole: bytes) -> bytes:
    """Return the same request with its body in chunks, and perhaps a trailer."""
    top, _, body = whole.partition(b"\r\n\r\n")
    lines = [line for line in top.split(b"\r\n") if not line.startswith(b"Content-Length")]
    chunks = []
    while body:
        size = chance.randint(1, len(body))
        chunks.append(b"%x%b\r\n%b\r\n" % (size, chance.choice([b"", b";a=b"]), body[:size]))
        body = body[size:]
    trailer = chance.choice([b"", b"X-Api-Key: other\r\n"])
    return (
        b"\r\n".join([*lines, b"Transfer-Encoding: chunked", b"", b"".join(chunks)])
        + b"0\r\n%b\r\n" % trailer
    )


def _good(chance: random.Random, ids: Ids) -> Sent:
    event_id = ids.next()
    return Sent("webhook", posted(chance, event_id, pad=chance.choice([0, 0, 0, 1, 300])), (200,), event_id)


def _large(chance: random.Random, ids: Ids) -> Sent:
    event_id = ids.next()
    return Sent(
        "large webhook",
        posted(chance, event_id, pad=chance.choice([9_700, 12_000, 70_000])),
        (200,),
        event_id,
    )


def _too_large(chance: random.Random, ids: Ids) -> Sent:
    return Sent("too large a webhook", posted(chance, ids.next(), pad=530_000), (413,))


def _chunked(chance: random.Random, ids: Ids) -> Sent:
    event_id = ids.next()
    return Sent("webhook in chunks", chunked(chance, posted(chance, event_id)), (200,), event_id)


def _wishing(chance: random.Random, ids: Ids) -> Sent:
    event_id = ids.next()
    wish = chance.choice(["h2c", "websocket", "TLS/1.0"])
    data = posted(chance, event_id, "Connection: Upgrade", f"Upgrade: {wish}")
    return Sent(f"webhook that wishes {wish}", data, (200,), event_id)


def _wrong_key(chance: random.Random, ids: Ids) -> Sent:
    data = posted(chance, ids.next(), key=KEY[::-1], pad=chance.choice([0, 12_000]))
    return Sent("webhook with a wrong key", data, (403, TOO_MANY))


def _bad(chance: random.Random, ids: Ids) -> Sent:
    body = chance.choice([b"[", b"{}", b"", b"\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 20])
    data = head(f"POST {WEBHOOK}", f"X-API-Key: {KEY}", f"Content-Length: {len(body)}") + body
    return Sent("bad webhook", data, (400,))


def _closing(chance: random.Random, ids: Ids) -> Sent:
    event_id = ids.next()
    data = chance.choice(
        [posted(chance, event_id, "Connection: close"), posted(chance, event_id, version="1.0")]
    )
    return Sent("last webhook", data, (200,), event_id, final=True)


def _expecting(chance: random.Random, ids: Ids) -> Sent:
    event_id = ids.next()
    data = posted(chance, event_id, "Expect: 100-continue")
    return Sent("webhook that asks first", data, (200,), event_id, final=True)


def _status(chance: random.Random, ids: Ids) -> Sent:
    method = chance.choice(["GET", "HEAD"])
    data = head(f"{method} /api/v1/status", f"X-API-Key: {CONTROL_KEY}")
    return Sent(method, data, (200,), head_only=method == "HEAD")


def _keyless(chance: random.Random, ids: Ids) -> Sent:
    path = chance.choice(["/api/v1/status", "/nowhere", "/api/v1/sessions", "/x/active-sessions"])
    return Sent("GET without a key", head(f"GET {path}"), (401, 404, TOO_MANY))


def _action(chance: random.Random, ids: Ids) -> Sent:
    body = b'{"action": 1}'
    key, statuses = chance.choice([(CONTROL_KEY, (400,)), (KEY, (401, TOO_MANY))])
    return Sent(
        "action",
        head("POST /api/v1/actions", f"X-API-Key: {key}", f"Content-Length: {len(body)}") + body,
        statuses,
    )


def _half(chance: random.Random, ids: Ids) -> Sent:
    whole = chance.choice([posted(chance, ids.next()), _action(chance, ids).data, _status(chance, ids).data])
    return Sent("half a request", whole[: chance.randrange(1, len(whole))], (), final=True, half=True)


def _garbage(chance: random.Random, ids: Ids) -> Sent:
    lines = [
        b"\x16\x03\x01\x02\x00",
        b"SSH-2.0-x\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"get / x\r\n",
    ]
    lines += [head(f"GET {target}") for target in ("http://x", "/\u00e4", "x", "http://[")]
    lines += [
        head("POST /", "Content-Length: 3", "Content-Length: 4") + b"abc",
        head("POST /", "Content-Length: 3", "Transfer-Encoding: chunked") + b"abc",
        head(f"POST {WEBHOOK}", f"X-API-Key: {KEY}", "Transfer-Encoding: chunked") + b"xyz\r\n",
    ]
    return Sent("garbage", chance.choice(lines), (400,), final=True)


def _tunnel(chance: random.Random, ids: Ids) -> Sent:
    return Sent("CONNECT", head("CONNECT a:1"), (405,), final=True)


def _upgrade(chance: random.Random, ids: Ids) -> Sent:
    path, keys, statuses = chance.choice(
        [
            ("/nowhere", [], (401, 403, 404, TOO_MANY)),
            (MONITOR, [], (401, TOO_MANY)),
            (WEBHOOK, [f"X-API-Key: {KEY}"], (401, 403, 404, TOO_MANY)),
            (MONITOR, [f"X-API-Key: {CONTROL_KEY}"], (101,)),
        ]
    )
    asked = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"]
    asked.append("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
    # A denial would be reset by what comes after it.
    early = (
        b""
        if statuses != (101,)
        else chance.choice([b"", b"\xff" * 100, b"\x89\x80\0\0\0\0" * 3, b"\x88\x80\0\0\0\0", b"\x81"])
    )
    data = head(f"GET {path}", *keys, *asked) + early
    return Sent(f"upgrade at {path}", data, statuses, final=True, may_be_cut=early != b"")


def _lame(chance: random.Random, ids: Ids) -> Sent:
    asked = ["Connection: Upgrade", "Upgrade: websocket", *chance.choice([[], ["Sec-WebSocket-Version: 9"]])]
    return Sent("half an upgrade", head("GET /nowhere", *asked), (400, 426), final=True)


Making = Callable[[random.Random, Ids], Sent]

_KINDS: dict[Making, int] = {
    _good: 12, _large: 2, _chunked: 2, _wishing: 2, _wrong_key: 2, _bad: 2, _status: 3, _keyless: 3, _action: 2,
    _closing: 1, _expecting: 1, _half: 2, _garbage: 1, _tunnel: 1, _upgrade: 3, _lame: 1,
}  # fmt: skip
_RARE = 0.01


def sequence(chance: random.Random, ids: Ids) -> list[Sent]:
    """Return what is sent on one connection, up to the first that ends it."""
    found: list[Sent] = []
    for make in chance.choices(list(_KINDS), list(_KINDS.values()), k=chance.randint(1, 8)):
        found.append((_too_large if chance.random() < _RARE else make)(chance, ids))
        if found[-1].final:
            break
    return found
