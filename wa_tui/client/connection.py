"""The API from outside: what the monitor and the command line call."""

from __future__ import annotations

import getpass
import socket
from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime
from typing import Protocol

from wa_tui import wire
from wa_tui.identity.sessions import in_path

from . import following, live
from .address import Address, Tcp
from .cursor import Cursor
from .errors import Refused
from .following import Disconnected
from .http import DEADLINE_S, HttpApi

_SETUP_S = 60.0
"""Seconds that a gateway may take to tell where all its sessions post to."""


class Owner(Protocol):
    """What keeps the daemon of a client on this machine."""

    async def revive(self) -> None:
        """Start it anew when it crashed; raises `DaemonGone`."""

    def release(self) -> None:
        """Let it end."""


class Client:
    """A daemon, by its address; connects on first use, and again after a loss.

    ``who`` is added to what the daemon itself knows of who acts (``user@host`` by default); ``read_only`` has the
    daemon refuse all but safe actions. Every method raises `DaemonError`: `DaemonGone`, `Refused`, `Unauthorised` or
    `Incompatible`.
    """

    def __init__(
        self,
        address: Address,
        *,
        who: str | None = None,
        read_only: bool = False,
        owner: Owner | None = None,
    ) -> None:
        self.address = address
        self.read_only = read_only
        self.who = who or default_who()
        self._owner = owner
        self._headers = {
            wire.WHO_HEADER: self.who.encode("ascii", "replace").decode(),
            wire.API_HEADER: str(wire.API_VERSION),
        }
        if read_only:
            self._headers[wire.READ_ONLY_HEADER] = "1"
        if isinstance(address, Tcp) and address.api_key is not None:
            self._headers["x-api-key"] = address.api_key
        self._http = HttpApi(address, self._headers)

    async def status(self) -> wire.StatusView:
        """Return the daemon, its gateways and the fleet in numbers."""
        return await self._http.get("/status", wire.StatusView)

    async def sessions(self, *, history: bool = True) -> list[wire.SessionView]:
        """Return every session of every gateway, with its last 24 h or without."""
        return await self._http.get("/sessions", list[wire.SessionView], history=None if history else 0)

    async def named(self, ids: Sequence[str]) -> list[wire.SessionView]:
        """Return the sessions that ids may mean, bare or with their gateway; without their last 24 h."""
        return await self._http.get("/sessions", list[wire.SessionView], id=ids, history=0)

    async def events(
        self,
        gateway: str | None = None,
        session_id: str | None = None,
        after: int = 0,
        limit: int = 200,
        before: int | None = None,
    ) -> list[wire.EventView]:
        """Return the newest ``limit`` events between two ids (exclusive), oldest first; at most 5,000."""
        wanted = wire.EventRange(gateway=gateway, session_id=session_id)
        return await self.events_within(wanted, after=after, before=before, limit=limit)

    async def events_within(
        self,
        wanted: wire.EventRange,
        *,
        after: int = 0,
        before: int | None = None,
        limit: int = 200,
        oldest: bool = False,
    ) -> list[wire.EventView]:
        """Return the newest ``limit`` events of a range (or the ``oldest``), oldest first; at most 5,000."""
        return await self._http.get(
            "/events",
            list[wire.EventView],
            gateway=wanted.gateway,
            session_id=wanted.session_id,
            source=wanted.sources or None,
            kind=wanted.kinds or None,
            since=_iso(wanted.since),
            until=_iso(wanted.until),
            after=after or None,
            before=before,
            limit=limit,
            oldest=1 if oldest else None,
        )

    async def actions(
        self,
        gateway: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        before: str | None = None,
        limit: int = 200,
    ) -> list[wire.Receipt]:
        """Return the newest ``limit`` actions accepted in a time, newest first, older than the action ``before``."""
        return await self._http.get(
            "/actions",
            list[wire.Receipt],
            gateway=gateway,
            since=_iso(since),
            until=_iso(until),
            before=before,
            limit=limit,
        )

    async def messages(
        self,
        gateway: str | None = None,
        session_id: str | None = None,
        before: str | None = None,
        limit: int = 200,
    ) -> list[wire.MessageView]:
        """Return the newest ``limit`` messages asked for, newest first, older than the action ``before``.

        With a gateway or a session: those that were tried through it. At most 5,000.
        """
        return await self._http.get(
            "/messages",
            list[wire.MessageView],
            gateway=gateway,
            session_id=session_id,
            before=before,
            limit=limit,
        )

    async def traffic(self, gateway: str, session_id: str, hours: int = 24) -> wire.TrafficSeries:
        """Return the counts of a session's messages: of 24 hours by minutes, or of 720 by hours."""
        path = f"/sessions/{in_path(gateway)}/{in_path(session_id)}/traffic"
        return await self._http.get(path, wire.TrafficSeries, hours=hours)

    async def webhook_setup(self, gateway: str, url: str | None = None) -> wire.WebhookSetup:
        """Return where a gateway's webhooks go, and where they should: to ``url``, or to where the daemon listens."""
        path = f"/gateways/{in_path(gateway)}/setup"
        return await self._http.get(path, wire.WebhookSetup, deadline=_SETUP_S, url=url)

    async def jobs(self) -> list[wire.JobView]:
        """Return the periodic jobs and their last runs."""
        return await self._http.get("/jobs", list[wire.JobView])

    async def qr(self, gateway: str, session_id: str) -> wire.QrView | None:
        """Return a session's current QR code; ``None`` when it has none."""
        path = f"/sessions/{in_path(gateway)}/{in_path(session_id)}/qr"
        try:
            code: wire.QrView | None = await self._http.get(path, wire.QrView | None)  # type: ignore[arg-type]
        except Refused as error:
            if error.status == 404:
                return None
            raise
        return code

    async def act(self, request: wire.ActionRequest) -> wire.Receipt:
        """Ask for an action and return its receipt, ``accepted`` at first; raises `Refused`.

        When the connection is lost on the way, `DaemonGone` says that the outcome is unknown; nothing is asked twice.
        """
        return await self._http.post("/actions", request, wire.Receipt, doing=_named(request))

    async def receipt(self, id: str, wait: float = 0) -> wire.Receipt:
        """Return an action's receipt, after at most ``wait`` seconds for its end."""
        return await self._http.get(
            f"/actions/{id}", wire.Receipt, deadline=wait + DEADLINE_S, wait=wait or None
        )

    async def api_keys(self) -> list[wire.ApiKeyView]:
        """Return the keys of the API, those revoked too, oldest first."""
        return await self._http.get("/api-keys", list[wire.ApiKeyView])

    async def create_api_key(self, request: wire.ApiKeyRequest) -> wire.NewApiKey:
        """Make a key and return it with its secret, which is told this once; raises `Refused`."""
        return await self._http.post(
            "/api-keys", request, wire.NewApiKey, doing=f"make the key {request.name}"
        )

    async def revoke_api_key(self, name: str) -> wire.ApiKeyView:
        """Have a key open nothing any more; raises `Refused`."""
        path = f"/api-keys/{in_path(name)}"
        return await self._http.delete(path, wire.ApiKeyView, doing=f"revoke the key {name}")

    def live(self, cursor: Cursor | None = None) -> AsyncGenerator[wire.LiveMessage, None]:
        """Yield what one connection brings: a `Snapshot`, then a `Delta` per change; ends with `DaemonGone`.

        With a cursor it begins with a `Delta` of what changed since, where the daemon can tell. A peer that sends
        nothing, not even a pong, is given up after 8 s.
        """
        return live.messages(self.address, self._headers, cursor)

    def follow(self) -> AsyncGenerator[wire.LiveMessage | Disconnected, None]:
        """Yield the live feed for ever, reconnecting after 0.2 s at first and 3 s at last.

        `Disconnected` comes once per loss; after each return what changed meanwhile, or a fresh `Snapshot`. A daemon
        on this machine that crashed is started anew. Wrap it in `contextlib.aclosing` where the loop's body awaits.
        """
        return following.follow(self.live, self._owner.revive if self._owner is not None else None)

    async def close(self) -> None:
        """Close the connections; a daemon started for this client then ends, unless others are attached to it."""
        await self._http.close()
        if self._owner is not None:
            self._owner.release()


def default_who() -> str:
    """Return ``user@host`` of this process."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user need not have a name
        user = "unknown"
    return f"{user}@{socket.gethostname()}"


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat()


def _named(request: wire.ActionRequest) -> str:
    place = "/".join(part for part in (request.gateway, request.session_id) if part)
    return f"{request.action} {place}".strip()
