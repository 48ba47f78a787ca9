"""The needs that call a person, the most urgent first, and what that person should know besides.

Needs of one cause are one row until a person opens it: 88 sessions that flap are one trouble, not 88.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum
from functools import cache

import msgspec

from wa_tui.text.attention import sentences
from wa_tui.text.counts import many
from wa_tui.text.quiet import cover_words
from wa_tui.tui.fleet.state import FleetState
from wa_tui.wire import (
    Attention,
    AttentionCode,
    Condition,
    DaemonView,
    GatewayView,
    Quietable,
    SessionKey,
    SessionView,
    at_gateway,
    daemon_needs,
    gateway_needs,
    is_snoozed,
)

NeedKey = tuple[str, str, str]
"""``session`` with gateway and id, ``gateway`` with its name, or ``daemon`` with a code and number, or its words."""


_LATELY = timedelta(hours=1)
_REFUSED_SHOWN = 3
MANY = 5
"""From so many sessions on they are one row: fewer are read at a glance."""
_BY_TEXT = frozenset({AttentionCode.BROWSER_UNABLE, AttentionCode.OTHER})
"""Codes under which the text names the cause: what is missing, and on which machine."""
_BY_REASON = frozenset({AttentionCode.DOWN, AttentionCode.EXHAUSTED, AttentionCode.SCAN_QR})
"""Codes of which the reason tells more: a logout is another matter than a code that was never scanned."""


class Care(IntEnum):
    """Whether a need calls a person now, in the order of the list: quieted needs follow, then what is good to know."""

    CALLS = 0
    TAKEN = 1
    SNOOZED = 2
    COVERED = 3
    """It is the trouble of its gateway, which is quieted."""
    KNOWN = 4
    """It calls nobody, and is good to know: sources that contradict one another, a notice of the daemon."""

    @property
    def detail(self) -> str:
        """The title's word after the number of such needs."""
        return ("", "taken care of", "snoozed", "covered", "to know of")[self]


_CARE = {None: Care.CALLS, "snoozed": Care.SNOOZED, "acknowledged": Care.TAKEN, "covered": Care.COVERED}
"""By why a session calls nobody (`Assessment`)."""


@dataclass(frozen=True)
class Need:
    """One session, gateway or notice of the daemon that calls a person, or that is good to know."""

    code: AttentionCode
    key: NeedKey
    since: datetime | None
    why: str
    session: SessionView | None = None
    gateway: GatewayView | None = None
    home: GatewayView | None = None
    """Of a session: its gateway."""
    care: Care = Care.CALLS
    cover: str = ""
    """Of one that is covered: for how long, or who takes care of its gateway."""
    worst: Attention | None = None
    """Of a gateway and of the daemon: what is wrong above all, and what to do about that."""
    within: bool = False
    """It is listed below others of its cause."""


def needs(state: FleetState, now: datetime) -> dict[NeedKey, Need]:
    """Return what calls a person as the header counts it, by urgency; then what is taken on, snoozed, good to know."""
    found = [_of_session(session, state, now) for session in state.sessions.values()]
    found += [_of_gateway(gateway, state, now) for gateway in state.gateways.values()]
    notices = state.daemon.notices if state.daemon is not None else []
    found += [_of_daemon(each, number) for number, each in enumerate(daemon_needs(state.daemon))]
    found += [
        Need(AttentionCode.NOTICE, ("daemon", "", text), None, text, care=Care.KNOWN) for text in notices
    ]
    found += _refused(state.daemon, now)
    ranked = sorted((need for need in found if need is not None), key=_rank)
    return {need.key: need for need in ranked}


def _rank(need: Need) -> tuple[object, ...]:
    since = need.since.timestamp() if need.since is not None else 0.0
    return (need.care, need.code.urgency, since, need.key)


def _of_session(session: SessionView, state: FleetState, now: datetime) -> Need | None:
    key = ("session", *session.key)
    if session.attention is not None:
        needed, assessment = session.attention, state.assessment(session.key, now)
        care = _CARE[assessment.quiet if assessment is not None else None]
        gateway = state.gateways.get(session.gateway)
        cover = cover_words(gateway, now) if care is Care.COVERED and gateway is not None else ""
        since, why = session.status_since, at_gateway(needed, gateway).sentence
        return Need(needed.code, key, since, why, session, home=gateway, care=care, cover=cover)
    if session.contradiction is None:
        return None
    code = AttentionCode.CONTRADICTION
    return Need(code, key, session.status_since, session.contradiction, session, care=Care.KNOWN)


def _quieted(view: Quietable, now: datetime) -> Care:
    if is_snoozed(view, now):
        return Care.SNOOZED
    return Care.CALLS if view.acknowledged is None else Care.TAKEN


def _refused(daemon: DaemonView | None, now: datetime) -> list[Need]:
    """Return what the daemon refused lately of senders that are no gateway, the most frequent first."""
    found = daemon.refused if daemon is not None else []
    lately = [each for each in found if now - each.last_at < _LATELY][:_REFUSED_SHOWN]
    return [
        Need(
            AttentionCode.NOTICE, ("daemon", each.peer, each.kind), each.last_at, each.detail, care=Care.KNOWN
        )
        for each in lately
    ]


def _of_daemon(need: Attention, number: int) -> Need:
    return Need(need.code, ("daemon", need.code, str(number)), None, need.sentence, worst=need)


def _of_gateway(gateway: GatewayView, state: FleetState, now: datetime) -> Need | None:
    found = gateway_needs(gateway)
    if not found:
        return None
    there = state.counts(now).by_gateway.get(gateway.name, {})
    claimed = there.get(Condition.CLAIMED, 0)
    proof = f", {many(claimed, 'session')} without proof" if claimed and gateway.proves else ""
    if found[0] in gateway.attention:
        # It answers: its sessions are proven, or will be.
        proof = ""
    worst = msgspec.structs.replace(found[0], text=f"{found[0].text}{proof}")
    why = worst.sentence
    if more := sentences(found[1:]):
        why += f" · {more}"
    since = None if found[0] in gateway.attention else gateway.since
    care = _quieted(gateway, now)
    key = ("gateway", gateway.name, "")
    return Need(worst.code, key, since, why, gateway=gateway, care=care, worst=worst)


@dataclass(frozen=True)
class Group:
    """Sessions that need a person for one cause; the one that has waited longest is the first."""

    key: NeedKey
    members: tuple[Need, ...]
    is_open: bool

    @property
    def code(self) -> AttentionCode:
        """The code of their need."""
        return self.members[0].code

    @property
    def care(self) -> Care:
        """Whether they call."""
        return self.members[0].care

    @property
    def weight(self) -> int:
        """Sessions this row stands for: 0 once they have rows of their own."""
        return 0 if self.is_open else len(self.members)

    @property
    def sessions(self) -> tuple[SessionKey, ...]:
        """The keys of its sessions."""
        return tuple(need.session.key for need in self.members if need.session is not None)

    @property
    def gateways(self) -> list[tuple[str, int]]:
        """Gateways with how many of the sessions are there, most first."""
        return Counter(gateway for gateway, _ in self.sessions).most_common()


Row = Need | Group


def grouped(needs: Mapping[NeedKey, Need], opened: Container[NeedKey]) -> dict[NeedKey, Row]:
    """Return the rows: what many sessions need is one in the place of the first, followed by all where it is open."""
    members: dict[NeedKey, list[Need]] = {}
    causes = [_cause(need) for need in needs.values()]
    for need, cause in zip(needs.values(), causes, strict=True):
        if cause is not None:
            members.setdefault(cause, []).append(need)
    rows: dict[NeedKey, Row] = {}
    for need, cause in zip(needs.values(), causes, strict=True):
        if cause is None or len(members[cause]) < MANY:
            rows[need.key] = need
        elif cause not in rows:
            rows[cause] = Group(cause, tuple(members[cause]), cause in opened)
            if cause in opened:
                rows.update(_by_key(members[cause]))
    return rows


def _by_key(needs: Iterable[Need]) -> dict[NeedKey, Row]:
    return {need.key: replace(need, within=True) for need in needs}


def _cause(need: Need) -> NeedKey | None:
    """Return what tells a session's cause from others; gateways and the daemon have one each."""
    session = need.session
    if session is None:
        return None
    more = ""
    if need.code in _BY_TEXT and session.attention is not None:
        more = session.attention.text
    elif need.code in _BY_REASON:
        more = session.reason or ""
    return ("group", _kind(need.care, need.code), more)


@cache
def _kind(care: Care, code: AttentionCode) -> str:
    return f"{care} {code}"
