"""No answer of a gateway, however built, ends in anything but a `GatewayError`, and what is told can be kept and shown.

``WA_TUI_ANSWERS=20000`` tries as many; ``WA_TUI_ANSWERS_SEED=…`` repeats a failed run.
"""

from __future__ import annotations

import gzip
import json
import random
import zlib
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest

from tests.effort import chosen_seed, effort
from tests.unit.gateways.stub import stub
from wa_tui.daemon.dates import instant
from wa_tui.gateways import Deadlines, GatewayError, Place
from wa_tui.gateways.contract.client import NodeService

pytestmark = pytest.mark.soak

TIMES = effort("WA_TUI_ANSWERS", sample=60, full=20_000)
SEED = chosen_seed("WA_TUI_ANSWERS_SEED", sample=1123)
SHORT = Deadlines(health=2, list=2, status=2, init=2, disconnect=2, send=2)

_USUAL: list[Any] = [
    {"success": True, "timestamp": "2026-11-23T01:41:27.848Z", "uptime": 12.5, "activeSessions": 3},
    {
        "success": True,
        "sessions": [
            {
                "sessionId": "s-1",
                "status": "connected",
                "phoneNumber": "15550001",
                "traffic": {"boot": "b", "received": 3, "sent": 1, "queued": 0, "sentAt": 1795398127250},
            }
        ],
        "count": 1,
    },
    {"success": True, "exists": True, "status": "connected", "isReady": True, "phoneNumber": "15550001"},
    {"success": True, "status": "qr_pending", "qrCode": "2@abc"},
    {"success": True, "messageId": "3EB0", "timestamp": 1795398127, "pairingCode": "ABCD-EFGH"},
    {"success": False, "error": "Client not found", "message": "x"},
    {"success": True, "sessionId": "s-1", "answer": "denied", "detail": "no such account"},
]
RAW = [
    *(
        "null",
        "true",
        "-1",
        "1e400",
        "-0.0",
        "NaN",
        "1" * 5000,
        "9" * 20,
        "253402300800000",
        "-62135596800001",
    ),
    *('"1970-01-01T00:00:00Z"', '"9999-12-31T23:59:59.999Z"', '"+275760-09-13T00:00:00.000Z"'),
    *('"\\ud800"', '"\\u0000"', '"\u202e"', '""', '"' + "x" * 70_000 + '"'),
    *("[]", "{}", "[" * 3000 + "]" * 3000, '{"a":' * 2000 + "1" + "}" * 2000),
]
_BODIES = [
    *(b"", b"<html>\r\n<head>", b"\xff\xfe{}", b"{", b"\x00" * 50),
    *(b'{"success":true', b"true", b'["success"]', b"\xef\xbb\xbf{}"),
]
_STATUSES = [
    *(200,) * 20,
    *(201, 204, 301, 302, 304, 400, 401, 403, 404, 407, 408, 413, 429),
    *(500, 502, 503, 504, 599, 999),
]
_HEADERS = (
    "Content-Encoding: gzip",
    "Content-Encoding: deflate",
    "Content-Encoding: nonsense",
    "Transfer-Encoding: chunked",
    "Location: http://127.0.0.1:1/",
    "Content-Type: application/json; charset=utf-7",
    "WWW-Authenticate: Basic",
    "Retry-After: soon",
    "Connection: close",
    "X-Odd: \xe9\x80",
    "No colon",
    "",
)


def body(chance: random.Random, usual: Any) -> bytes:
    """An answer's body: a usual one in which anything stands anywhere, or none at all."""
    if chance.random() < 0.2:
        return chance.choice(_BODIES)
    told = json.loads(json.dumps(usual if chance.random() < 0.8 else chance.choice(_USUAL)))
    holes: list[str] = []
    for _ in range(chance.choice((0, 1, 1, 2))):
        place: Any = told
        rows = told.get("sessions")
        if isinstance(rows, list) and isinstance(rows[0], dict) and chance.random() < 0.6:
            place = rows[0]
            if isinstance(place.get("traffic"), dict) and chance.random() < 0.6:
                place = place["traffic"]
        raw = chance.choice(RAW)
        place[chance.choice([*place, "more"])] = f"hole {len(holes)}"
        holes.append(raw)
    text = json.dumps(told)
    for number, raw in enumerate(holes):
        text = text.replace(f'"hole {number}"', raw)
    encoded = text.encode("utf-8", "surrogatepass")
    return encoded[: chance.randrange(len(encoded))] if chance.random() < 0.1 else encoded


def response(chance: random.Random, usual: Any) -> bytes:
    """The bytes of an answer, which need not be one."""
    return framed(chance, body(chance, usual))


def framed(chance: random.Random, content: bytes) -> bytes:
    """The bytes of an answer with a body, which need not be one."""
    headers = chance.sample(_HEADERS, chance.choice((0, 0, 0, 1, 2)))
    if "Content-Encoding: gzip" in headers and chance.random() < 0.5:
        content = gzip.compress(content)
    if "Content-Encoding: deflate" in headers and chance.random() < 0.5:
        content = zlib.compress(content)
    length = chance.choice((str(len(content)),) * 30 + ("-1", "x", str(len(content) + 5), "0", "9" * 30))
    usual = f"HTTP/1.1 {chance.choice(_STATUSES)} X"
    line = chance.choice((usual,) * 20 + ("HTTP/9.9 abc", "", "\x00\xff", "ICY 200 OK"))
    head = "\r\n".join([line, f"Content-Length: {length}", "Connection: close", *headers])
    return head.encode("latin-1") + b"\r\n\r\n" + content


async def test_no_answer_ends_in_a_traceback() -> None:
    chance = random.Random(SEED)
    async with stub() as server:
        gateway = NodeService(Place("eu-1", server.url, "the-key"), deadlines=SHORT)
        calls: list[tuple[Callable[[], Awaitable[Any]], int]] = [
            (lambda: gateway.health(), 0),
            (lambda: gateway.list(), 1),
            (lambda: gateway.status("s-1"), 2),
            (lambda: gateway.init("s-1", "7"), 3),
            (lambda: gateway.disconnect("s-1"), 5),
            (lambda: gateway.send_text("s-1", "15550001", "hello"), 4),
            (lambda: gateway.pairing_code("s-1", "15550001"), 4),
            (lambda: gateway.ask_server("s-1"), 6),
        ]
        told = 0
        for number in range(TIMES):
            call, usual = chance.choice(calls)
            sent = response(chance, _USUAL[usual])

            async def answers(writer: Any, sent: bytes = sent) -> None:
                writer.write(sent)
                writer.close()

            server.answers = Everything(answers)
            try:
                found = await call()
            except GatewayError as error:
                assert str(error).encode() and msgspec.json.encode(str(error)), sent
                continue
            except Exception as error:
                raise AssertionError(f"answer {number} of seed {SEED}: {sent[:300]!r}") from error
            kept(found)
            told += 1
        await gateway.close()
    assert told > TIMES / 20, "most are no answers, but some are"


class Everything(dict[str, Any]):
    """The same answer on every path."""

    def __init__(self, it: Any) -> None:
        self._it = it

    def get(self, key: str, default: Any = None) -> Any:
        return self._it


def kept(found: Any) -> None:
    """It can be written as JSON, and its times are a calendar's."""
    json.loads(msgspec.json.encode(found))
    for name in ("timestamp", "uptime"):
        at = getattr(found, name, None)
        if isinstance(at, int):
            assert abs(at) < 2**63, found
            assert name == "uptime" or instant(at) is not None or at == 0
