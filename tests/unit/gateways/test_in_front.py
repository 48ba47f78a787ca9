"""What stands before a gateway: proxies, log-in pages, certificates and wrong ports are named for what they are."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from tests.unit.gateways.stub import Stub, answer, http, reset, stub
from wa_tui.gateways import (
    Deadlines,
    Garbled,
    GatewayError,
    Intercepted,
    Place,
    Unauthorised,
    Unreachable,
)
from wa_tui.gateways.contract.client import NodeService

TLS = Path(__file__).parents[2] / "data" / "tls"
PATIENT = Deadlines(health=5, list=5, status=5, init=5, disconnect=5, send=5)
LIST, SEND, HEALTH = "/api/session/list", "/api/message/send-text", "/health"
HTML = "Content-Type: text/html"
NGINX = (HTML, "Server: nginx/1.24.0")


def page(title: str) -> bytes:
    head = f"<html>\r\n<head><title>{title}</title></head>\r\n"
    return f"{head}<body><center><h1>{title}</h1></center></body></html>".encode()


PROXIES: dict[str, tuple[bytes, str, bool]] = {
    "nginx, service down": (
        http(page("502 Bad Gateway"), 502, *NGINX),
        "the proxy before eu-1 (nginx) answers 502 Bad Gateway: its service does not answer",
        False,
    ),
    "Caddy, nothing in it": (http(b"", 502, "Server: Caddy"), "the proxy before eu-1 (Caddy) answers 502", False),
    "Traefik": (http(b"Bad Gateway", 502), "the proxy before eu-1 answers 502 Bad Gateway: its service", False),
    "Envoy": (http(b"no healthy upstream", 503, "server: envoy"), "503 Service Unavailable (no healthy up", False),
    "AWS": (http(page("504 Gateway Time-out"), 504, "Server: awselb/2.0"), "before eu-1 (awselb) answers 504", False),
    "Cloudflare": (http(page("eu | 521: Web server is down"), 521, "Server: cloudflare"), "521: Web server", False),
    "Kong": (http(b'{"message":"no Route matched"}', 404), "answered 404", False),
    "a challenge": (http(page("Just a moment..."), 403, "Server: cloudflare"), "that: 403 Forbidden (Just", True),
    "Basic": (
        http(page("401 Authorization Required"), 401, *NGINX, 'WWW-Authenticate: Basic realm="x"'),
        "the proxy before eu-1 (nginx) asks for a user and password; set basic_user and basic_password_file",
        True,
    ),
    "a forward proxy": (http(b"", 407, "Proxy-Authenticate: Basic"), "asks for a user and password", True),
    "Bearer": (http(b"", 401, "WWW-Authenticate: Bearer"), "asks for a token", True),
    "a page for 401": (http(page("Sign in"), 401, HTML), "wants a log-in: 401 Unauthorized (Sign in)", True),
    "SSO": (
        http(b"", 302, "Location: https://u:pw@sso.example/realms/x/auth?state=secret"),
        "asks for a log-in at https://sso.example/realms/x/auth",
        True,
    ),
    "to https": (http(page("301"), 301, "Location: https://eu-1.example/health"), "redirected to https://eu-1", False),
    "too large": (http(page("413 Request Entity Too Large"), 413, *NGINX), "takes no request so large: 413", False),
    "too many": (http(b"slow down", 429), "lets no more requests through: 429 Too Many Requests (slow down)", False),
    "captive": (http(page("Welcome to <b>Hotel</b>\x1b[31m &amp; Spa"), 200, HTML), "200 OK (Welcome to Hotel", False),
    "another program": (http(page("Error"), 404, HTML), "what answers there says 404 Not Found (Error)", False),
    "http to https": (
        http(page("400 The plain HTTP request was sent to HTTPS port"), 400, *NGINX),
        "it speaks TLS on that port; write https:// in this gateway's url",
        False,
    ),
    "a title without end": (http(b"<html><title>" + b"x" * 9000, 502), "502 Bad Gateway (xxxx", False),
}  # fmt: skip


@pytest.fixture
async def server() -> AsyncIterator[Stub]:
    async with stub() as it:
        yield it


async def failure(gateway: NodeService, call: str = "health") -> GatewayError:
    """Return the error of a call, which fails."""
    asked: dict[str, Callable[[], Coroutine[Any, Any, object]]] = {
        "health": gateway.health,
        "list": gateway.list,
        "send": lambda: gateway.send_text("s", "1", "x"),
    }
    try:
        with pytest.raises(GatewayError) as caught:
            await asked[call]()
    finally:
        await gateway.close()
    text = str(caught.value)
    assert text.isprintable() and "<" not in caught.value.detail and len(text) < 700, text
    return caught.value


def says(error: GatewayError, detail: str) -> bool:
    """Tell whether an error says what happened, and what to do, which stand after a semicolon."""
    return all(part in str(error) for part in detail.split("; "))


@pytest.mark.parametrize(("raw", "detail", "refuses"), PROXIES.values(), ids=PROXIES.keys())
async def test_a_proxys_answer_is_not_the_services(
    server: Stub, raw: bytes, detail: str, refuses: bool
) -> None:
    server.answers |= {HEALTH: raw, SEND: raw, LIST: raw}
    for call in ("health", "list", "send"):
        error = await failure(NodeService(Place("eu-1", server.url, "the-key"), deadlines=PATIENT), call)
        assert says(error, detail)
        assert (isinstance(error, Intercepted) and error.refuses) is refuses
        assert not isinstance(error, Unauthorised) and "secret" not in str(error) and "pw" not in str(error)
        # Who was turned away at the door did nothing; what a proxy got no answer to may have been done.
        turned_away = refuses or any(
            sign in detail for sign in ("redirected", "413", "429", "TLS", "404 Not")
        )
        assert error.outcome_known is (turned_away or call != "send")


async def test_the_services_own_refusal_is_its_own(server: Stub) -> None:
    server.answers[LIST] = http(
        b'{"success":false,"error":"Invalid API key"}', 401, "WWW-Authenticate: Basic", "Server: nginx"
    )
    assert isinstance(await failure(NodeService(Place("eu-1", server.url, "k")), "list"), Unauthorised)


async def test_what_a_proxy_wants_goes_along_with_everything(server: Stub) -> None:
    server.answers |= {HEALTH: answer({"success": True}), LIST: answer({"success": True, "sessions": []})}
    gateway = NodeService(
        Place("eu-1", server.url, "k", headers={"x-tenant": "eu"}, basic=("ops", "pä:ss")), deadlines=PATIENT
    )
    await gateway.health()
    await gateway.list()
    basic = "Basic " + b64encode("ops:pä:ss".encode()).decode()
    for request in server.requests:
        assert (request.headers["x-tenant"], request.headers["authorization"]) == ("eu", basic)
    assert [request.headers.get("x-api-key") for request in server.requests] == [None, "k"]
    server.answers[HEALTH] = http(b"", 401, "WWW-Authenticate: Basic")
    assert "refuses its user and password" in str(await failure(gateway))


@contextlib.asynccontextmanager
async def tls(certificate: str) -> AsyncIterator[int]:
    """Serve health over TLS with one of the certificates; returns the port."""
    it = Stub(answers={HEALTH: answer({"success": True})})
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / f"{certificate}.pem", TLS / "server.key")
    server = await asyncio.start_server(it.serve, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@pytest.mark.parametrize(
    ("certificate", "detail"),
    [
        ("self-signed", "its certificate is self-signed, which this machine does not trust; set ca_file"),
        ("good", "signed by an authority that this machine does not know; set ca_file of this gateway"),
        ("expired", "its certificate has expired; renew it there"),
        ("elsewhere", "its certificate is for another host name; write the certificate's name"),
    ],
)
async def test_a_certificate_that_is_not_taken_is_said_in_plain_words(certificate: str, detail: str) -> None:
    ca_file = TLS / "ca.pem" if certificate in ("expired", "elsewhere") else None
    async with tls(certificate) as port:
        error = await failure(
            NodeService(Place("eu-1", f"https://localhost:{port}", ca_file=ca_file), deadlines=PATIENT)
        )
    assert isinstance(error, Unreachable) and says(error, detail)
    assert "_ssl.c" not in str(error)


async def test_an_authority_of_ones_own_is_trusted() -> None:
    for certificate, ca_file in (("good", "ca.pem"), ("self-signed", "self-signed.pem")):
        async with tls(certificate) as port:
            gateway = NodeService(
                Place("eu-1", f"https://localhost:{port}", ca_file=TLS / ca_file), deadlines=PATIENT
            )
            await gateway.health()
            await gateway.close()


async def test_a_wrong_scheme_is_said_either_way(server: Stub) -> None:
    async with tls("good") as port:
        error = await failure(NodeService(Place("eu-1", f"http://localhost:{port}"), deadlines=PATIENT))
    assert says(error, "it speaks TLS on that port; write https://")
    error = await failure(
        NodeService(Place("eu-1", server.url.replace("http:", "https:")), deadlines=PATIENT)
    )
    assert isinstance(error, Unreachable), error
    server.answers[HEALTH] = reset
    error = await failure(NodeService(Place("eu-1", server.url), deadlines=PATIENT))
    assert "the connection was lost before the answer" in str(error)


@pytest.mark.parametrize(
    ("spoken", "detail"),
    [
        (b"\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64\r\n\r\n", "it speaks HTTP/2 alone"),
        (b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", "answered 400"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "not HTTP"),
    ],
)
async def test_what_speaks_something_else(server: Stub, spoken: bytes, detail: str) -> None:
    async def speak(writer: asyncio.StreamWriter) -> None:
        writer.write(spoken)
        await writer.drain()
        writer.close()
        raise ConnectionResetError

    server.answers[HEALTH] = speak
    error = await failure(NodeService(Place("eu-1", server.url), deadlines=PATIENT))
    assert isinstance(error, Garbled) and says(error, detail)


async def test_a_plain_port_asked_for_tls() -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(speak, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    error = await failure(NodeService(Place("eu-1", f"https://127.0.0.1:{port}"), deadlines=PATIENT))
    assert says(error, "it speaks no TLS on that port; write http://")
    server.close()


async def test_a_name_without_an_address() -> None:
    error = await failure(NodeService(Place("eu-1", "http://gateway.invalid"), deadlines=PATIENT))
    assert "its host name has no address" in str(error) or "name server does not answer" in str(error)
