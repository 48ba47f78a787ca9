"""What changes from one message of the live feed to the next, a line each in plain words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from wa_tui.client import DaemonClock
from wa_tui.text.attention import need_word, sentences
from wa_tui.text.cleaning import clean
from wa_tui.text.counts import many
from wa_tui.text.events import status_word
from wa_tui.wire import (
    Attention,
    Condition,
    DaemonView,
    Delta,
    GatewayView,
    Receipt,
    SessionKey,
    SessionView,
    Snapshot,
    condition,
    is_covered,
    is_quiet,
)

from .reasons import reasons


class Change(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line: what changed (``daemon gateway session action``), from what to what, and why."""

    at: datetime
    kind: str
    gateway: str | None = None
    session_id: str | None = None
    instance_name: str | None = None
    action: str | None = None
    who: str | None = None
    before: str | None = None
    after: str | None = None
    why: str = ""

    def sentence(self) -> str:
        """Return it in words, its time local with the zone."""
        place = "/".join(part for part in (self.gateway, self.session_id) if part)
        if self.instance_name and self.instance_name != self.session_id:
            place += f" ({self.instance_name})"
        subject = " ".join(part for part in (self.kind, self.action, place) if part)
        if self.who:
            subject += f" by {self.who}"
        state = ", was ".join(status_word(part) for part in (self.after, self.before) if part)
        time = self.at.astimezone().isoformat(timespec="seconds")
        return clean(f"{time} {': '.join(part for part in (subject, state, self.why) if part)}")


class Watched:
    """The fleet as the daemon last sent it; of one gateway or session, if only that is wanted."""

    def __init__(self, gateway: str | None, key: SessionKey | None) -> None:
        self._gateway = gateway if key is None else key[0]
        self._key = key
        self._clock = DaemonClock()
        self._daemon: DaemonView | None = None
        self._sessions: dict[SessionKey, SessionView] = {}
        self._shown: dict[SessionKey, Condition] = {}
        """What was said of each last: proof comes and goes without a line."""
        self._unproven: set[SessionKey] = set()
        """Those that were said to be connected again before a check proved it: their proof has a line."""
        self._gateways: dict[str, GatewayView] = {}
        self._open: dict[str, Receipt] = {}

    def apply(self, message: Snapshot | Delta) -> Iterator[Change]:
        """Take in a message and yield what it changes."""
        first = self._daemon is None
        self._clock.hear(message.now)
        sessions = [session for session in message.sessions if self._concerns(session.gateway, session.key)]
        if isinstance(message, Snapshot):
            gone = self._sessions.keys() - {session.key for session in sessions}
        else:
            gone = {key for key in message.removed if key in self._sessions}
        if message.daemon is not None:
            yield from self._take_daemon(message.daemon)
        for gateway in message.gateways:
            yield from self._take_gateway(gateway, quiet=first)
        for session in sessions:
            yield from self._take_session(session, quiet=first)
        for key in sorted(gone):
            del self._shown[key]
            self._unproven.discard(key)
            yield self._of(self._sessions.pop(key), after="gone")
        for receipt in message.receipts:
            yield from self._take_receipt(receipt, quiet=first)
        if first:
            yield self._begin()

    def pending(self, known: Iterable[Receipt]) -> list[str]:
        """Return the actions that were under way and are not among those known now."""
        return sorted(self._open.keys() - {receipt.id for receipt in known})

    def ended(self, receipts: Iterable[Receipt]) -> Iterator[Change]:
        """Take in the ends of actions that were looked up."""
        for receipt in receipts:
            yield from self._take_receipt(receipt, quiet=False)

    def _concerns(self, gateway: str | None, key: tuple[str | None, str | None]) -> bool:
        return self._gateway in (None, gateway) and self._key in (None, key)

    def _begin(self) -> Change:
        found = Counter(self._shown.values())
        numbers = ", ".join(f"{found[state]} {state}" for state in Condition if found[state])
        what = f"watching {many(len(self._sessions), 'session')} on {many(len(self._gateways), 'gateway')}"
        return Change(at=self._clock(), kind="daemon", why=f"{what}{f': {numbers}' if numbers else ''}")

    def _take_daemon(self, daemon: DaemonView) -> Iterator[Change]:
        before, self._daemon = self._daemon, daemon
        if before is not None and _run(before) != _run(daemon):
            yield Change(at=self._clock(), kind="daemon", after="started anew")
        for notice in daemon.notices:
            if before is None or notice not in before.notices:
                yield Change(at=self._clock(), kind="daemon", why=notice)
        needed = before.attention if before is not None else []
        yield from _needs(Change(at=self._clock(), kind="daemon"), needed, daemon.attention)

    def _take_gateway(self, gateway: GatewayView, *, quiet: bool) -> Iterator[Change]:
        if self._gateway not in (None, gateway.name):
            return
        before = self._gateways.get(gateway.name)
        self._gateways[gateway.name] = gateway
        state = before.state if before is not None else None
        if state != gateway.state and not quiet:
            yield Change(
                at=self._clock(),
                kind="gateway",
                gateway=gateway.name,
                before=state,
                after=gateway.state,
                why=gateway.detail or "",
            )
        of = Change(at=self._clock(), kind="gateway", gateway=gateway.name)
        if before is not None or is_quiet(gateway, self._clock()):
            yield from _quieting(of, before, gateway)
        needed = before.attention if before is not None else []
        yield from _needs(of, needed, gateway.attention, calls=not is_quiet(gateway, self._clock()))

    def _take_session(self, session: SessionView, *, quiet: bool) -> Iterator[Change]:
        before = self._sessions.get(session.key)
        self._sessions[session.key] = session
        was, now = self._shown.get(session.key), self._condition(session)
        proven = now is Condition.CONNECTED and session.key in self._unproven
        if before is not None and _state_of(before) == _state_of(session) and not proven:
            return
        self._shown[session.key] = now
        if now is not Condition.CLAIMED:
            self._unproven.discard(session.key)
        elif was not in (None, Condition.CLAIMED, Condition.CONNECTED):
            self._unproven.add(session.key)
        if quiet:
            return
        if was is None:
            yield self._of(session, after=f"{now}, first seen")
        else:
            yield self._of(session, before=was if was is not now else None, after=now)

    def _take_receipt(self, receipt: Receipt, *, quiet: bool) -> Iterator[Change]:
        if not self._concerns(receipt.gateway, (receipt.gateway, receipt.session_id)):
            return
        known = self._open.pop(receipt.id, None)
        if not receipt.ended:
            self._open[receipt.id] = receipt
        if quiet or (known is not None and not receipt.ended):
            return
        yield Change(
            at=receipt.ended_at or receipt.accepted_at,
            kind="action",
            gateway=receipt.gateway,
            session_id=receipt.session_id,
            action=receipt.action.replace("_", " "),
            who=receipt.who,
            after=receipt.outcome.replace("_", " "),
            why=receipt.text if receipt.ended else "",
        )

    def _of(self, session: SessionView, *, after: str, before: str | None = None) -> Change:
        why = reasons(session, self._gateways.get(session.gateway))
        return Change(
            at=self._clock(),
            kind="session",
            gateway=session.gateway,
            session_id=session.session_id,
            instance_name=session.instance_name,
            before=before,
            after=after,
            why=", ".join(part for part in [*why, *self._cover(session)] if part != after),
        )

    def _cover(self, session: SessionView) -> list[str]:
        """Say that it calls nobody since its gateway is quieted, where that is the cause."""
        covered = is_covered(session, self._gateways.get(session.gateway), self._clock())
        return [f"covered by gateway {session.gateway}"] if covered else []

    def _condition(self, session: SessionView) -> Condition:
        window = self._daemon.proof_window_s if self._daemon is not None else 0.0
        return condition(session, self._gateways.get(session.gateway), self._clock(), window)


def _quieting(of: Change, before: GatewayView | None, after: GatewayView) -> Iterator[Change]:
    """Yield that a person snoozed a gateway, takes care of it, or that it calls again."""
    was, now = _quiet(before), _quiet(after)
    if was != now:
        yield msgspec.structs.replace(of, after=", ".join(now) or "calls again")


def _quiet(gateway: GatewayView | None) -> list[str]:
    if gateway is None:
        return []
    said = []
    if gateway.snoozed_until is not None:
        said.append(f"snoozed until {gateway.snoozed_until.astimezone():%Y-%m-%d %H:%M}")
    if gateway.acknowledged is not None:
        said.append(f"{gateway.acknowledged.who} takes care of it")
    return said


def _needs(
    of: Change, before: Iterable[Attention], after: Iterable[Attention], *, calls: bool = True
) -> Iterator[Change]:
    """Yield what began to need a person, and what no more does; a number that goes up is none of it.

    ``calls`` is false for what was quieted: it is said, and that nobody is called for it.
    """
    known, now = {each.code for each in before}, {each.code for each in after}
    for each in after:
        if each.code not in known:
            needs = "needs a person" if calls else "calls nobody now"
            why = f"{needs}: {sentences([each])}"
            yield msgspec.structs.replace(of, after=need_word(each.code), why=why)
    for code in sorted(known - now):
        yield msgspec.structs.replace(of, before=need_word(code), after="no more")


def _state_of(session: SessionView) -> tuple[object, ...]:
    """What is worth a line; proof comes and goes with its gateway, which has a line of its own."""
    acknowledged = session.acknowledged.who if session.acknowledged is not None else None
    return (
        session.status,
        session.desired,
        session.credentials,
        session.reason,
        session.attention,
        session.contradiction,
        session.unanswered,
        session.silent,
        session.ghost,
        session.orphan,
        session.snoozed_until,
        acknowledged,
        session.instance_name,
        session.is_primary,
    )


def _run(daemon: DaemonView) -> object:
    """What tells one run of the daemon from another; older ones do not name theirs."""
    return daemon.run or daemon.started_at
