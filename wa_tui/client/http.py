"""One request and its answer over HTTP, on a Unix socket or TCP; httpx is imported on first use."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

import msgspec

from wa_tui import wire

from . import errors
from .address import Address, Tcp, Unix

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")

DEADLINE_S = 10.0
"""Seconds without a byte after which a daemon counts as silent."""

LARGEST = 512 << 20
"""Bytes of an answer, inflated: 100,000 sessions have some 100 MB, and what is no daemon may never end."""
_CONNECT_S = 5.0
_MAX_ERROR_CHARS = 200


class HttpApi:
    """The request-and-answer half of the API; one connection pool, made on first use."""

    def __init__(self, address: Address, headers: Mapping[str, str]) -> None:
        self._address = address
        self._headers = dict(headers)
        self._client: httpx.AsyncClient | None = None
        self._met = False
        """The daemon has answered, and speaks our version."""

    async def get(self, path: str, type: type[T], *, deadline: float = DEADLINE_S, **params: object) -> T:
        """Fetch ``path`` as ``type``; raises `DaemonError` after ``deadline`` seconds without a byte of the answer."""
        given = {
            name: [str(each) for each in value] if isinstance(value, list | tuple) else str(value)
            for name, value in params.items()
            if value is not None
        }
        return self._decode(await self._ask("GET", path, deadline, params=given), type)

    async def post(self, path: str, body: msgspec.Struct, type: type[T], *, doing: str) -> T:
        """Post ``body`` and return the answer as ``type``; raises `DaemonError`, ``doing`` names the action."""
        await self._meet()
        answer = await self._ask("POST", path, DEADLINE_S, content=msgspec.json.encode(body), doing=doing)
        return self._decode(answer, type)

    async def delete(self, path: str, type: type[T], *, doing: str) -> T:
        """Have something ended and return the answer as ``type``; raises as `post` does."""
        await self._meet()
        return self._decode(await self._ask("DELETE", path, DEADLINE_S, doing=doing), type)

    async def _meet(self) -> None:
        """Make sure that the daemon is of our version: another must not do anything before its answer says so."""
        if not self._met:
            # No session has an empty id.
            await self.get("/sessions", list[msgspec.Raw], id="")

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _ask(
        self,
        method: str,
        path: str,
        deadline: float,
        *,
        params: Mapping[str, str | list[str]] | None = None,
        content: bytes | None = None,
        doing: str | None = None,
    ) -> bytes:
        import httpx

        client, url = self._opened(), wire.ROOT + path
        try:
            async with asyncio.timeout(deadline) as silence:
                request = client.build_request(method, url, params=params or None, content=content)
                response = await client.send(request, stream=True)
                answer = await _read(response, silence, deadline)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise errors.unreachable(self._address, _cause(error)) from error
        except TimeoutError as error:
            if doing is not None:
                raise errors.lost(self._address, f"no answer in {deadline:g} s", doing=doing) from error
            raise errors.silent(self._address, deadline) from error
        except httpx.RequestError as error:
            detail = str(error) or type(error).__name__
            raise errors.lost(self._address, detail, doing=doing) from error
        if answer is None:
            raise errors.incompatible(self._address, f"an answer of more than {LARGEST >> 20} MiB")
        if not response.is_success:
            version = response.headers.get(wire.API_HEADER)
            raise refusal(self._address, response.status_code, answer, version)
        errors.require_version(self._address, response.headers.get(wire.API_HEADER))
        self._met = True
        return answer

    def _opened(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = _open(self._address, self._headers)
        return self._client

    def _decode(self, answer: bytes, type: type[T]) -> T:
        try:
            return msgspec.json.decode(answer, type=type)
        except msgspec.DecodeError as error:
            raise errors.incompatible(self._address, str(error)) from error


async def _read(response: httpx.Response, silence: asyncio.Timeout, deadline: float) -> bytes | None:
    """Return an answer's body, or ``None`` for one that is too large.

    Each part of it puts the end of patience off: a large fleet takes its time.
    """
    parts, size = [], 0
    try:
        async for part in response.aiter_bytes():
            parts.append(part)
            size += len(part)
            if size > LARGEST:
                return None
            silence.reschedule(asyncio.get_running_loop().time() + deadline)
    finally:
        await response.aclose()
    return b"".join(parts)


def refusal(address: Address, status: int, body: bytes, version: str | None) -> errors.DaemonError:
    """Return the error for an answer that is no success: `Refused` where it holds a `Problem`.

    ``version`` is the answer's `wire.API_HEADER`.
    """
    unauthorised = errors.unauthorised(
        address, had_key=isinstance(address, Tcp) and address.api_key is not None
    )
    try:
        problem = msgspec.json.decode(body, type=wire.Problem)
    except msgspec.DecodeError:
        problem = None
    if status == 401:
        known = problem is not None and problem.code == "unauthorised"
        return unauthorised if known else errors.stranger(address, status)
    if problem is not None and problem.code == wire.OTHER_VERSION:
        if version is not None and version.isdecimal():
            return errors.other_version(address, int(version))
        return errors.Incompatible(f"{problem.error} · {address}")
    if problem is not None:
        return errors.Refused(problem, status)
    if status == 403:  # a WebSocket that is closed before it was accepted: there is no other way to say it
        return unauthorised
    if status < 500:
        return errors.incompatible(address, f"HTTP status {status}")
    detail = body.decode("utf-8", "replace").strip()[:_MAX_ERROR_CHARS] or "no details"
    text = f"the daemon at {address} failed (HTTP status {status}: {detail}); see its log"
    return errors.Refused(wire.Problem(error=text, code="internal"), status)


def trusted(address: Tcp) -> ssl.SSLContext | None:
    """Return whom an ``https`` address is trusted by: the system's authorities, ``SSL_CERT_FILE``, and its own.

    Raises `DaemonError` where those cannot be read.
    """
    if not address.url.startswith("https:"):
        return None
    context = ssl.create_default_context()
    if address.ca_file is not None:
        try:
            context.load_verify_locations(address.ca_file)
        except OSError as error:
            raise errors.untrusted(address.ca_file, error) from error
    return context


def _open(address: Address, headers: Mapping[str, str]) -> httpx.AsyncClient:
    import httpx

    # No proxy: a daemon is named directly, and its key is for nobody else.
    timeout = httpx.Timeout(None, connect=_CONNECT_S)
    # No limit: a request that waits for one of many long polls to end would count as sent and unanswered.
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=8)
    if isinstance(address, Unix):
        # No TLS on a socket: to read the system's certificates takes longer than most commands.
        transport = httpx.AsyncHTTPTransport(verify=False, uds=str(address.path), limits=limits)
        return httpx.AsyncClient(
            transport=transport, base_url="http://localhost", headers=headers, timeout=timeout
        )
    return httpx.AsyncClient(
        base_url=address.url,
        verify=trusted(address) or False,
        headers=headers,
        timeout=timeout,
        limits=limits,
        trust_env=False,
    )


def _cause(error: BaseException) -> Exception:
    """Return the operating system's error beneath httpx's, where there is one."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, OSError):
            return seen
        seen = seen.__cause__ or seen.__context__
    return error if isinstance(error, Exception) else Exception(str(error))
