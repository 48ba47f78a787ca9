"""What the daemon asks of a store: no SQL, every time in milliseconds since the epoch, UTC."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, Protocol

from wa_tui.model.events import Event, Kind
from wa_tui.model.facts import UserId
from wa_tui.model.fleet import Fleet
from wa_tui.model.gateway import Gateway
from wa_tui.model.registers import DAY, Reason, SessionKey, Source
from wa_tui.model.session import Session

from .bounds import Digest, Number, Text, Time
from .damage import Damage
from .held import Held

LATEST_WORD = DAY
"""A query up to an instant finds the events that were recorded so long after it at most."""


class Transition(NamedTuple):
    """A change of a session's status or a gateway's state, or a start of the daemon; see `Event`."""

    at: Time
    recorded: Time
    gateway: Text | None
    session_id: Text | None
    kind: Kind
    after: Text | None
    reason: Reason | None


class Count(NamedTuple):
    """How often something came up at a gateway (``None``: at none) in a minute: mostly a kind of event."""

    gateway: Text | None
    kind: Text
    minute: Number
    count: Number  # type: ignore[assignment]  # hides tuple's method, which nobody needs here


class StoreError(Exception):
    """The store could not do what it was asked; the text says what happened and what to do next."""


class RefusedValue(StoreError):
    """The caller gave the store a value that it cannot hold; the store itself is well."""


class StoreUnavailable(StoreError):
    """The store could not be opened, and may be later: the disk is full or fails, another program holds its lock."""


@dataclass(frozen=True, slots=True)
class JobRun:
    """One run of a job; ``gateway`` is ``None`` for a job of the whole daemon."""

    job: Text
    gateway: Text | None
    started_at: Time
    ended_at: Time
    ok: bool
    detail: Text


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key of the API by its name, without its secret: ``digest`` is the SHA-256 of that.

    Without ``gateways`` it is for all, without a ``user_id`` for the sessions of all users.
    """

    name: Text
    digest: Digest
    scopes: tuple[Text, ...]
    gateways: tuple[Text, ...]
    user_id: UserId | None
    created_at: Time
    created_by: Text
    revoked_at: Time | None = None
    revoked_by: Text | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to send a message through one session: ``sent not_sent unknown``, ``trying`` while it is open."""

    gateway: Text
    session_id: Text
    outcome: Text
    text: Text
    at: Time
    ended_at: Time | None = None
    message_id: Text | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A message without its content: the recipient, the length of its text, and the attempts, in order."""

    recipient: Text
    kind: Text = "text"
    length: Number = 0
    user_id: UserId | None = None
    attempts: tuple[Attempt, ...] = ()


@dataclass(frozen=True, slots=True)
class ActionRow:
    """An action of a person or of healing; ``ended_at`` is ``None`` while it is open."""

    id: Text
    action: Text
    gateway: Text | None
    session_id: Text | None
    who: Text
    outcome: Text
    text: Text
    accepted_at: Time
    ended_at: Time | None
    message_id: Text | None = None
    message: Message | None = None
    """What a send is about; the store gives it with `Store.action`, `Store.messages` and open actions."""
    pairing_code: Text | None = None
    """Never stored: it lets a phone in."""


@dataclass(slots=True)
class Batch:
    """What is committed together: events in order, without ids, and the rows that changed.

    ``alive_at`` is the daemon's sign of life; 0 leaves the last one.
    """

    events: list[Event] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    removed: list[SessionKey] = field(default_factory=list)
    gateways: list[Gateway] = field(default_factory=list)
    actions: list[ActionRow] = field(default_factory=list)
    job_runs: list[JobRun] = field(default_factory=list)
    alive_at: int = 0


class Provenance(StrEnum):
    """Where a store's content comes from."""

    FRESH = "fresh"
    """This state directory never had a database."""
    INTACT = "intact"
    REBUILT = "rebuilt"
    """It was damaged, missing or older than its side file, and was rebuilt from that."""
    LOST = "lost"
    """It was damaged or missing and there is no usable side file: adopt before restoring anything."""
    UNREAD = "unread"
    """It is there and cannot be read now: what it holds is not known, or not up to date."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a store held when it was opened.

    New events are given ids above ``last_event_id``; ``alive_at`` is the last sign of life, ``None`` for none;
    ``notices`` are sentences for the person on call.
    """

    fleet: Fleet
    last_event_id: int
    alive_at: int | None
    open_actions: list[ActionRow]
    provenance: Provenance
    notices: list[str]
    incarnation: str = ""
    """Tells the ids of its events from those of any other store; empty where nothing does."""


class Store(Protocol):
    """The fleet's memory. Every method raises `StoreError`, and only that, when it fails.

    One row that cannot be read empties no list: it is left out, and ``damage`` counts it.
    """

    @property
    def damage(self) -> Damage:
        """What could not be read so far."""
        ...

    @property
    def held(self) -> Held | None:
        """The log that could not be written back when `tend` looked last, with its readers; ``None`` for none."""
        ...

    async def tend(self) -> None:
        """Look whether the log can be written back; the daemon calls it once a minute."""
        ...

    async def load(self) -> Loaded:
        """Return what the store held when it was opened."""
        ...

    async def commit(self, batch: Batch, meanwhile: Callable[[], None] | None = None) -> int:
        """Write a batch durably, whole or not at all; after an error the store can be used on.

        Returns the id that its first event was given; the others follow without a gap. One that fails gives none away.
        Raises `RefusedValue` where something in the batch is what no store can hold.
        ``meanwhile`` is called in the event loop when only the disk has work still; not if that is never so.
        """
        ...

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
        """Return the newest ``limit`` events that match (or the ``first`` ones), oldest first.

        ``after`` and ``before`` are ids and exclusive; ``since`` and ``until`` are when they happened, inclusive.
        One that was recorded `LATEST_WORD` after ``until`` or later is not looked for.
        """
        ...

    async def transitions(self, since: int) -> list[Transition]:
        """Return what changed a session's or a gateway's state since an instant, in order of id.

        Status changes, adoptions, gateway and daemon events; for each session the last one before it too.
        """
        ...

    async def counts(self, since: int) -> list[Count]:
        """Return how many events were recorded since an instant, by gateway, kind and minute, oldest minute first."""
        ...

    async def keep_counts(self, counts: Sequence[Count]) -> None:
        """Replace the counts that are kept beside the events; `kept_counts` returns them."""
        ...

    async def kept_counts(self) -> list[Count]:
        """Return what `keep_counts` was given last."""
        ...

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
        """Return the newest actions, newest first: those accepted in a time, of some names, at a gateway alone.

        ``since`` and ``until`` are inclusive; ``before`` is the id of an action: only older ones than that.
        """
        ...

    async def action(self, id: str) -> ActionRow | None:
        """Return one action."""
        ...

    async def messages(
        self,
        *,
        gateway: str | None = None,
        session_id: str | None = None,
        before: str | None = None,
        limit: int = 200,
    ) -> list[ActionRow]:
        """Return the newest messages as actions, newest first: of a gateway, or tried through a session.

        ``before`` is the id of an action: only older ones than that.
        """
        ...

    async def job_runs(self) -> list[JobRun]:
        """Return the newest run of each job on each gateway."""
        ...

    async def api_keys(self) -> list[ApiKey]:
        """Return the keys of the API, those revoked too, oldest first."""
        ...

    async def keep_api_key(self, key: ApiKey) -> None:
        """Write a key, durably, in place of what was kept under its name."""
        ...

    async def prune(self, before: int, fleet: Fleet, at: int) -> int:
        """Write a snapshot of the fleet, then forget events, job runs and ended actions older than ``before``.

        An event's age counts from ``recorded``. The fleet must be as the last returned `commit` left it.
        Returns how many events were deleted.
        """
        ...

    async def snapshot_and_tail(self) -> tuple[Fleet, list[Event]]:
        """Return the newest snapshot's fleet (or an empty one) and the events after it, to be replayed."""
        ...

    async def copy_aside(self, fleet: Fleet, at: int) -> None:
        """Write the side file a damaged store is rebuilt from: sessions without QR payloads, and gateways.

        The fleet must be as the last returned `commit` left it.
        """
        ...

    async def close(self) -> None:
        """Mark a clean end and close; closing twice is fine."""
        ...
