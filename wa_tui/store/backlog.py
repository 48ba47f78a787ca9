"""Rows that a commit of many sessions leaves for later.

Sessions change in no order: the row of each lies on a page of its own, and every page is written twice, to the log and
to the file. So a commit of few sessions writes their rows, and one of many appends all of them to the table `backlog`,
as one row on pages of its own. The sessions' rows follow in the order of their keys, where one page holds several:
a part with each commit once there are many, all of them once nothing is committed. What is loaded is the rows with the
backlog laid over them. QR payloads live in the rows alone: after a crash in a burst a code is asked for again.

The same goes for `heads`, each session's newest event: an event names the one before it of its session, and what lies
above the `heads_at` of `meta` is found in the events themselves.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from wa_tui.model.registers import SessionKey
from wa_tui.model.session import Session

from .protocol import Batch
from .rows import SESSION, Insert, backlog_body, session_row
from .schema import set_meta
from .snapshot import without_payload

FEW = 16
"""Sessions and heads whose rows a commit writes itself."""

MANY = 10_000
"""Sessions in the backlog, each time one changed, from which on commits may write a part of the rows, …"""

OFTEN = 10
"""… which they do once each has changed so often, on the average: the others' rows were not written in vain."""

LARGE = 64 * 1024 * 1024
"""Bytes of the backlog that are enough in any case: words and names may be long."""

PART = 96
"""Rows that such a commit writes: more than it usually adds, so that the backlog shrinks."""

SPENT = 4
"""Entries of the backlog that such a commit deletes, once their sessions' rows are written."""

RowKey = tuple[str, str]
"""A session's gateway (empty where none is known) and its id."""


put_sessions = Insert("sessions", SESSION, ("gateway", "session_id"))
"""Writes sessions' rows."""
_put_heads = Insert("heads", ("gateway", "session_id", "event_id"), ("gateway", "session_id"))
_REMOVED = "DELETE FROM sessions WHERE gateway = ? AND session_id = ?"

_OLD_HEADS = "DELETE FROM heads WHERE event_id < (SELECT min(id) FROM events)"


@dataclass(slots=True)
class Step:
    """One transaction's changes of the backlog; `Backlog.took` applies them in memory once it is committed."""

    batch: Batch
    first_id: int
    """The id of its first event; the others follow."""
    previous: list[int | None]
    """For each event the one before it of its session."""
    heads: dict[RowKey, int]
    at_once: bool
    part: list[RowKey] | None = None
    """The sessions whose rows are written beside those of the batch, ``None`` for none."""
    spent: int = 0
    """Up to which entry the backlog is deleted."""
    size: int = 0
    """Bytes of the entry that is added."""

    @property
    def last_id(self) -> int:
        """The id of its last event."""
        return self.first_id + len(self.batch.events) - 1


class Backlog:
    """The sessions whose rows are behind, in memory. The writer's thread changes it, any thread reads it."""

    def __init__(
        self,
        heads: dict[RowKey, int],
        late: dict[RowKey, Session | None],
        entries: range,
        changes: int,
        size: int,
    ) -> None:
        self._heads = heads
        self._late = late
        """Whose rows are behind, and the sessions; ``None`` where only the head is."""
        self._oldest, self._newest = entries.start, entries.stop - 1
        self._changes, self._size = changes, size
        """How many sessions, and bytes, the entries have that no round deals with."""
        self._round: list[RowKey] = []
        """Whose rows are still to be written in this round, the last first."""
        self._round_of = (0, 0)
        """What it deals with: up to which entry, and up to which event."""
        self._spent = 0
        """Up to which entry all rows are written; the oldest go first, so that what is left tells no older state."""
        self._last_event = max(heads.values(), default=0)

    @property
    def empty(self) -> bool:
        """Whether all rows are up to date."""
        return not self._late and self._oldest > self._newest

    def heads(self, gateway: str | None, session_id: str) -> dict[RowKey, int]:
        """Return the newest event of a session, or of all sessions of that id."""
        if gateway is not None:
            head = self._heads.get((gateway, session_id))
            return {} if head is None else {(gateway, session_id): head}
        return {key: head for key, head in self._heads.copy().items() if key[1] == session_id}

    def all_heads(self) -> dict[RowKey, int]:
        """Return the newest event of every session."""
        return self._heads.copy()

    def plan(self, batch: Batch, first_id: int) -> Step:
        """Return what the transaction of a batch has to do; ``first_id`` is that of its first event."""
        previous: list[int | None] = []
        heads: dict[RowKey, int] = {}
        for id, event in enumerate(batch.events, first_id):
            if event.session_id is None:
                previous.append(None)
                continue
            key = (event.gateway or "", event.session_id)
            previous.append(heads.get(key) or self._heads.get(key))
            heads[key] = id
        at_once = self.empty and len(batch.sessions) <= FEW and len(heads) <= FEW
        step = Step(batch, first_id, previous, heads, at_once)
        if not at_once:
            # A few with each commit: to delete all at once would hold up the senders that wait for this one.
            step.spent = min(self._spent, self._oldest + SPENT - 1)
            if self._round or self._is_due():
                step.part = self._next(PART)
        return step

    def rest(self, most: int) -> Step:
        """Return what a transaction does that writes so many rows, or deletes as many entries, and nothing else."""
        step = Step(Batch(), 0, [], {}, at_once=False)
        if self._spent >= self._oldest:
            step.spent = min(self._spent, self._oldest + most - 1)
        else:
            step.part = self._next(most)
        return step

    def write(self, connection: sqlite3.Connection, step: Step) -> None:
        """Do it; the caller holds the transaction, and has written the events."""
        batch = step.batch
        if step.at_once:
            _remove(connection, batch.removed)
            put_sessions(connection, map(session_row, batch.sessions))
            _write_heads(connection, step.heads)
            if batch.events:
                set_meta(connection, "heads_at", step.last_id)
            return
        if step.part is not None:
            self._write_part(connection, step.part)
        if step.spent >= self._oldest:
            connection.execute("DELETE FROM backlog WHERE id <= ?", (step.spent,))
        # After the part: a row of a session that is removed now must not come back with it.
        _remove(connection, batch.removed)
        if batch.sessions or batch.removed:
            body = backlog_body([without_payload(each) for each in batch.sessions], batch.removed)
            step.size = len(body)
            connection.execute("INSERT INTO backlog VALUES (?, ?)", (self._newest + 1, body))

    def took(self, step: Step) -> None:
        """Take in that it is committed."""
        batch = step.batch
        self._heads.update(step.heads)
        self._last_event = step.last_id if batch.events else self._last_event
        if step.at_once:
            return
        if step.part is not None:
            self._end_part(step.part)
        self._oldest = max(self._oldest, step.spent + 1)
        if batch.sessions or batch.removed:
            self._newest += 1
            self._changes += len(batch.sessions) + len(batch.removed)
            self._size += step.size
        for key in step.heads:
            self._late.setdefault(key, None)
        for session in batch.sessions:
            self._late[session.gateway, session.session_id] = session
        for gateway, session_id in batch.removed:
            self._late[gateway, session_id] = None

    def forget(self, connection: sqlite3.Connection) -> None:
        """Forget the heads of sessions of which no event is left; the caller holds the transaction."""
        connection.execute(_OLD_HEADS)
        oldest = connection.execute("SELECT min(id) FROM events").fetchone()[0] or 0
        self._heads = {key: head for key, head in self._heads.items() if head >= oldest}

    def _is_due(self) -> bool:
        """Tell whether a round should begin though commits go on."""
        return self._changes >= max(MANY, OFTEN * len(self._late)) or self._size >= LARGE

    def _next(self, most: int) -> list[RowKey]:
        """Return whose rows are the next to be written, in a round of all that are behind."""
        if not self._round:
            # In the order of the keys, where one page holds the rows of several; popped from the end.
            self._round = sorted(self._late, reverse=True)
            self._round_of = (self._newest, self._last_event)
            self._changes = self._size = 0
        return self._round[: -most - 1 : -1]

    def _write_part(self, connection: sqlite3.Connection, part: list[RowKey]) -> None:
        late = [(key, self._late[key]) for key in part if key in self._late]
        put_sessions(connection, (session_row(session) for _, session in late if session is not None))
        _write_heads(connection, {key: self._heads[key] for key, _ in late if key in self._heads})
        if len(part) == len(self._round):
            set_meta(connection, "heads_at", self._round_of[1])

    def _end_part(self, part: list[RowKey]) -> None:
        for key in part:
            self._late.pop(key, None)
        del self._round[len(self._round) - len(part) :]
        if not self._round:
            self._spent = self._round_of[0]


def _remove(connection: sqlite3.Connection, keys: list[SessionKey]) -> None:
    if keys:
        connection.executemany(_REMOVED, keys)


def _write_heads(connection: sqlite3.Connection, heads: dict[RowKey, int]) -> None:
    _put_heads(connection, ((gateway, session_id, event) for (gateway, session_id), event in heads.items()))
