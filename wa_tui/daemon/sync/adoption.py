"""``active-sessions``: what a restarted gateway is told to restore (contract §2, design §3 rule 7).

When the store lost everything, nobody knows what to restore until each gateway's own list has been adopted:
an empty answer would restore nothing, so it is 503 until then.
"""

from __future__ import annotations

import asyncio
from typing import Any

from wa_tui.identity.users import user_on_wire
from wa_tui.model.session import Session
from wa_tui.store import Provenance, StoreError
from wa_tui.wire import RefusalKind

from ..core import Core
from ..receiving.attribution import Attribution, UnknownGateway, WrongKey
from ..receiving.envelope import Answer, error, success
from ..recording.recorder import NotTaken
from .lists import GatewayAsleep, fetch

PATIENCE = 5.0
"""Seconds that an answer waits for the adoption; the service gives up after 10."""


class Adoption:
    """Adopts each gateway's list after a loss or on the very first start, and answers ``active-sessions``."""

    def __init__(self, core: Core, attribution: Attribution, provenance: Provenance) -> None:
        self._core = core
        self._attribution = attribution
        self._lost = provenance in (Provenance.LOST, Provenance.UNREAD)
        self._unread = provenance is Provenance.UNREAD
        adopts = self._lost or provenance is Provenance.FRESH
        self._pending = set(core.clients) if adopts else set[str]()
        self._tried = {name: asyncio.Event() for name in self._pending}
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to adopt what is pending."""
        self._tasks = [asyncio.create_task(self._adopt(name)) for name in self._pending]

    async def stop(self) -> None:
        """Give up adopting."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def answer(self, key: bytes | None, route: str | None, peer: str | None) -> Answer:
        """Answer one request for the sessions to restore; who is refused restores none, which is said."""
        refuse = self._core.refusals.note
        try:
            attributed = self._attribution.of(key, route)
        except WrongKey:
            refuse(RefusalKind.RESTORE_KEY, peer, self._attribution.named(route))
            return error(403, "Invalid or missing API key")
        except UnknownGateway:
            refuse(RefusalKind.UNKNOWN_ROUTE, peer, self._attribution.candidates(key), route or "")
            return error(404, f"No gateway named {route!r} is configured")
        name = attributed.gateway
        if name is None:
            refuse(RefusalKind.RESTORE_SHARED, peer, attributed.candidates)
            names = ", ".join(attributed.candidates)
            return error(
                400,
                f"{names} share one key: ask /api/v1/gateways/<name>/active-sessions/, or give each its own",
            )
        if name in self._pending:
            await self._wait(name)
        if name in self._pending and self._lost:
            return error(
                503,
                "The database cannot be read now, so that nobody knows what to restore: come again"
                if self._unread
                else f"The database was lost: the sessions of {name} are adopted from its list first, come again",
                {"retry-after": "5"},
            )
        self._core.refusals.answered(name)
        sessions = [session for session in self._core.fleet.sessions(name) if session.restorable]
        rows = [_row(index, session) for index, session in enumerate(sessions, start=1)]
        return success({"sessions": rows, "count": len(rows)})

    async def _wait(self, name: str) -> None:
        try:
            await asyncio.wait_for(self._tried[name].wait(), PATIENCE)
        except TimeoutError:
            return

    async def _adopt(self, name: str) -> None:
        while True:
            try:
                await fetch(self._core, name)
            except (GatewayAsleep, NotTaken, StoreError):
                if self._lost:
                    await asyncio.sleep(1)
                    continue
                # Nothing was ever known: the list sync goes on trying, and nobody has to wait for it.
            self._pending.discard(name)
            self._tried[name].set()
            return


def _row(index: int, session: Session) -> dict[str, Any]:
    return {
        "id": index,
        "session_id": session.session_id,
        "user_id": None if session.user_id is None else user_on_wire(session.user_id),
        "instance_name": session.instance_name,
        "phone_number": session.phone_number,
    }
