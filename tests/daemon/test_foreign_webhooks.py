"""Webhooks of gateways that do not keep the contract, over real sockets: who may post, and what becomes of it."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import hmac
import json
import time
import zlib
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from tests.effort import effort
from wa_tui.config import GatewayConfig
from wa_tui.daemon.http import bounds
from wa_tui.gateways import Adapter
from wa_tui.wire import GatewayView

from .conftest import NewDaemon
from .inside import Inside, inside
from .running import WEBHOOK
from .stand_in import KIND, stand_in, state
from .waiting import raw_post, webhook

__all__ = ["stand_in"]

KEY = "open/wa key"
OWN = "/api/v1/gateways/other/webhook"
NOWHERE = "http://127.0.0.1:9"

pytestmark = pytest.mark.usefixtures("stand_in")


def other(name: str = "other", key: str = KEY) -> GatewayConfig:
    return GatewayConfig(name=name, url=NOWHERE, webhook_key=key, kind=str(KIND))


CONTRACTS = GatewayConfig(name="eu", url="http://127.0.0.1:10", api_key="contract-key")


@asynccontextmanager
async def running(*gateways: GatewayConfig) -> AsyncIterator[tuple[Inside, httpx.AsyncClient]]:
    async with inside(*(gateways or (other(), CONTRACTS))) as daemon:
        host, port = daemon.config.listen
        async with httpx.AsyncClient(base_url=f"http://{host}:{port}", trust_env=False, timeout=40) as web:
            yield daemon, web


async def view(daemon: Inside, name: str = "other") -> GatewayView:
    return next(each for each in (await daemon.client.status()).gateways if each.name == name)


def jwt(key: str, head: object, claims: object) -> str:
    parts = [urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=") for each in (head, claims)]
    signature = hmac.digest(key.encode(), b".".join(parts), "sha256")
    return b".".join([*parts, urlsafe_b64encode(signature).rstrip(b"=")]).decode()


HS256 = {"alg": "HS256", "typ": "JWT"}


def ways(body: bytes, key: str) -> list[tuple[str, dict[str, str]]]:
    """Return the paths and headers by which a key can be shown."""
    now = int(time.time())
    token = jwt(key, HS256, {"iat": now, "exp": now + 600, "app": "evolution", "action": "webhook"})
    return [
        (OWN, {"x-api-key": key}),
        (f"{OWN}/", {"X-Ours": key}),
        (f"{OWN}/connection-update", {"x-ours": key}),
        (f"{OWN}/{quote(key)}", {}),
        (f"{OWN}/{quote(key, safe='')}/qrcode-updated/", {}),
        (OWN, {"x-hmac": hmac.digest(key.encode(), body, "sha512").hex()}),
        (OWN, {"authorization": f"Bearer {token}"}),
        (WEBHOOK, {"x-api-key": key}),
        (WEBHOOK, {"x-hmac": hmac.digest(key.encode(), body, "sha512").hex().upper()}),
    ]


async def test_a_key_is_shown_in_every_way_and_a_wrong_one_in_none() -> None:
    async with running() as (daemon, web):
        for number, (path, headers) in enumerate(ways(b"", KEY)):
            body = state(f"s{number}", "connected", at=int(time.time() * 1000))
            path, headers = ways(body, KEY)[number]
            answer = await web.post(path, content=body, headers=headers)
            assert (answer.status_code, answer.json()["success"]) == (200, True), (path, headers)
            assert daemon.session(f"s{number}", "other").status == "connected"
        accepted = len(ways(b"", KEY))
        wrong = [*ways(body, "wrong"), (OWN, {}), (f"{OWN}/{quote(KEY)}more", {}), (OWN, {"x-hmac": ""})]
        for path, headers in wrong:
            answer = await web.post(path, content=body, headers=headers)
            assert answer.status_code == 403, (path, headers)
        found = await view(daemon)
        assert found.webhooks["applied"] == accepted
        # Where the route names the gateway.
        assert found.webhooks["wrong_key"] == sum(path != WEBHOOK for path, _ in wrong)
        # A person is told, until one comes that has the key, whatever it holds.
        [need] = found.attention
        assert need.code == "webhooks_refused" and "`wa-tui gateways setup other` shows how" in need.action
        assert (await web.post(OWN, content=b"{}", headers={"x-api-key": KEY})).status_code == 200
        assert (await view(daemon)).attention == []
        assert (
            await web.post("/api/v1/webhook", content=b"{}", headers={"x-api-key": KEY})
        ).status_code == 404
        [need] = (await view(daemon)).attention
        assert "have it POST to /api/v1/gateways/other/webhook" in need.action


@pytest.mark.parametrize(
    ("head", "claims"),
    [
        (HS256, {}),
        (HS256, {"exp": -301}),
        (HS256, {"exp": "tomorrow"}),
        (HS256, {"exp": 900, "iat": 600}),
        ({"alg": "none"}, {"exp": 600}),
        ({"alg": "HS512"}, {"exp": 600}),
        ([], {"exp": 600}),
    ],
)
async def test_a_token_that_does_not_hold(head: object, claims: dict[str, object]) -> None:
    now = int(time.time())
    dated = {name: value + now if isinstance(value, int) else value for name, value in claims.items()}
    async with running() as (_, web):
        for token in (jwt(KEY, head, dated), "a.b", "é.é.é", "."):
            headers = {b"authorization": f"Bearer {token}".encode()}
            answer = await web.post(OWN, content=state("a", "connected"), headers=headers)
            assert answer.status_code == 403


async def test_no_key_is_no_key() -> None:
    """A gateway whose key is never shown is not open to who shows nothing either."""
    async with running(other(key="k"), CONTRACTS) as (_, web):
        for path in (OWN, f"{OWN}/", f"{OWN}//", WEBHOOK):
            assert (await web.post(path, content=state("a", "connected"))).status_code == 403


async def test_a_wrong_key_is_refused_before_its_body_comes() -> None:
    async with running() as (daemon, _):
        reader, writer = await asyncio.open_connection(*daemon.config.listen)
        head = f"POST {OWN} HTTP/1.1\r\nhost: x\r\nx-api-key: wrong\r\ncontent-length: 50000000\r\n\r\n"
        writer.write(head.encode())
        assert b" 403 " in await reader.readline()
        writer.close()


async def test_the_contracts_gateway_beside_it_is_as_ever() -> None:
    async with running() as (daemon, web):
        for path in (WEBHOOK, "/api/v1/gateways/eu/webhook/"):
            ok = await web.post(path, json=webhook("a", "connected"), headers={"x-api-key": "contract-key"})
            assert ok.status_code == 200
            odd = await web.post(path, content=b"{", headers={"x-api-key": "contract-key"})
            assert odd.status_code == 400
        assert daemon.session("a", "eu").status == "connected"
        # Its route takes no secret, and no key but its own.
        headers = {"x-api-key": KEY}
        assert (await web.post("/api/v1/gateways/eu/webhook/", json={}, headers=headers)).status_code == 403
        key = "contract-key"
        lost = await web.post(f"/api/v1/gateways/eu/webhook/{key}", json={}, headers={"x-api-key": key})
        assert lost.status_code == 404
        assert (await web.get(OWN, headers=headers)).status_code == 405


async def test_a_key_shared_with_the_contracts_gateway_is_that_ones() -> None:
    async with running(other(key="contract-key"), CONTRACTS) as (daemon, web):
        headers = {"x-api-key": "contract-key"}
        assert (await web.post(WEBHOOK, json=webhook("a", "connected"), headers=headers)).status_code == 200
        assert daemon.session("a", "eu").status == "connected"
        refused = await web.post(WEBHOOK, content=state("a", "connected"), headers=headers)
        assert refused.status_code == 400
        assert "one of other goes to /api/v1/gateways/other/webhook" in refused.json()["message"]
        assert (await web.post(OWN, content=state("a", "connected"), headers=headers)).status_code == 200


async def test_media_may_take_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "BODY_S", 0.2)
    async with running() as (daemon, _):
        answers = []
        for path, key in ((OWN, KEY), (WEBHOOK, "contract-key")):
            reader, writer = await asyncio.open_connection(*daemon.config.listen)
            writer.write(raw_post(path, key, b"{", 20_000))
            for _ in range(6):
                await asyncio.sleep(0.1)
                writer.write(b" " * 100)
            writer.write(b" " * 19_399)
            answers.append((await reader.readline()).split()[1])
            writer.close()
        assert answers == [b"200", b"408"]


async def test_one_webhook_may_tell_of_several_sessions_and_without_a_time_is_a_hint() -> None:
    async with running() as (daemon, web):
        headers = {"x-api-key": KEY}
        body = state(["a", "b/ü"], "qr_pending", qr="2@code", at=int(time.time() * 1000), odd=1)
        assert (await web.post(OWN, content=body, headers=headers)).status_code == 200
        for name in ("a", "b/ü"):
            session = daemon.session(name, "other")
            assert session.status == "qr_pending" and session.qr is not None
        assert (await view(daemon)).decoration == {"odd": 2}
        facts = []
        daemon.daemon.parts.bus.subscribe(lambda change: facts.extend(change.webhooks))
        body = state("a", "disconnected", reason="logout")
        assert (await web.post(OWN, content=body, headers=headers)).status_code == 200
        [(fact, _)] = facts
        assert fact.hint and fact.timestamp == fact.received and fact.reason == "logout"


async def test_a_storm_of_the_same_is_one_event_and_counted() -> None:
    async with running() as (daemon, web):
        body, headers = state("a", "initializing"), {"x-api-key": KEY}
        answers = await asyncio.gather(*(web.post(OWN, content=body, headers=headers) for _ in range(127)))
        assert {answer.status_code for answer in answers} == {200}
        found = await view(daemon)
        assert found.repeated == {"initializing": 126}
        assert sum(found.webhooks.values()) == 127
        assert len([event for event in await daemon.events(session_id="a") if event.source == "webhook"]) == 1


IGNORED = [
    (b'{"event":"message","data":"hi"}', {}, "message"),
    (b'{"event":"never heard of"}', {}, "other"),
    (b"[]", {}, "unreadable"),
    (b"", {}, "unreadable"),
    (b"\xff\xfe\x00", {}, "unreadable"),
    (b'{"event":"state"}', {}, "unreadable"),
    (b'{"event":"state","session":7,"status":"connected"}', {}, "unreadable"),
    (state("a", "banana"), {}, "unreadable"),
    (state("", "connected"), {}, "unnamed"),
    (state("a" * 1001, "connected"), {}, "unnamed"),
    (b'{"event":"bug","data":1}', {}, "unreadable"),
    (b'{"event":"ack"}', {"content-encoding": "br"}, "unreadable"),
    (b'{"event":"ack"}', {"content-encoding": "gzip"}, "unreadable"),
    (gzip.compress(b'{"event":"ack"}'), {"content-encoding": "gzip"}, "ack"),
    (zlib.compress(b'{"event":"ack"}'), {"content-encoding": "deflate"}, "ack"),
    (gzip.compress(b" " * 5_000_000), {"content-encoding": "gzip"}, "too_large"),
    (b'{"event":"message","data":"%s"}' % (b"x" * 3_000_000), {}, "too_large"),
]


async def test_whatever_says_nothing_is_answered_200_and_counted_by_its_kind() -> None:
    expected: dict[str, int] = {}
    async with running() as (daemon, web):
        for body, fields, word in IGNORED:
            answer = await web.post(OWN, content=body, headers={"x-api-key": KEY} | fields)
            assert (answer.status_code, answer.json()["success"]) == (200, True), body[:60]
            expected[word] = expected.get(word, 0) + 1
            assert (await view(daemon)).ignored == expected, body[:60]
        assert (await view(daemon)).webhooks["ignored"] == len(IGNORED)
        assert await daemon.client.sessions() == []

        # In chunks nobody knows how long it gets.
        async def chunks() -> AsyncIterator[bytes]:
            for _ in range(200):
                yield b"x" * 50_000

        answer = await web.post(OWN, content=chunks(), headers={"x-api-key": KEY})
        assert answer.status_code == 200
        assert (await web.post(OWN, content=IGNORED[0][0], headers={"x-api-key": KEY})).status_code == 200


async def test_one_beyond_all_bounds_is_answered_200_and_the_connection_ends() -> None:
    async with running() as (daemon, _):
        reader, writer = await asyncio.open_connection(*daemon.config.listen)
        head = f"POST {OWN} HTTP/1.1\r\nhost: x\r\nx-api-key: {KEY}\r\ncontent-length: 80000000\r\n\r\n"
        writer.write(head.encode() + b"x" * 1000)
        assert b" 200 " in await reader.readline()
        assert b"connection: close" in await reader.read()
        writer.close()
        assert (await view(daemon)).ignored == {"too_large": 1}


async def test_a_key_of_several_is_told_apart_by_the_session_or_by_nobody() -> None:
    gateways = other("one", "same"), other("two", "same"), CONTRACTS
    async with running(*gateways) as (daemon, web):
        headers = {"x-api-key": "same"}
        now = int(time.time() * 1000)
        body = state("a", "connected", at=now)
        own = await web.post("/api/v1/gateways/two/webhook", content=body, headers=headers)
        assert own.status_code == 200
        later = state("a", "disconnected", at=now + 1)
        assert (await web.post(WEBHOOK, content=later, headers=headers)).status_code == 200
        assert daemon.session("a", "two").status == "disconnected"
        unknown = state("b", "connected", at=now)
        assert (await web.post(WEBHOOK, content=unknown, headers=headers)).status_code == 200
        assert [(each.gateway, each.session_id) for each in await daemon.client.sessions()] == [("two", "a")]
        for name in ("one", "two"):
            assert (await view(daemon, name)).webhooks["unattributed"] == 1


async def test_what_is_not_committed_is_never_answered_200(stand_in: Adapter) -> None:
    async with running() as (daemon, web):
        await daemon.daemon.parts.recorder.stop()
        answer = await web.post(OWN, content=state("a", "connected"), headers={"x-api-key": KEY})
        assert answer.status_code == 503 and int(answer.headers["retry-after"]) > 0
        # That says nothing to us needs no store.
        assert (await web.post(OWN, content=b"{}", headers={"x-api-key": KEY})).status_code == 200


def marked(mark: str) -> list[tuple[bytes, dict[str, str]]]:
    """Return bodies that carry a mark where a message, a credential or nonsense may stand."""
    message = {"event": "message", "apikey": mark, "data": {"text": mark, mark: mark}}
    whole = json.dumps(message).encode()
    return [
        (whole, {}),
        (whole[:-2], {}),
        (mark.encode(), {}),
        (json.dumps({"event": mark, "session": mark}).encode(), {}),
        (json.dumps({"event": ["message", mark]}).encode(), {}),
        (json.dumps({"event": "bug", "data": mark}).encode(), {}),
        (state("a", mark), {}),
        (json.dumps({"event": "state", "session": {mark: mark}, "status": "connected"}).encode(), {}),
        (state("marked", "connected", at=int(time.time() * 1000), apikey=mark, data=mark), {}),
        (whole.ljust(3_000_000), {}),
        (whole, {"content-encoding": mark[:20]}),
        (gzip.compress(whole)[:-9], {"content-encoding": "gzip"}),
        (json.dumps([mark] * 3).encode(), {}),
    ]


async def test_nothing_of_a_message_and_no_credential_is_kept_or_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    mark = "MARK" + hashlib.sha256(b"mark").hexdigest()[:12]
    async with running() as (daemon, web), aclosing(daemon.client.live()) as live:
        seen = [repr(await anext(live))]
        for path, headers in (
            (OWN, {"x-api-key": KEY}),
            (WEBHOOK, {"x-ours": KEY}),
            (OWN, {"x-api-key": mark}),
        ):
            for body, fields in marked(mark):
                answer = await web.post(path, content=body, headers=headers | fields)
                assert mark not in answer.text
        # Mistyped by hand: the secret stands in the path.
        for path in (f"/api/v1/gateways/othr/webhook/{mark}", f"/api/v1/gateway/other/webhook/{mark}"):
            assert mark not in (await web.post(path)).text
        wrong = await web.post(f"/api/v1/gateways/other/webhok/{quote(KEY, safe='')}")
        assert KEY not in wrong.text
        for path in ("/api/v1/status", "/api/v1/sessions", "/api/v1/events"):
            told = await web.get(path, headers={"x-api-key": "control-key"})
            assert told.status_code == 200 and mark not in told.text and KEY not in told.text
        ended = webhook("the-end", "connected")
        assert (await web.post(WEBHOOK, json=ended, headers={"x-api-key": "contract-key"})).status_code == 200
        while "the-end" not in seen[-1]:
            seen.append(repr(await anext(live)))
        assert any("marked" in message for message in seen) and mark not in str(seen)
        daemon.daemon.parts.refusals.log.sum_up()
        assert mark not in caplog.text and KEY not in caplog.text
        state_dir = daemon.config.state_dir
        await daemon.stop()
        kept = b"".join(file.read_bytes() for file in state_dir.rglob("*") if file.is_file())
        assert b"connected" in kept and mark.encode() not in kept


LARGE = 60 * 1024 * 1024
AT_ONCE = effort("LARGE_WEBHOOKS", sample=8, full=32)
FLAT = 32 * 1024
"""KiB: far from one such body, let alone all."""


async def post_large(port: int, *, chunked: bool) -> bytes:
    """Post a large body as it is sent by a slow hand: no part waits for the daemon to have the next."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    framing = "transfer-encoding: chunked" if chunked else f"content-length: {LARGE}"
    writer.write(f"POST {OWN} HTTP/1.1\r\nhost: x\r\nx-api-key: k\r\n{framing}\r\n\r\n".encode())
    block = b"x" * 65536
    for _ in range(LARGE // len(block)):
        writer.write(b"10000\r\n%s\r\n" % block if chunked else block)
        await writer.drain()
    if chunked:
        writer.write(b"0\r\n\r\n")
    answer = await reader.readline()
    writer.close()
    return answer


async def test_large_bodies_are_thrown_away_as_they_come(new_daemon: NewDaemon) -> None:
    daemon = new_daemon()
    config = daemon.state_dir / "config.toml"
    config.write_text(
        f'[[gateways]]\nname = "other"\nurl = "{NOWHERE}"\nkind = "evolution"\nwebhook_key = "k"\n'
    )
    daemon.environ |= {"WA_TUI_CONFIG": str(config)}
    daemon.launch()
    await daemon.answering()
    # Before it was asked once what it is, it is told to come again, whatever it posts.
    await daemon.gateway_until(lambda gateway: gateway.state == "down", "other")

    def memory(word: str) -> int:
        lines = Path(f"/proc/{daemon.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(word))

    before = memory("VmRSS")
    for chunked in (False, True):
        posts = (post_large(daemon.port, chunked=chunked) for _ in range(AT_ONCE))
        assert set(await asyncio.gather(*posts)) == {b"HTTP/1.1 200 OK\r\n"}
    assert (await daemon.gateway("other")).ignored == {"too_large": 2 * AT_ONCE}
    assert memory("VmHWM") - before < FLAT


async def test_only_what_may_keep_the_contract_is_suspected_to_ask_what_to_restore() -> None:
    async with running() as (daemon, web):
        answer = await web.get("/api/v1/sessions/active-sessions/", headers={"x-api-key": "old"})
        assert answer.status_code == 403
        suspected = [each.name for each in (await daemon.client.status()).gateways if each.attention]
        assert suspected == ["eu"]
