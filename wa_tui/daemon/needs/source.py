"""Notices what begins to call a person and what calls nobody any more, from what changed alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from itertools import islice

from wa_tui.gateways import Capability, GatewayClient
from wa_tui.model.fleet import Fleet
from wa_tui.model.registers import SessionKey
from wa_tui.model.session import Session
from wa_tui.wire import (
    Attention,
    AttentionCode,
    Cover,
    DaemonView,
    GatewayView,
    HealingView,
    Quietable,
    at_gateway,
    cover_of,
    covers,
    daemon_needs,
    gateway_needs,
    is_snoozed,
)
from wa_tui.wire.needs import Ended, NeedView

from ..attention.sessions import attention
from ..clock import Clock
from ..dates import instant, time_of
from ..recording.change import Change
from ..recording.recorder import Recorder
from .ledger import Ledger

STRETCH = 200
"""Sessions looked at in one go: webhooks go between two of them."""

NOT_TOLD = frozenset({AttentionCode.HOOK_FAILED})
"""What the program cannot be told."""


class Source:
    """Looks at the sessions that changed, and at the gateways and the daemon, which are few; fills a `Ledger`.

    ``gateway`` and ``daemon`` return what the API shows, ``healing`` what healing does for a session. Where the store
    could not be read to its end (``whole`` is false), a session that is not there is not over.
    """

    def __init__(
        self,
        fleet: Fleet,
        recorder: Recorder,
        clock: Clock,
        clients: Mapping[str, GatewayClient],
        ledger: Ledger,
        healing: Callable[[SessionKey], HealingView | None],
        gateway: Callable[[str], GatewayView],
        daemon: Callable[[], DaemonView],
        *,
        whole: bool,
    ) -> None:
        self._fleet = fleet
        self._recorder = recorder
        self._clock = clock
        self._clients = clients
        self._ledger = ledger
        self._healing = healing
        self._gateway = gateway
        self._daemon = daemon
        self._stale: dict[SessionKey, None] = {}
        self._known: dict[SessionKey, str] = {}
        """The key of the need that a session has, whether it calls for that or not."""
        self._asleep: dict[SessionKey, int] = {}
        """When the snooze of those ends that need a person and are snoozed, in milliseconds."""
        self._needing: defaultdict[str, dict[SessionKey, None]] = defaultdict(dict)
        """Those of each gateway that need a person: some of them are covered while it is quieted."""
        self._views: dict[str, GatewayView] = {}
        self._covering: dict[str, tuple[bool, bool]] = {}
        """All that whether a gateway covers a session depends on besides that session."""
        self._others: defaultdict[str | None, dict[str, None]] = defaultdict(dict)
        """The keys of what each gateway needs, the daemon's under ``None``."""
        self._begun = False
        self._knows_all = not whole

    def listen(self, change: Change) -> None:
        """Note the sessions that are to be looked at."""
        self._stale.update(dict.fromkeys(change.sessions))
        self._stale.update(dict.fromkeys(change.removed))

    def begin(self) -> None:
        """Look at sessions and gateways too from now on: what healing does for them is known."""
        self._begun = True
        self._stale.update(dict.fromkeys(session.key for session in self._fleet.everything()))

    async def look(self) -> None:
        """Take in what changed since the last look; webhooks go between its stretches."""
        clock = self._clock
        self._of(None, "daemon", daemon_needs(self._daemon()), None)
        if not self._begun:
            return
        now = clock.now()
        for name in self._clients:
            self._look_at(name, time_of(now))
        for name in [name for name in self._others if name is not None and name not in self._clients]:
            self._leave(name)
        woken = [key for key, until in self._asleep.items() if until <= now]
        self._stale.update(dict.fromkeys(woken))
        while self._stale:
            for key in [*islice(self._stale, STRETCH)]:
                del self._stale[key]
                self._session(key)
            if self._stale:
                await self._recorder.give_way()
        if not self._knows_all:
            self._knows_all = True
            self._ledger.know_all(clock.monotonic())

    def _look_at(self, gateway: str, now: datetime) -> None:
        """Take in what a gateway needs, and whether it covers others of its sessions than before."""
        view = self._views[gateway] = self._gateway(gateway)
        self._of(gateway, gateway, gateway_needs(view), view)
        covering = covers(view, Cover.ALWAYS, now), covers(view, Cover.WHILE_AWAY, now)
        if self._covering.get(gateway) != covering:
            self._covering[gateway] = covering
            self._stale.update(self._needing[gateway])

    def _leave(self, gateway: str) -> None:
        """Take in that nobody works at a gateway any more: it needs nothing."""
        self._of(gateway, gateway, (), None)
        del self._others[gateway]
        self._views.pop(gateway, None)
        self._covering.pop(gateway, None)

    def _of(
        self, gateway: str | None, name: str, needs: Iterable[Attention], view: GatewayView | None
    ) -> None:
        """Take in what a gateway or the daemon needs; what it needs for the same reason twice is one need."""
        clock, subject = self._clock, f"gateway:{name}" if gateway is not None else name
        quiet = _quiet(view, time_of(clock.now())) if view is not None else None
        found = {f"{subject}:{each.code}": each for each in reversed([*needs]) if each.code not in NOT_TOLD}
        known = self._others[gateway]
        for key in [key for key in known if key not in found]:
            del known[key]
            self._ledger.end(key, Ended.OVER, clock.monotonic())
        for key, each in found.items():
            known[key] = None
            if quiet is not None:
                self._ledger.end(key, quiet, clock.monotonic())
                continue
            # What is not beside its state is its state.
            since = view.since if view is not None and each not in view.attention else None
            need = NeedView(
                key=key,
                code=each.code,
                urgency=each.code.urgency,
                about="daemon" if gateway is None else "gateway",
                gateway=gateway,
                name=name,
                text=each.text,
                action=each.action,
                since=since or time_of(clock.now()),
            )
            self._ledger.begin(need, clock.monotonic())

    def _session(self, key: SessionKey) -> None:
        """Take in what a session needs."""
        session, now = self._fleet.session(key), self._clock.monotonic()
        self._asleep.pop(key, None)
        need = self._needed(session) if session is not None else None
        before = self._known.pop(key, None)
        place = f"session:{key}:{need.code}" if need is not None else None
        if before is not None and before != place:
            self._ledger.end(before, Ended.OVER if place is None else Ended.CHANGED, now)
        if session is None or need is None or place is None:
            self._needing[key.gateway].pop(key, None)
            return
        self._known[key] = place
        self._needing[key.gateway][key] = None
        quiet = self._quiet(session, need)
        if quiet is None:
            need = at_gateway(need, self._views.get(key.gateway))
            self._ledger.begin(_need(session, need, place, time_of(self._clock.now())), now)
            return
        self._ledger.end(place, quiet, now)
        if quiet is Ended.SNOOZED:
            self._asleep[key] = session.snoozed_until

    def _needed(self, session: Session) -> Attention | None:
        if session.deleted_at is not None and not session.orphan:
            return None
        client, healing = self._clients.get(session.gateway), self._healing(session.key)
        if client is None:
            return attention(session, healing)
        return attention(session, healing, client.url, stops=Capability.STOP in client.capabilities)

    def _quiet(self, session: Session, need: Attention) -> Ended | None:
        """Return why a session calls nobody, whatever it needs."""
        now = self._clock.now()
        if session.snoozed_until > now:
            return Ended.SNOOZED
        if session.acknowledged is not None:
            return Ended.ACKNOWLEDGED
        cover = cover_of(need.code, session.reason)
        return Ended.COVERED if covers(self._views.get(session.gateway), cover, time_of(now)) else None


def _quiet(view: Quietable, now: datetime) -> Ended | None:
    if is_snoozed(view, now):
        return Ended.SNOOZED
    return Ended.ACKNOWLEDGED if view.acknowledged is not None else None


def _need(session: Session, need: Attention, key: str, now: datetime) -> NeedView:
    return NeedView(
        key=key,
        code=need.code,
        urgency=need.code.urgency,
        about="session",
        gateway=session.gateway,
        session_id=session.session_id,
        user_id=session.user_id,
        phone_number=session.phone_number,
        name=session.label,
        text=need.text,
        action=need.action,
        since=instant(session.status_since) or now,
    )
