"""A handover's parts. Names of fields are stable; times are UTC, spans are seconds within the report's time."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

from wa_tui.wire import AttentionCode, UserId

Key = tuple[str, str | None]
"""A gateway, and a session on it or ``None``."""

Ended = Literal["returned", "stopped", "removed", "open"]
"""How an outage ended: connected again; wanted offline; its session is gone; not at all by the report's end."""


class Outage(Struct, frozen=True, kw_only=True):
    """A time in which a session was not connected, having been, or in which a gateway did not serve.

    ``begin`` is ``None`` where it was so already when the report begins and since when is not known. ``end`` is
    ``None`` for one that is open at the report's end, and for a session that is gone and nobody saw when.
    """

    gateway: str
    session_id: str | None = None
    """``None``: the gateway itself."""
    instance_name: str | None = None
    user_id: UserId | None = None
    begin: datetime | None = None
    end: datetime | None = None
    ended: Ended = "open"
    cause: str | None = None
    """The canonical reason (``logout``, ``browser_died`` …), what its gateway is in, or ``None`` where nobody said."""
    detail: str = ""
    """The cause in words; foreign text."""
    down_s: int = 0
    unwatched_s: int = 0
    """Seconds of it in which the daemon itself watched nothing."""

    @property
    def key(self) -> Key:
        """Whose it is: a gateway, and a session on it or ``None``."""
        return (self.gateway, self.session_id)


class Need(Struct, frozen=True, kw_only=True):
    """A time in which a session or a gateway needed a person; ``begin`` and ``end`` as of an outage."""

    gateway: str
    session_id: str | None = None
    instance_name: str | None = None
    user_id: UserId | None = None
    code: AttentionCode
    begin: datetime | None = None
    end: datetime | None = None
    needed_s: int = 0
    taken_by: str | None = None
    """Who said first that they take care of it, or put it off."""
    taken_at: datetime | None = None


class Action(Struct, frozen=True, kw_only=True):
    """What somebody asked for, and what came of it; messages and healing's attempts are counted apart."""

    at: datetime
    who: str
    action: str
    gateway: str | None = None
    session_id: str | None = None
    instance_name: str | None = None
    outcome: str
    ended_at: datetime | None = None
    text: str = ""


class Count(Struct, frozen=True, kw_only=True):
    """How often somebody's actions (``attempt`` of healing, ``send``) ended how."""

    who: str
    action: str
    outcome: str
    number: int


class Said(Struct, frozen=True, kw_only=True):
    """Something that healing or the daemon said; ``until``: nothing was watched from ``at`` until then."""

    at: datetime
    text: str
    until: datetime | None = None
    gateway: str | None = None
    session_id: str | None = None


class OpenNow(Struct, frozen=True, kw_only=True):
    """What needs a person as the report is made; neither gateway nor session: the daemon itself."""

    code: AttentionCode
    text: str
    action: str = ""
    gateway: str | None = None
    session_id: str | None = None
    instance_name: str | None = None
    user_id: UserId | None = None
    since: datetime | None = None
    """Since when it is in the state that it is in; ``None`` where what it needs did not begin with a state."""
    quiet: str = ""
    """Why it calls nobody: who takes care of it, or until when it is snoozed."""


class GatewaySum(Struct, frozen=True, kw_only=True):
    """One gateway: its own outages, and those of its sessions."""

    gateway: str
    state: str | None = None
    """As it is now; ``None`` for one that is not configured."""
    sessions: int = 0
    outages: int = 0
    down_s: int = 0
    sessions_hit: int = 0
    session_outages: int = 0
    session_down_s: int = 0


class TrafficSum(Struct, frozen=True, kw_only=True):
    """The messages in and out of one gateway's sessions, from the begin of an hour on."""

    gateway: str
    since: datetime
    messages: int
    sessions: int
    """How many of its sessions tell them."""


class UserSum(Struct, frozen=True, kw_only=True):
    """One user's sessions; ``user_id`` is ``None`` for those that have none, and for those that are gone."""

    user_id: UserId | None = None
    sessions_hit: int = 0
    outages: int = 0
    down_s: int = 0
    needs: int = 0


class Report(Struct, frozen=True, kw_only=True):
    """A handover of a time, of one gateway or all.

    Outages and needs are in order of their beginnings, actions in that of their asking; the longest and the newest are
    kept where there are very many, and ``left_out`` counts the others by the list they would be in. Sums count all.
    """

    title: str = ""
    since: datetime
    until: datetime
    made_at: datetime
    gateway: str | None = None
    sessions: int = 0
    daemon: list[Said] = []
    """Starts of the daemon, times that nobody watched, and clocks that were set."""
    open: list[OpenNow] = []
    needs: list[Need] = []
    outages: list[Outage] = []
    actions: list[Action] = []
    counts: list[Count] = []
    healing: list[Said] = []
    doubts: list[Said] = []
    """Of connected sessions through which no message went: silences, ghosts, and their ends."""
    traffic: list[TrafficSum] = []
    """By gateway, those that tell it; none of a time that began before the hours that are told."""
    by_gateway: list[GatewaySum] = []
    by_user: list[UserSum] = []
    left_out: dict[str, int] = {}
    not_looked_up: int = 0
    """Sessions that were not connected when the report begins, of which nobody looked up since when."""
