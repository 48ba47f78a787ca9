"""What calls a person, the most urgent first, and what somebody looks at it for should know besides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, auto

from wa_tui.tui.fleet.state import FleetState
from wa_tui.tui.words.attention import sentences
from wa_tui.wire import (
    Attention,
    AttentionCode,
    Condition,
    DaemonView,
    GatewayView,
    Quietable,
    SessionView,
    daemon_needs,
    gateway_needs,
    is_snoozed,
)

NeedKey = tuple[str, str, str]
"""``session`` with gateway and id, ``gateway`` with its name, or ``daemon`` with a code and number, or its words."""


_LATELY = timedelta(hours=1)
_REFUSED_SHOWN = 3


class Urgency(IntEnum):
    """What somebody is needed for, by urgency: on the daemon all gateways depend, on a gateway all of its sessions."""

    STORE = auto()
    LISTENING = auto()
    GATEWAY = auto()
    WRONG_KEY = auto()
    RESTARTS = auto()
    REFUSED = auto()
    JOB = auto()
    JOB_FAILING = auto()
    BANNED = auto()
    CONFLICT = auto()
    SCAN = auto()
    EXHAUSTED = auto()
    FLAPPING = auto()
    DOWN = auto()
    DAMAGED = auto()
    HELD = auto()
    CONTRADICTION = auto()
    ORPHAN = auto()
    DAEMON = auto()
    OTHER = auto()

    @property
    def word(self) -> str:
        """What the list calls it."""
        return _WORDS[self]


_WORDS = {
    Urgency.STORE: "cannot store",
    Urgency.LISTENING: "not listening",
    Urgency.GATEWAY: "gateway down",
    Urgency.WRONG_KEY: "wrong key",
    Urgency.RESTARTS: "restarts",
    Urgency.REFUSED: "refused",
    Urgency.JOB: "job stopped",
    Urgency.JOB_FAILING: "job failing",
    Urgency.BANNED: "banned",
    Urgency.CONFLICT: "conflict",
    Urgency.SCAN: "scan QR",
    Urgency.EXHAUSTED: "exhausted",
    Urgency.FLAPPING: "flapping",
    Urgency.DOWN: "down",
    Urgency.DAMAGED: "damaged",
    Urgency.HELD: "log grows",
    Urgency.CONTRADICTION: "contradiction",
    Urgency.ORPHAN: "orphan",
    Urgency.DAEMON: "daemon",
    Urgency.OTHER: "other",
}

_BY_CODE = {
    AttentionCode.STORE_FAILED: Urgency.STORE,
    AttentionCode.NOT_LISTENING: Urgency.LISTENING,
    AttentionCode.GATEWAY_DOWN: Urgency.GATEWAY,
    AttentionCode.KEY_REFUSED: Urgency.WRONG_KEY,
    AttentionCode.GATEWAY_RESTARTS: Urgency.RESTARTS,
    AttentionCode.WEBHOOKS_REFUSED: Urgency.REFUSED,
    AttentionCode.JOB_STOPPED: Urgency.JOB,
    AttentionCode.JOB_FAILING: Urgency.JOB_FAILING,
    AttentionCode.STORE_DAMAGED: Urgency.DAMAGED,
    AttentionCode.STORE_HELD: Urgency.HELD,
}


class Care(IntEnum):
    """Whether it calls a person now; what somebody is at, or what calls nobody, comes after."""

    CALLS = 0
    TAKEN = 1
    SNOOZED = 2
    KNOWN = 3
    """It calls nobody, and is good to know: sources that contradict one another, a notice of the daemon."""

    @property
    def words(self) -> str:
        """What the title says of how many there are."""
        return ("", "taken care of", "snoozed", "to know of")[self]


@dataclass(frozen=True)
class Need:
    """One session, gateway or notice of the daemon that calls a person, or that is good to know."""

    urgency: Urgency
    key: NeedKey
    since: datetime | None
    why: str
    session: SessionView | None = None
    gateway: GatewayView | None = None
    care: Care = Care.CALLS


def needs(state: FleetState, now: datetime) -> dict[NeedKey, Need]:
    """Return what calls a person as the header counts it, by urgency; then what is taken on, snoozed, good to know."""
    found = [_of_session(session, state, now) for session in state.sessions.values()]
    found += [_of_gateway(gateway, state, now) for gateway in state.gateways.values()]
    notices = state.daemon.notices if state.daemon is not None else []
    found += [_of_daemon(each, number) for number, each in enumerate(daemon_needs(state.daemon))]
    found += [Need(Urgency.DAEMON, ("daemon", "", text), None, text, care=Care.KNOWN) for text in notices]
    found += _refused(state.daemon, now)
    ranked = sorted((need for need in found if need is not None), key=_rank)
    return {need.key: need for need in ranked}


def _rank(need: Need) -> tuple[object, ...]:
    since = need.since.timestamp() if need.since is not None else 0.0
    return (need.care, need.urgency, since, need.key)


def _of_session(session: SessionView, state: FleetState, now: datetime) -> Need | None:
    unwanted = session.status == "connected" and session.desired == "offline"
    if session.attention is None and session.contradiction is None and not session.orphan and not unwanted:
        return None
    urgency = _urgency(session, state.condition(session.key, now), unwanted)
    why = session.attention or session.contradiction or "connected, but it should be offline"
    key = ("session", *session.key)
    return Need(urgency, key, session.status_since, why, session, care=_care_of(session, now))


def _care_of(session: SessionView, now: datetime) -> Care:
    return Care.KNOWN if session.attention is None else _quieted(session, now)


def _quieted(view: Quietable, now: datetime) -> Care:
    if is_snoozed(view, now):
        return Care.SNOOZED
    return Care.CALLS if view.acknowledged is None else Care.TAKEN


def _urgency(session: SessionView, found: Condition, unwanted: bool) -> Urgency:
    if session.orphan:
        return Urgency.ORPHAN
    if session.attention is not None and not unwanted:
        for reason, urgency in (("banned", Urgency.BANNED), ("conflict", Urgency.CONFLICT)):
            if session.reason == reason:
                return urgency
        if found is Condition.SCAN_QR:
            return Urgency.SCAN
        healing = session.healing.state if session.healing is not None else session.attention.split(",")[0]
        for state, urgency in (("exhausted", Urgency.EXHAUSTED), ("flapping", Urgency.FLAPPING)):
            if healing == state:
                return urgency
        if found in (Condition.DISCONNECTED, Condition.AUTH_FAILED):
            return Urgency.DOWN
    if session.contradiction is not None or unwanted:
        return Urgency.CONTRADICTION
    return Urgency.OTHER


def _refused(daemon: DaemonView | None, now: datetime) -> list[Need]:
    """Return what was refused lately of those whom no gateway is known by, the most first."""
    found = daemon.refused if daemon is not None else []
    lately = [each for each in found if now - each.last_at < _LATELY][:_REFUSED_SHOWN]
    return [
        Need(Urgency.DAEMON, ("daemon", each.peer, each.kind), each.last_at, each.words, care=Care.KNOWN)
        for each in lately
    ]


def _of_daemon(need: Attention, number: int) -> Need:
    urgency = _BY_CODE.get(need.code, Urgency.OTHER)
    return Need(urgency, ("daemon", need.code, str(number)), None, need.sentence)


def _of_gateway(gateway: GatewayView, state: FleetState, now: datetime) -> Need | None:
    found = gateway_needs(gateway)
    if not found:
        return None
    there = state.counts(now).by_gateway.get(gateway.name, {})
    claimed = there.get(Condition.CLAIMED, 0)
    proof = f", {claimed} {'session' if claimed == 1 else 'sessions'} without proof" if claimed else ""
    if found[0] in gateway.attention:
        # It answers: its sessions are proven, or will be.
        proof = ""
    urgency = _BY_CODE.get(found[0].code, Urgency.OTHER)
    why = f"{found[0].sentence}{proof}"
    if more := sentences(found[1:]):
        why += f" · {more}"
    since = None if found[0] in gateway.attention else gateway.since
    care = _quieted(gateway, now)
    return Need(urgency, ("gateway", gateway.name, ""), since, why, gateway=gateway, care=care)
