"""One WebSocket connection to the daemon's live feed; websockets is imported on first use."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec

from wa_tui import wire
from wa_tui.system import garbage

from . import errors
from .address import Address, Unix
from .cursor import Cursor
from .http import refusal, trusted

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection, connect

OPEN_S = 5.0
QUIET_S = 4.0
"""A feed that is silent for so long is asked for a pong, …"""
PONG_S = 4.0
"""… and counts as dead when it sends nothing for so long after that."""
_MAX_BYTES = 64 << 20
"""Bytes of a message: a large fleet comes in parts of some 2 MB."""
_PATH = f"{wire.ROOT}/live"


async def messages(
    address: Address, headers: Mapping[str, str], cursor: Cursor | None = None
) -> AsyncGenerator[wire.LiveMessage, None]:
    """Yield what one connection brings; it always ends with a `DaemonError`, mostly `DaemonGone`.

    The parts of a snapshot are put together first: what is cut off in the middle of them was never there.
    """
    decoder = msgspec.json.Decoder(wire.LiveFrame)
    parts = _Parts()
    async with _connected(address, headers, cursor) as connection:
        with contextlib.ExitStack() as taking_in:
            while True:
                data = await _receive(connection, address)
                try:
                    message = decoder.decode(data)
                except msgspec.DecodeError as error:
                    raise errors.incompatible(address, str(error)) from error
                if isinstance(message, wire.SnapshotPart):
                    taking_in.enter_context(garbage.paused())
                    parts.add(message)
                elif isinstance(message, wire.Snapshot):
                    whole = parts.whole(message)
                    taking_in.close()
                    yield whole
                else:
                    yield message


class _Parts:
    """The sessions of a snapshot's parts: of one that comes twice the later view."""

    def __init__(self) -> None:
        self._sessions: dict[wire.SessionKey, wire.SessionView] = {}

    def add(self, part: wire.SnapshotPart | wire.Snapshot) -> None:
        self._sessions.update({(each.gateway, each.session_id): each for each in part.sessions})
        for key in part.removed:
            self._sessions.pop(key, None)

    def whole(self, end: wire.Snapshot) -> wire.Snapshot:
        """Return the snapshot whose end has come, and be empty for the next."""
        self.add(end)
        sessions, self._sessions = [*self._sessions.values()], {}
        return msgspec.structs.replace(end, sessions=sessions, removed=[])


@contextlib.asynccontextmanager
async def _connected(
    address: Address, headers: Mapping[str, str], cursor: Cursor | None
) -> AsyncIterator[ClientConnection]:
    from websockets.exceptions import InvalidHandshake, InvalidMessage, InvalidStatus

    try:
        connection = await _connect(address, headers, cursor)
    except InvalidStatus as error:
        answer = error.response
        version = answer.headers.get(wire.API_HEADER)
        raise refusal(address, answer.status_code, bytes(answer.body), version) from error
    except InvalidHandshake as error:
        if isinstance(error, InvalidMessage) and isinstance(error.__cause__, EOFError | OSError):
            raise errors.lost(address, "it ended during the greeting") from error
        raise errors.incompatible(address, str(error)) from error
    except TimeoutError as error:
        raise errors.silent(address, OPEN_S) from error
    except (OSError, EOFError) as error:
        raise errors.unreachable(address, error) from error
    try:
        errors.require_version(address, _version_of(connection))
        yield connection
    finally:
        await connection.close()


def _version_of(connection: ClientConnection) -> str | None:
    return None if connection.response is None else connection.response.headers.get(wire.API_HEADER)


def _connect(address: Address, headers: Mapping[str, str], cursor: Cursor | None) -> connect:
    from websockets.asyncio.client import connect, unix_connect

    # Pings are ours (`_receive`): the library's own would call a feed dead that merely was not read, as
    # happens while a stalled terminal blocks the reader's event loop.
    options: dict[str, Any] = {
        "additional_headers": dict(headers),
        "max_size": _MAX_BYTES,
        "open_timeout": OPEN_S,
        "close_timeout": 1.0,
        "ping_interval": None,
    }
    path = _PATH if cursor is None else f"{_PATH}?after={cursor.after}&store={quote(cursor.store, safe='')}"
    if isinstance(address, Unix):
        uri = f"ws://localhost{path}"
        return unix_connect(str(address.path), uri, compression=None, **options)
    return connect(f"ws{address.url[4:]}{path}", proxy=None, ssl=trusted(address), **options)


async def _receive(connection: ClientConnection, address: Address) -> str | bytes:
    from websockets.exceptions import ConnectionClosed

    try:
        while True:
            try:
                async with asyncio.timeout(QUIET_S):
                    return await connection.recv()
            except TimeoutError:
                pong = asyncio.ensure_future(await connection.ping())
            try:
                async with asyncio.timeout(PONG_S):
                    return await connection.recv()
            except TimeoutError:
                if not pong.done():
                    raise errors.silent(address, PONG_S) from None
    except ConnectionClosed as error:
        raise errors.lost(address, _why(error.rcvd)) from error


def _why(received: Any) -> str:
    """Return the peer's words for closing."""
    if received is None:
        return "it ended without a word"
    return str(received.reason or f"closed with code {received.code}")
