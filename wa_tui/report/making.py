"""Makes a report from a daemon: a page at a time, so that webhooks go first there and memory is bounded here."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from msgspec.structs import replace

from wa_tui.client.paging import Pages, actions_backward, events_backward, events_forward
from wa_tui.report.phases import gateway_event, status_event
from wa_tui.wire import EventRange, EventView, SessionView, StatusView, utc_now

from .actions import Actions
from .fold import TOLD, Fold
from .open_now import open_now
from .phases import STATE_KINDS
from .report import Action, Key, Need, Outage, Report, Said
from .spans import Spans
from .traffic import traffic_sums

Named = TypeVar("Named", Outage, Need, Action)

LOOKED_UP = 500
"""Sessions of which it is looked up at most how they were when the report begins."""

_AT_ONCE = 4
_BACK = 20
"""Changes that are looked at before the report begins."""
_GATEWAY_BACK = timedelta(days=1)
_MOST_OPEN = 1_000
_DAEMON_EVENTS = 200
_MOST_SAID = 1_000
_MOMENT = timedelta(milliseconds=1)


class Source(Pages, Protocol):
    """What is asked of a daemon; `wa_tui.client.Client` is one. Every method raises `DaemonError`."""

    async def status(self) -> StatusView:
        """Return the daemon, its gateways and the fleet in numbers."""
        ...

    async def sessions(self, *, history: bool = True) -> list[SessionView]:
        """Return every session."""
        ...


async def make_report(
    daemon: Source,
    since: datetime,
    until: datetime | None = None,
    gateway: str | None = None,
    view: StatusView | None = None,
) -> Report:
    """Return the report of a time, up to now where no end is given, of a gateway or all. Raises `DaemonError`."""
    view = view or await daemon.status()
    now = view.now or utc_now()
    return await _Making(daemon, view, now, (since, min(until or now, now)), gateway).made()


class _Making:
    def __init__(
        self,
        daemon: Source,
        view: StatusView,
        now: datetime,
        span: tuple[datetime, datetime],
        gateway: str | None,
    ) -> None:
        self._daemon = daemon
        self._view = view
        self._now = now
        self._since, self._until = span
        self._gateway = gateway
        self._gateways = [each for each in view.gateways if gateway in (None, each.name)]
        self._sessions: dict[Key, SessionView] = {}
        self._actions = Actions()
        self._looked_up = 0
        self._not_looked_up = 0
        self._said_left_out = 0

    async def made(self) -> Report:
        """Return the report."""
        found = await self._daemon.sessions(history=False)
        self._sessions = {each.key: each for each in found if self._gateway in (None, each.gateway)}
        said = await self._said()
        gaps = [(each.at, each.until) for each in said if each.until is not None]
        fold = Fold(Spans(self._since, self._until, gaps), self._user)
        async with aclosing(
            actions_backward(self._daemon, self._gateway, self._since, self._until)
        ) as receipts:
            async for page in receipts:
                self._actions.apply(page)
        wanted = EventRange(gateway=self._gateway, since=self._since, until=self._until)
        async with aclosing(events_forward(self._daemon, wanted)) as events:
            async for changes in events:
                self._not_looked_up += await self._begin(fold, list(fold.unknown(changes)))
                for event in changes:
                    fold.apply(event)
        await self._take_silent(fold)
        fold.finish()
        return self._report(fold, said)

    def _user(self, key: Key) -> str | None:
        session = self._sessions.get(key)
        return session.user_id if session is not None else None

    async def _said(self) -> list[Said]:
        """Return what the daemon said of itself that concerns the report's time."""
        wanted, found = EventRange(kinds=("daemon",), until=self._until), list[EventView]()
        async with aclosing(events_backward(self._daemon, wanted, page=_DAEMON_EVENTS)) as pages:
            async for events in pages:
                ours = [event for event in events if (event.until or event.at) >= self._since]
                # A gap that began long ago may have ended since: what is older is older than all of a page.
                if not ours:
                    break
                found = ours + found
                self._said_left_out += max(0, len(found) - _MOST_SAID)
                del found[:-_MOST_SAID]
        return [Said(at=event.at, text=event.text, until=event.until) for event in found]

    async def _begin(self, fold: Fold, keys: Sequence[Key]) -> int:
        """Look up how sessions and gateways were when the report begins; returns for how many there is no room."""
        room = max(0, LOOKED_UP - self._looked_up)
        self._looked_up += min(len(keys), room)
        gate = asyncio.Semaphore(_AT_ONCE)

        async def begin(key: Key) -> None:
            async with gate:
                fold.begin(key, await self._earlier(key))

        await asyncio.gather(*(begin(key) for key in keys[:room]))
        return max(0, len(keys) - room)

    async def _earlier(self, key: Key) -> list[EventView]:
        """Return the newest changes before the report begins."""
        gateway, session_id = key
        before = self._since - _MOMENT
        if session_id is None:
            # A gateway's are had by looking through all.
            since = self._since - _GATEWAY_BACK
            wanted = EventRange(gateway=gateway, kinds=("gateway",), since=since, until=before)
        else:
            kinds = (*STATE_KINDS, "changed")
            wanted = EventRange(gateway=gateway, session_id=session_id, kinds=kinds, until=before)
        return await self._daemon.events_within(wanted, limit=_BACK)

    async def _take_silent(self, fold: Fold) -> None:
        """Take in what was down or in need, though nothing happened to it in the report's time."""
        for gateway in self._gateways:
            if not fold.knows((gateway.name, None)) and gateway.since and gateway.since <= self._until:
                fold.begin((gateway.name, None), [gateway_event(gateway)])
        silent = [
            each for key, each in self._sessions.items() if not fold.knows(key) and self._may_be_down(each)
        ]
        await self._begin(fold, [each.key for each in silent])
        for session in silent:
            settled = session.status_since is not None and session.status_since <= self._until
            if settled and not fold.knows(session.key):
                fold.begin(session.key, [status_event(session)])
        if self._until == self._now:
            for session in self._sessions.values():
                fold.needs_now(session)
            for key in fold.open():
                if key[1] is not None and key not in self._sessions:
                    fold.remove(key, self._actions.deleted.get(key))

    def _may_be_down(self, session: SessionView) -> bool:
        if session.status_since is not None and session.status_since > self._until:
            return True
        return session.status != "connected" and session.desired != "offline"

    def _report(self, fold: Fold, said: list[Said]) -> Report:
        opened = open_now(self._view, self._gateways, self._sessions.values(), self._now)
        left_out = {
            "daemon": self._said_left_out,
            "outages": fold.outages.left_out,
            "needs": fold.needs.left_out,
            "actions": self._actions.kept.left_out,
            **{part: fold.said[part].left_out for part in TOLD},
            "open": max(0, len(opened) - _MOST_OPEN),
        }
        needs = [self._as_known(self._named(need)) for need in fold.needs.items()]
        outages = [self._explained(self._named(outage)) for outage in fold.outages.items()]
        return Report(
            title=self._view.daemon.title,
            since=self._since,
            until=self._until,
            made_at=self._now,
            gateway=self._gateway,
            sessions=len(self._sessions),
            daemon=said,
            open=opened[:_MOST_OPEN],
            needs=sorted(needs, key=self._order),
            outages=sorted(outages, key=self._order),
            actions=sorted(
                (self._named(deed) for deed in self._actions.kept.items()), key=lambda deed: deed.at
            ),
            counts=self._actions.counts(),
            **{part: sorted(fold.said[part].items(), key=lambda each: each.at) for part in TOLD},
            traffic=traffic_sums(self._sessions.values(), self._since, self._until, self._now),
            by_gateway=fold.sums.by_gateway(self._gateways),
            by_user=fold.sums.by_user(),
            left_out={name: number for name, number in left_out.items() if number},
            not_looked_up=self._not_looked_up,
        )

    def _order(self, each: Outage | Need) -> tuple[bool, datetime, str, str]:
        begin = each.begin or self._since
        return (each.begin is not None, begin, each.gateway, each.session_id or "")

    def _named(self, each: Named) -> Named:
        """Return it with an instance name that is one: an event of a session without any has its id there."""
        session = self._sessions.get((each.gateway or "", each.session_id))
        name = session.instance_name if session is not None else each.instance_name
        return replace(each, instance_name=name if name != each.session_id else None)

    def _explained(self, outage: Outage) -> Outage:
        """Return an outage that nobody gave a reason for with who made it."""
        if outage.cause is not None or outage.detail or outage.begin is None:
            return outage
        made = self._actions.starter((outage.gateway, outage.session_id), outage.begin)
        if made is None:
            return outage
        return replace(outage, cause="action", detail=f"{made.action.replace('_', ' ')} by {made.who}")

    def _as_known(self, need: Need) -> Need:
        """Return a need with who took care of it first."""
        begin, end = need.begin or self._since, need.end or self._until
        first = self._actions.taker((need.gateway, need.session_id), begin, end)
        return need if first is None else replace(need, taken_by=first.who, taken_at=first.accepted_at)
