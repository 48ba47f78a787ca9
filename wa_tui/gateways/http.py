"""HTTP to one gateway: bounded answers, a deadline per call, and connections that cannot starve each other.

Kept-alive connections carry reads alone. A change gets a fresh one: were a kept-alive one closed by the
service (Node: after 5 s) just as we write, nobody could tell whether the change was carried out.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

# Not to be imported: httpx's command line brings rich and click along, which take as long to load as all the rest of
# it; and httpcore looks for sniffio on the whole path four times a request, a quarter of what a request costs.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]

import httpx  # noqa: E402

from .errors import Call, Garbled, GatewayError, Intercepted, NoAnswer, Unreachable  # noqa: E402
from .inflating import TooLong, UnknownEncoding, inflated  # noqa: E402
from .lost import SPEAKS_TLS, cause_of, foreign_speech  # noqa: E402

# Below Node's 5 s, so that it is us who close an idle connection.
_KEEPALIVE_SECONDS = 4.0
_CHANGES_AT_ONCE = 32
_TLS_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, its body not decoded."""

    status_code: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    """By their names in any case."""

    @property
    def location(self) -> str | None:
        """Where it redirects to."""
        return self.headers.get("location")


class Connections:
    """Slots of one connection each (httpx's pool is O(N²)), and one more that only health checks use.

    Proxies, cookies, redirects and ``.netrc`` play no part: a gateway is asked where its url says, and its
    key goes nowhere else. Certificates are checked against the system's store (``SSL_CERT_FILE`` moves it) and the
    authorities in ``ca_file``. Raises OSError where that cannot be read.
    """

    def __init__(self, url: str, *, slots: int = 24, ca_file: Path | None = None) -> None:
        self._url = url
        # A context costs 20 ms, so one for all; plain HTTP needs none.
        self._verify: ssl.SSLContext | bool = _trusting(ca_file) if url.startswith("https:") else False
        self._health = self._transport()
        self._reads = [self._transport() for _ in range(slots)]
        # Last in, first out: few connections stay warm when little is asked.
        self._free: asyncio.LifoQueue[httpx.AsyncHTTPTransport] = asyncio.LifoQueue()
        for transport in self._reads:
            self._free.put_nowait(transport)
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
        request = httpx.Request(call.method, self._url + call.path, headers=headers, content=content)
        request.stream = _Body(content or b"", progress)
        try:
            async with asyncio.timeout(deadline), self._slot(call, health) as transport:
                progress.waiting = False
                return await _exchange(transport, request, call, limit)
        except TimeoutError:
            raise progress.timed_out(call, deadline) from None
        except (httpx.TransportError, OSError) as error:
            lost = progress.lost(call, error)
            # Most servers close a connection that speaks no TLS, some after an alert. Only the health check may look.
            if health and isinstance(lost, NoAnswer | Garbled) and await self._speaks_tls():
                lost = Unreachable(call, SPEAKS_TLS.detail, SPEAKS_TLS.advice)
            raise lost from error

    async def close(self) -> None:
        """Close every connection; calls under way fail."""
        for transport in (self._health, *self._reads):
            await transport.aclose()

    async def _speaks_tls(self) -> bool:
        """Tell whether TLS is spoken where a plain connection was lost; nothing is sent but the handshake's hello."""
        place = urlsplit(self._url)
        if self._verify is not False or place.hostname is None:
            return False
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(_TLS_SECONDS):
                _, writer = await asyncio.open_connection(place.hostname, place.port or 80, ssl=context)
            writer.transport.abort()
            return True
        return False

    @contextlib.asynccontextmanager
    async def _slot(self, call: Call, health: bool) -> AsyncIterator[httpx.AsyncHTTPTransport]:
        if health:
            async with self._health_turn:
                yield self._health
        elif call.changes:
            async with self._changes, self._transport() as transport:
                yield transport
        else:
            transport = await self._free.get()
            try:
                yield transport
            finally:
                self._free.put_nowait(transport)

    def _transport(self) -> httpx.AsyncHTTPTransport:
        limits = httpx.Limits(
            max_connections=1, max_keepalive_connections=1, keepalive_expiry=_KEEPALIVE_SECONDS
        )
        return httpx.AsyncHTTPTransport(verify=self._verify, limits=limits, trust_env=False, retries=0)


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
            if isinstance(error, httpx.RemoteProtocolError) and "illegal" in str(error):
                if (speech := foreign_speech(error)) is not None:
                    return Intercepted(call, speech.detail, speech.advice or "", done=False)
                return Garbled(call, f"not HTTP: {error}")
            return NoAnswer(call, f"the connection was lost before the answer ({_words(error)})")
        cause = cause_of(error)
        return Unreachable(call, cause.detail, cause.advice, refused=cause.refused)


class _Body(httpx.AsyncByteStream):
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
    transport: httpx.AsyncHTTPTransport, request: httpx.Request, call: Call, limit: int
) -> Answer:
    response = await transport.handle_async_request(request)
    try:
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > limit:
                raise Garbled(call, f"an answer of more than {limit} bytes")
    finally:
        await response.aclose()
    try:
        plain = inflated(bytes(body), response.headers.get("content-encoding", ""), limit)
    except TooLong:
        raise Garbled(call, f"an answer of more than {limit} bytes when inflated") from None
    except UnknownEncoding as error:
        raise Garbled(
            call, f"an answer that is {error}", "have the proxy before it pass answers plain"
        ) from error
    return Answer(response.status_code, plain, response.headers)


def _words(error: BaseException) -> str:
    return str(error) or type(error).__name__


def _trusting(ca_file: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context
