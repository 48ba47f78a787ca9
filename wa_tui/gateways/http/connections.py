"""HTTP to one gateway: bounded answers, a deadline per call, and connections that cannot starve each other.

Kept-alive connections carry reads alone. A change gets a fresh one: were a kept-alive one closed by the
service (Node: after 5 s) just as we write, nobody could tell whether the change was carried out.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

# Not httpx, whose command line brings rich and click along into the daemon, and whose pool asks four times a request
# which event loop runs.
import httpcore

from ..errors import Call, Garbled, GatewayError, Intercepted, NoAnswer, Unreachable
from .inflating import TooLong, UnknownEncoding, inflated
from .lost import SPEAKS_TLS, cause_of, foreign_speech

# Below Node's 5 s, so that it is us who close an idle connection.
_KEEPALIVE_SECONDS = 4.0
_CHANGES_AT_ONCE = 32
_TLS_SECONDS = 1.0
_PORTS = {"http": 80, "https": 443}
_UNQUOTED = "!$%&'()*+,/:;=?@[]~"
"""What may stand in a request's target as it is."""

_FAILURES = (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, OSError)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, its body not decoded."""

    status_code: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    """By their names in small letters."""

    @property
    def location(self) -> str | None:
        """The place that a redirection names; it is shown, never followed."""
        return self.headers.get("location")


class Connections:
    """Slots of one connection each (httpcore's pool is O(N²)), and one more that only health checks use.

    Proxies, cookies, redirects and ``.netrc`` play no part: a gateway is asked where its url says, and its
    key goes nowhere else. Certificates are checked against the system's store (``SSL_CERT_FILE`` moves it) and the
    authorities in ``ca_file``. Raises OSError where that cannot be read.
    """

    def __init__(self, url: str, *, slots: int = 24, ca_file: Path | None = None) -> None:
        self._url = url
        # A context costs 20 ms, so one for all; plain HTTP needs none.
        self._verify = _trusting(ca_file) if url.startswith("https:") else None
        self._place = _Place(url)
        self._health = self._slot()
        self._reads = [self._slot() for _ in range(slots)]
        # Last in, first out: few connections stay warm when little is asked.
        self._free: asyncio.LifoQueue[_Slot] = asyncio.LifoQueue()
        for slot in self._reads:
            self._free.put_nowait(slot)
        self._changes = asyncio.Semaphore(_CHANGES_AT_ONCE)
        self._health_turn = asyncio.Lock()

    async def exchange(
        self,
        call: Call,
        *,
        headers: dict[str, str],
        content: bytes | None = None,
        deadline: float,
        limit: int,
        health: bool = False,
    ) -> Answer:
        """Send one request and return its answer.

        ``deadline`` (seconds) covers the whole of it, waiting for a slot included; ``limit`` bounds the
        body in bytes. Raises `Unreachable`, `NoAnswer` or `Garbled`.
        """
        progress = _Progress()
        request = self._place.request(call, headers, content, progress)
        try:
            async with asyncio.timeout(deadline), self._free_slot(call, health) as slot:
                progress.waiting = False
                return await _exchange(await slot.connection(), request, call, limit)
        except TimeoutError:
            raise progress.timed_out(call, deadline) from None
        except _FAILURES as error:
            lost = progress.lost(call, error)
            # Most servers close a connection that speaks no TLS, some after an alert. Only the health check may look.
            if health and isinstance(lost, NoAnswer | Garbled) and await self._speaks_tls():
                lost = Unreachable(call, SPEAKS_TLS.detail, SPEAKS_TLS.advice)
            raise lost from error

    async def close(self) -> None:
        """Close every connection; calls under way fail."""
        for slot in (self._health, *self._reads):
            await slot.aclose()

    async def _speaks_tls(self) -> bool:
        """Tell whether TLS is spoken where a plain connection was lost; nothing is sent but the handshake's hello."""
        place = urlsplit(self._url)
        if self._verify is not None or place.hostname is None:
            return False
        # Without the system's certificates: to read them would hold up the daemon.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(_TLS_SECONDS):
                _, writer = await asyncio.open_connection(place.hostname, place.port or 80, ssl=context)
            writer.transport.abort()
            return True
        return False

    @contextlib.asynccontextmanager
    async def _free_slot(self, call: Call, health: bool) -> AsyncIterator[_Slot]:
        if health:
            async with self._health_turn:
                yield self._health
        elif call.changes:
            async with self._changes, contextlib.aclosing(self._slot()) as slot:
                yield slot
        else:
            slot = await self._free.get()
            try:
                yield slot
            finally:
                self._free.put_nowait(slot)

    def _slot(self) -> _Slot:
        return _Slot(self._place.origin, self._verify)


class _Place:
    """Where a gateway listens: what a request to it begins with."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        host = parts.hostname or ""
        name = host.encode("idna") if ":" not in host else host.encode()
        self.origin = httpcore.Origin(parts.scheme.encode(), name, parts.port or _PORTS.get(parts.scheme, 80))
        shown = b"[%b]" % name if b":" in name else name
        self._host = (
            shown if parts.port in (None, _PORTS.get(parts.scheme)) else b"%b:%d" % (shown, parts.port)
        )
        self._path = parts.path

    def request(
        self, call: Call, headers: Mapping[str, str], content: bytes | None, progress: _Progress
    ) -> httpcore.Request:
        """Return a request that tells ``progress`` when it leaves."""
        fields = [(b"Host", self._host)]
        fields += [(name.encode("ascii"), value.encode()) for name, value in headers.items()]
        if content or call.method in ("POST", "PUT", "PATCH"):
            fields.append((b"Content-Length", b"%d" % len(content or b"")))
        target = quote(self._path + call.target, safe=_UNQUOTED).encode("ascii")
        url = httpcore.URL(
            scheme=self.origin.scheme, host=self.origin.host, port=self.origin.port, target=target
        )
        return httpcore.Request(call.method, url, headers=fields, content=_Body(content or b"", progress))


class _Slot:
    """One connection at a time, kept alive while it is used often enough."""

    def __init__(self, origin: httpcore.Origin, context: ssl.SSLContext | None) -> None:
        self._origin = origin
        self._context = context
        self._connection: httpcore.AsyncHTTPConnection | None = None

    async def connection(self) -> httpcore.AsyncHTTPConnection:
        """Return the connection, another one where it is closed, or old, or the gateway has ended it."""
        if self._connection is not None and (
            self._connection.has_expired() or not self._connection.is_available()
        ):
            await self.aclose()
        if self._connection is None:
            self._connection = httpcore.AsyncHTTPConnection(
                self._origin,
                self._context,
                keepalive_expiry=_KEEPALIVE_SECONDS,
                network_backend=httpcore.AnyIOBackend(),
            )
        return self._connection

    async def aclose(self) -> None:
        """Close the connection; a request under way on it fails."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            await connection.aclose()


class _Progress:
    """How far a request came, which decides what its failure means."""

    def __init__(self) -> None:
        self.waiting = True
        self.sent = False

    def timed_out(self, call: Call, deadline: float) -> GatewayError:
        """Return what a passed deadline (seconds) means."""
        if self.sent:
            return NoAnswer(call, f"no answer within {deadline:g} s")
        if self.waiting:
            return NoAnswer(call, f"not sent within {deadline:g} s: earlier requests hang", sent=False)
        return Unreachable(call, f"no connection within {deadline:g} s")

    def lost(self, call: Call, error: Exception) -> GatewayError:
        """Return what a failed connection means."""
        if self.sent:
            if isinstance(error, httpcore.RemoteProtocolError) and "illegal" in str(error):
                if (speech := foreign_speech(error)) is not None:
                    return Intercepted(call, speech.detail, speech.advice or "", done=False)
                return Garbled(call, f"not HTTP: {error}")
            return NoAnswer(call, f"the connection was lost before the answer ({_detail(error)})")
        cause = cause_of(error)
        return Unreachable(call, cause.detail, cause.advice, refused=cause.refused)


class _Body:
    """A request's body that notes when it is about to leave.

    Read once the head is out: without its body a request cannot have been carried out, so that a failure
    before this is one of the connection. (httpcore's tracing would tell it too, for a fifth of the rate.)
    """

    def __init__(self, content: bytes, progress: _Progress) -> None:
        self._content = content
        self._progress = progress

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self._progress.sent = True
        yield self._content


async def _exchange(
    connection: httpcore.AsyncHTTPConnection, request: httpcore.Request, call: Call, limit: int
) -> Answer:
    response = await connection.handle_async_request(request)
    try:
        body = bytearray()
        async for chunk in response.aiter_stream():
            body += chunk
            if len(body) > limit:
                raise Garbled(call, f"an answer of more than {limit} bytes")
    finally:
        await response.aclose()
    headers = _headers(response.headers)
    try:
        plain = inflated(bytes(body), headers.get("content-encoding", ""), limit)
    except TooLong:
        raise Garbled(call, f"an answer of more than {limit} bytes when inflated") from None
    except UnknownEncoding as error:
        raise Garbled(
            call, f"an answer that is {error}", "have the proxy before it pass answers plain"
        ) from error
    return Answer(response.status, plain, headers)


def _headers(fields: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return an answer's headers by their names in small letters; one that comes twice has both values."""
    found: dict[str, str] = {}
    for name, value in fields:
        key, text = name.decode("latin-1").lower(), value.decode("utf-8", "replace")
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def _detail(error: BaseException) -> str:
    return str(error) or type(error).__name__


def _trusting(ca_file: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context
