"""Nothing of a message, and no credential in a body, is kept, logged or told, whatever kind of gateway posts it."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import http.client
import json
import logging
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.unit.gateways import posted
from wa_tui.config import GatewayConfig
from wa_tui.gateways.registry import ADAPTERS
from wa_tui.identity.kinds import GatewayKind

from .inside import inside

MARK = "MARK5d41402abc4b2a76"
KEY = "webhook-key"

ENVELOPES: dict[GatewayKind, tuple[str, str, str]] = {
    GatewayKind.WWEBJS_API: ("dataType", "sessionId", "data"),
    GatewayKind.EVOLUTION: ("event", "instance", "data"),
    GatewayKind.WAHA: ("event", "session", "payload"),
    GatewayKind.WPPCONNECT: ("event", "session", "response"),
    GatewayKind.OPENWA: ("event", "sessionId", "data"),
}
"""What names the event, the session and the content in each kind's body."""

MESSAGE = {
    "body": MARK,
    "text": MARK,
    "caption": MARK,
    "pushName": MARK,
    "key": {"remoteJid": MARK, "id": MARK},
    "message": {"conversation": MARK, "base64": MARK * 100},
    MARK: [MARK, {MARK: MARK}],
}
ODD: tuple[Any, ...] = ({MARK: MARK}, [MARK], [[MARK]], {"reason": {MARK: MARK}}, None, 7, True)


def bodies(kind: GatewayKind) -> Iterator[bytes]:
    """Yield what a gateway may post: messages by every event it has, and states whose fields are none."""
    names, session, content = ENVELOPES[kind]
    told = {"apikey": MARK, "token": MARK, "headers": {"authorization": MARK}}
    adapter = ADAPTERS[kind].webhooks
    assert adapter is not None
    for event in (*sorted(adapter.events), MARK, {MARK: MARK}, [MARK]):
        whole = json.dumps(told | {names: event, session: "sales", content: MESSAGE})
        yield whole.encode()
        yield whole[: len(whole) // 2].encode()
        for odd in ODD:
            yield json.dumps(told | {names: event, session: "sales", content: odd}).encode()
            yield json.dumps(told | {names: event, session: odd, content: MESSAGE}).encode()
            fields = dict.fromkeys(("state", "status", "qrcode", "qr", "urlcode", "connection"), odd)
            yield json.dumps(told | fields | {names: event, session: "sales", content: fields}).encode()
    for message in (posted.received(kind, MARK), posted.sent(kind, MARK), posted.acked(kind, 3, MARK)):
        whole = json.dumps(message | told).replace(posted.NUMBER, MARK)
        # Of the second the beginning alone is read.
        for length in (1, 70_000):
            yield whole.replace('"hi"', f'"{MARK * length}"').encode()
    yield json.dumps([told, MARK]).encode()
    yield MARK.encode()


@pytest.mark.parametrize("kind", ENVELOPES)
async def test_nothing_of_it_is_left(kind: GatewayKind, caplog: pytest.LogCaptureFixture) -> None:
    gateway = GatewayConfig("g", "http://127.0.0.1:9", api_key="k", webhook_key=KEY, kind=str(kind))
    adapter = ADAPTERS[kind].webhooks
    assert adapter is not None
    caplog.set_level(logging.DEBUG, "wa_tui")
    async with inside(gateway) as daemon:
        host, port = daemon.config.listen
        base = f"http://{host}:{port}"
        async with httpx.AsyncClient(base_url=base, trust_env=False, timeout=40) as web:
            await asyncio.to_thread(_post, host, port, kind)
            for path in ("status", "sessions", "events", "jobs", "actions"):
                shown = await web.get(f"/api/v1/{path}", headers={"x-api-key": "control-key"})
                assert shown.status_code == 200 and MARK not in shown.text, path
        view = (await daemon.client.status()).gateways[0]
        assert "wrong_key" not in view.webhooks and view.ignored["other"] >= 1
        assert "failed" not in view.webhooks, "an adapter must not stumble over what is odd"
        daemon.daemon.parts.refusals.log.sum_up()
        assert MARK not in caplog.text and KEY not in caplog.text
        await daemon.stop()
        kept = {file.name: file.read_bytes() for file in daemon.config.state_dir.rglob("*") if file.is_file()}
        assert kept and not [name for name, content in kept.items() if MARK.encode() in content]


def _post(host: str, port: int, kind: GatewayKind) -> None:
    """Post all bodies, some 800: httpx would take longer for it than the daemon."""
    with contextlib.closing(http.client.HTTPConnection(host, port, timeout=40)) as connection:
        for body in bodies(kind):
            headers = {"x-api-key": KEY} | _signed(body)
            connection.request("POST", f"/api/v1/gateways/g/webhook/{KEY}", body, headers)
            answer = connection.getresponse()
            said = answer.read()
            assert answer.status == 200, body
            assert MARK.encode() not in said


def _signed(body: bytes) -> dict[str, str]:
    return {"x-openwa-signature": hmac.digest(KEY.encode(), body, "sha256").hex()}
