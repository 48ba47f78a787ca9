"""The daemon itself, and what a monitor is sent live."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from .actions import Receipt
from .attention import Attention
from .events import EventView, JobView
from .gateways import GatewayView
from .refusals import RefusedView
from .sessions import SessionKey, SessionView
from .traffic import SessionTraffic

CALLING_SHOWN = 200
"""Sessions that `StatusView.calling` lists at most: a client that wants more asks for all sessions."""


class CanaryView(msgspec.Struct, frozen=True, kw_only=True):
    """A message that one session of ours sends to another again and again: between which, and what that costs."""

    sender: str
    """The session that sends, with its gateway: ``eu-1/ops_1``."""
    receiver: str
    every_s: float
    messages_a_day: int
    """At most: none goes while one of both is offline, or snoozed."""


class DaemonView(msgspec.Struct, frozen=True, kw_only=True):
    """The daemon: ``proof_window_s`` is how long a proof counts, ``notices`` what an operator should know of it."""

    pid: int
    version: str
    started_at: datetime
    run: str = ""
    """Names this run of it: when it started is another date once the host's clock was set."""
    title: str = ""
    state_dir: str = ""
    listen: str = ""
    read_only: bool = False
    proof_window_s: float = 600.0
    notices: list[str] = []
    attention: list[Attention] = []
    """Why the daemon itself needs a person."""
    refused: list[RefusedView] = []
    """Requests that were refused and that no gateway is known by, most first; they call nobody."""
    runs_node: bool = False
    """Whether the bundled Node service runs under it."""
    canaries: list[CanaryView] = []
    """The messages that it sends by itself."""


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """The fleet in numbers; ``by_status`` counts the register ``status``, ``by_condition`` what each is shown as.

    ``needs_person`` are those that call now; ``snoozed`` and ``acknowledged`` need one too, and call nobody, as do
    those ``covered`` by their gateway: it is quieted, and they need one for its trouble.
    """

    total: int
    needs_person: int
    by_status: dict[str, int]
    by_condition: dict[str, int] = {}
    snoozed: int = 0
    acknowledged: int = 0
    covered: int = 0


class Probe(msgspec.Struct, frozen=True, kw_only=True):
    """What ``/healthz`` and ``/readyz`` say, with 200 if all is well, else with 503."""

    ok: bool
    why: list[str]
    """Why not, a sentence each."""


class StatusView(msgspec.Struct, frozen=True, kw_only=True):
    """The daemon, its gateways and the fleet in numbers."""

    daemon: DaemonView
    gateways: list[GatewayView]
    sessions: Counts
    calling: list[SessionView] = []
    """Sessions that call a person now, the most urgent first and at most `CALLING_SHOWN`; without their history."""
    now: datetime | None = None
    """The instant by the daemon's clock, as in `Snapshot` and `Delta`: what all its dates are to be counted to."""


class Lack(StrEnum):
    """Why the daemon sends a snapshot to a client that asked for what changed since an event."""

    OTHER_STORE = "other_store"
    """The event is of another database, or of this one before it was rebuilt."""
    NOT_YET = "not_yet"
    """No event has this id yet: the database was put back from a copy that the client's events are newer than."""
    TOO_OLD = "too_old"
    """More has changed since than is kept, the daemon was started since, or the events were pruned."""


class SnapshotPart(msgspec.Struct, frozen=True, kw_only=True, tag="part"):
    """Sessions of the `Snapshot` that comes after its parts; of a session that comes twice the later view holds."""

    sessions: list[SessionView] = []
    removed: list[SessionKey] = []
    """Sessions of an earlier part that are gone."""


class Snapshot(msgspec.Struct, frozen=True, kw_only=True, tag="snapshot"):
    """Everything a monitor shows, sent first and whenever it fell behind; ``events`` are the newest, oldest first.

    Most sessions of a large fleet come before it, in `SnapshotPart` after `SnapshotPart`.
    """

    daemon: DaemonView
    gateways: list[GatewayView]
    sessions: list[SessionView] = []
    removed: list[SessionKey] = []
    """Sessions of a part that are gone."""
    events: list[EventView]
    jobs: list[JobView] = []
    receipts: list[Receipt] = []
    now: datetime | None = None
    store: str = ""
    """Names the database whose ids the events have, and this run of its daemon; empty where it has no name."""
    lacks: Lack | None = None
    """Why it is no `Delta`, where the client asked for what changed since an event."""


class Delta(msgspec.Struct, frozen=True, kw_only=True, tag="delta", omit_defaults=True):
    """What changed since the last message, or since an event: whole views of what did."""

    sessions: list[SessionView] = []
    removed: list[SessionKey] = []
    gateways: list[GatewayView] = []
    events: list[EventView] = []
    jobs: list[JobView] = []
    receipts: list[Receipt] = []
    traffic: list[SessionTraffic] = []
    daemon: DaemonView | None = None
    now: datetime | None = None
    since: int | None = None
    """In the first message to a client that goes on: the event that it had last."""


LiveMessage = Snapshot | Delta
"""What a monitor takes in: a snapshot is whole."""

LiveFrame = Snapshot | Delta | SnapshotPart
"""What a connection brings."""
