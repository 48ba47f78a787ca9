"""The queries that every store over SQLite answers, whether or not it can write."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection
from typing import TypeVar

from wa_tui.model.events import Event, Kind
from wa_tui.model.fleet import Fleet
from wa_tui.model.registers import Source

from .api_keys import read_api_keys
from .backlog import Backlog
from .damage import Damage
from .event_queries import EventQuery, read_events
from .held import Held
from .messages import MessageQuery, read_action, read_messages
from .protocol import ActionRow, ApiKey, Count, JobRun, Loaded, Transition
from .reading import (
    ActionQuery,
    read_counts,
    read_job_runs,
    read_kept_counts,
    read_newest_actions,
    read_snapshot_and_tail,
    read_transitions,
)

T = TypeVar("T")


class Reads:
    """The reading half of `Store`; see there. A subclass runs the queries, in its ``_read``."""

    def __init__(self, loaded: Loaded, backlog: Backlog, damage: Damage) -> None:
        self._loaded = loaded
        self._backlog = backlog
        self.damage = damage
        """See `Store.damage`."""

    @property
    def held(self) -> Held | None:
        """See `Store.held`."""
        return None

    async def load(self) -> Loaded:
        """See `Store.load`."""
        return self._loaded

    async def events(
        self,
        *,
        gateway: str | None = None,
        session_id: str | None = None,
        after: int = 0,
        before: int | None = None,
        since: int | None = None,
        until: int | None = None,
        limit: int = 500,
        kinds: Collection[Kind] | None = None,
        sources: Collection[Source] | None = None,
        first: bool = False,
    ) -> list[Event]:
        """See `Store.events`."""
        heads = self._backlog.heads(gateway, session_id) if session_id is not None else {}
        wanted = EventQuery(
            gateway=gateway,
            session_id=session_id,
            after=after,
            before=before,
            since=since,
            until=until,
            limit=limit,
            kinds=kinds,
            sources=sources,
            first=first,
            heads=heads,
        )
        return await self._read(
            lambda connection: read_events(connection, self.damage, wanted), "reading events"
        )

    async def transitions(self, since: int) -> list[Transition]:
        """See `Store.transitions`."""
        heads = self._backlog.all_heads()
        return await self._read(
            lambda connection: read_transitions(connection, self.damage, since, heads), "reading transitions"
        )

    async def counts(self, since: int) -> list[Count]:
        """See `Store.counts`."""
        return await self._read(
            lambda connection: read_counts(connection, self.damage, since), "counting events"
        )

    async def kept_counts(self) -> list[Count]:
        """See `Store.kept_counts`."""
        return await self._read(
            lambda connection: read_kept_counts(connection, self.damage), "reading counts"
        )

    async def actions(
        self,
        limit: int | None = 100,
        *,
        since: int = 0,
        until: int | None = None,
        names: Collection[str] = (),
        gateway: str | None = None,
        before: str | None = None,
    ) -> list[ActionRow]:
        """See `Store.actions`."""
        asked = ActionQuery(limit, since, until, names, gateway, before)
        return await self._read(
            lambda connection: read_newest_actions(connection, self.damage, asked), "reading actions"
        )

    async def action(self, id: str) -> ActionRow | None:
        """See `Store.action`."""
        return await self._read(
            lambda connection: read_action(connection, self.damage, id), f"reading action {id}"
        )

    async def messages(
        self,
        *,
        gateway: str | None = None,
        session_id: str | None = None,
        before: str | None = None,
        limit: int = 200,
    ) -> list[ActionRow]:
        """See `Store.messages`."""
        asked = MessageQuery(gateway, session_id, before, limit)
        return await self._read(
            lambda connection: read_messages(connection, self.damage, asked), "reading messages"
        )

    async def job_runs(self) -> list[JobRun]:
        """See `Store.job_runs`."""
        return await self._read(lambda connection: read_job_runs(connection, self.damage), "reading job runs")

    async def api_keys(self) -> list[ApiKey]:
        """See `Store.api_keys`."""
        return await self._read(lambda connection: read_api_keys(connection, self.damage), "reading API keys")

    async def snapshot_and_tail(self) -> tuple[Fleet, list[Event]]:
        """See `Store.snapshot_and_tail`."""
        return await self._read(
            lambda connection: read_snapshot_and_tail(connection, self.damage), "reading the snapshot"
        )

    async def _read(self, function: Callable[[sqlite3.Connection], T], doing: str) -> T:
        raise NotImplementedError
