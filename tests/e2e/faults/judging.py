"""Judges the fleet by the gateways' own truth, and healing by what the gateways were asked to start."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

from wa_tui.identity.kinds import GatewayKind
from wa_tui.model.registers import SessionKey
from wa_tui.model.traffic import FLOWS
from wa_tui.wire import SessionView

from .world import WITHIN_LISTS, WITHIN_STATUS, World

HEALED_WITHIN = 45.0
"""Seconds in which everything that can come back by itself is back."""

INIT, DISCONNECT = "/api/session/init", "/api/session/disconnect"
NEVER = 10**9
"""A number that no log entry has."""

COUNTED_WITHIN = 60.0
"""Seconds in which the last of what became of a message is told, and counted."""

LATENCY = 0.5
"""Seconds from a webhook to what is asked for because of it, where nothing delays them."""

TURNS = 4
"""Processes that have their turns meanwhile, each as late on a busy machine as this one."""

GONE = ("not_found", "destroyed")
"""What a gateway says of a client that it does not hold."""

_UNASKED = frozenset({*GatewayKind} - {GatewayKind.CONTRACT, GatewayKind.EVOLUTION})
"""Kinds that are not told what to restore, and can stop what they did."""

Truth = dict[SessionKey, dict[str, Any]]


@dataclass
class Verdict:
    """How long after the last webhook the fleet was found to be true, and everything back, in seconds."""

    revealed: float = 0.0
    """The longest that something a list or a webhook reveals was shown wrongly."""
    silent: float = 0.0
    """The longest that a silent death was not known."""
    healed: float = 0.0
    last: SessionKey | None = None
    """What was back last."""


@dataclass
class Watch:
    """Compares truth and fleet again and again; what differs for too long fails."""

    world: World
    began: float = field(default_factory=time.monotonic)
    verdict: Verdict = field(default_factory=Verdict)
    _before: Truth = field(default_factory=dict)
    _wrong_since: dict[SessionKey, float] = field(default_factory=dict)

    async def until_true(self) -> Verdict:
        """Return once truth and fleet agree in two equal snapshots in a row, with everything back."""
        same = None
        while True:
            truth = await self.world.truths()
            fleet = await self._fleet()
            now = time.monotonic()
            wrong = self._compare(truth, fleet, now)
            away = [*self._away(truth, fleet), *self._misjudged(truth, fleet)]
            for key in self._against_their_will(truth):
                # A person reads it, and does it again.
                await self.world.stop(key)
            snapshot = ({key: row["status"] for key, row in truth.items()}, _statuses(fleet))
            if not wrong and not away and snapshot == same:
                return self.verdict
            same = snapshot if not wrong and not away else None
            if away:
                self.verdict.healed, self.verdict.last = now - self.began, away[0]
            assert now - self.began < HEALED_WITHIN, self._report("not back", away, truth, fleet)
            self._before = truth
            await asyncio.sleep(0.2)

    async def _fleet(self) -> dict[SessionKey, SessionView]:
        views = await self.world.daemon.client.sessions()
        return {SessionKey(view.gateway, view.session_id): view for view in views}

    def _compare(self, truth: Truth, fleet: dict[SessionKey, SessionView], now: float) -> list[SessionKey]:
        """Return what differs now; fails for what has been so for too long."""
        wrong = [key for key, row in truth.items() if not _agrees(row, fleet.get(key))]
        for key in truth:
            changed = _row(truth[key]) != _row(self._before.get(key))
            if key not in wrong:
                self._wrong_since.pop(key, None)
            elif changed or key not in self._wrong_since:
                self._wrong_since[key] = now
        late = [key for key in wrong if self._lasts(key, truth[key], now)]
        assert not late, self._report("wrong for too long", late, truth, fleet)
        return wrong

    def _lasts(self, key: SessionKey, row: dict[str, Any], now: float) -> bool:
        lasts = now - self._wrong_since[key]
        if row["status"] == row["claim"]:
            self.verdict.revealed = max(self.verdict.revealed, lasts)
            return lasts > WITHIN_LISTS + TURNS * self.world.busy
        self.verdict.silent = max(self.verdict.silent, lasts)
        return lasts > WITHIN_STATUS + TURNS * self.world.busy

    def _away(self, truth: Truth, fleet: dict[SessionKey, SessionView]) -> list[SessionKey]:
        """Return what has credentials, is wanted and is nobody's business but healing's, and is not back."""
        return [
            key
            for key, row in truth.items()
            if row["credentials"]
            and row["status"] != "connected"
            and not self._persons(key)
            and not _paired_unseen(key, fleet.get(key))
        ]

    def _misjudged(self, truth: Truth, fleet: dict[SessionKey, SessionView]) -> list[SessionKey]:
        """Return what is thought to come back without a scan, and cannot, or the other way round."""
        wrong = []
        for key, row in truth.items():
            known = fleet[key].credentials if key in fleet else None
            lost = known == "stored" and not row["credentials"]
            there = known != "stored" and row["status"] == "connected"
            if (lost or there) and not self._persons(key):
                wrong.append(key)
        return wrong

    def _persons(self, key: SessionKey) -> bool:
        """Whether it is a person's business: what nobody starts, nobody learns anything of."""
        return key in self.world.lost_causes or key in self.world.wished_off

    def _against_their_will(self, truth: Truth) -> list[SessionKey]:
        """Return what a gateway that restored by itself has started after a person stopped it."""
        stopped_late = self.world.wished_off.keys() - self.world.stopped.keys()
        # Other kinds restore what nobody asked for, and a restart may be too short to be seen.
        unasked = {key for key in self.world.stopped if self.world.fleet.kinds[key.gateway] in _UNASKED}
        return [key for key in stopped_late | unasked if truth[key]["status"] not in (*GONE, "disconnected")]

    def _report(
        self, what: str, keys: list[SessionKey], truth: Truth, fleet: dict[SessionKey, SessionView]
    ) -> str:
        told = "\n".join(f"{key}: {truth[key]}\n    {fleet.get(key)}" for key in keys[:5])
        after = time.monotonic() - self.began
        seed = self.world.seed
        return f"{len(keys)} sessions {what}, {after:.1f} s after the last webhook (seed {seed}):\n{told}"


async def nothing_stopped_was_started(world: World) -> None:
    """Fail when a gateway was asked to start a session that a person wants to be off, or started one itself."""
    started = []
    for name, sim in world.sims.items():
        for entry in await sim.log():
            key = SessionKey(name, _body(entry).get("sessionId", ""))
            asked = entry["path"] == INIT and entry["n"] > world.wished_off.get(key, NEVER)
            itself = _body(entry).get("status") == "connected" and entry["n"] > world.stopped.get(key, NEVER)
            if asked or itself:
                started.append(entry)
    assert not started, f"stopped by a person, started all the same (seed {world.seed}): {started[:5]}"
    fleet = {SessionKey(v.gateway, v.session_id): v for v in await world.daemon.client.sessions()}
    for key in world.wished_off:
        found = fleet[key]
        # What was unlinked, since it cannot be stopped, may show a code after its gateway's own restart.
        unlinked = world.fleet.kinds[key.gateway] is GatewayKind.EVOLUTION
        shows_code = unlinked and found.status == "qr_pending" and found.attention is None
        assert found.desired == "offline" and (found.status == "disconnected" or shows_code), found


async def no_lost_cause_was_started(world: World) -> None:
    """Fail when a session was started of which the last that its gateway said is that a person is needed."""
    wrong = []
    persons = {key.session_id for key in world.reconnected}
    for sim in world.sims.values():
        said: dict[str, dict[str, Any]] = {}
        begun: dict[str, dict[str, Any]] = {}
        for entry in await sim.log():
            session_id = _body(entry).get("sessionId", "")
            if entry["kind"] == "webhook":
                said[session_id] = entry
            elif entry["path"] == DISCONNECT:
                begun[session_id] = entry
            elif entry["path"] == INIT and session_id not in persons:
                last, first = said.get(session_id), begun.pop(session_id, entry)
                wrong += [(last, entry)] if _calls_a_person(world, last, first) else []
    assert not wrong, f"a person's business, started by healing (seed {world.seed}): {wrong[:5]}"


def _calls_a_person(world: World, last: dict[str, Any] | None, begun: dict[str, Any]) -> bool:
    """Whether the daemon knew that a person is needed when it began to start a session."""
    if last is None or last["answered"] != 200 or last["body"].get("reason") not in ("TOS_BLOCK", "CONFLICT"):
        return False
    # It may have waited behind a burst, which a full disk makes slow to take.
    known_at = max(last["t"] + world.delay, last["answered_at"])
    return bool(begun["t"] - known_at > LATENCY + TURNS * world.busy)


async def what_is_missing_was_lost(world: World) -> int:
    """Fail when a gateway is said to owe more webhooks than the simulator lost, and return how many it is."""
    counted = 0
    for gateway in (await world.daemon.client.status()).gateways:
        entries = await world.sims[gateway.name].log()
        webhooks = [entry for entry in entries if entry["kind"] == "webhook" and "sessionId" in _body(entry)]
        lost = [entry for entry in webhooks if entry["answered"] != 200]
        missing = gateway.hour.get("missing", 0)
        told = f"{gateway.name}: {missing} webhooks said to be missing, {len(lost)} lost (seed {world.seed})"
        assert missing <= len(lost), told
        counted += missing
    return counted


async def counts_are_true(world: World) -> int:
    """Wait until the messages of each session are counted as they went through it, and return how many there were."""
    deadline = time.monotonic() + COUNTED_WITHIN
    while True:
        truth = await world.truths()
        views = {SessionKey(v.gateway, v.session_id): v for v in await world.daemon.client.sessions()}
        counted = {key: row["traffic"] for key, row in truth.items() if row["traffic"] is not None}
        wrong = [key for key, counts in counted.items() if not _is_told(counts, views[key])]
        if not wrong:
            return sum(counts["received"] + counts["sent"] for counts in counted.values())
        shown = [(key, counted[key], views[key].traffic) for key in wrong[:5]]
        assert time.monotonic() < deadline, f"{len(wrong)} sessions (seed {world.seed}): {shown}"
        await asyncio.sleep(0.5)


def _is_told(counts: dict[str, int], view: SessionView) -> bool:
    return all(getattr(view.traffic, flow, None) == counts[flow] for flow in FLOWS)


def _body(entry: dict[str, Any]) -> dict[str, Any]:
    return entry["body"] if isinstance(entry["body"], dict) else {}


def _paired_unseen(key: SessionKey, view: SessionView | None) -> bool:
    """Whether it was paired and went again before anybody could see that: nothing tells that it has credentials."""
    return key.session_id.startswith("new-") and view is not None and view.credentials == "unknown"


def _agrees(row: dict[str, Any], view: SessionView | None) -> bool:
    status = "disconnected" if row["status"] in GONE else row["status"]
    return view is not None and view.status == status


def _row(row: dict[str, Any] | None) -> tuple[Any, ...]:
    return (row["status"], row["claim"]) if row is not None else ()


def _statuses(fleet: dict[SessionKey, SessionView]) -> dict[SessionKey, str]:
    return {key: view.status for key, view in fleet.items()}
