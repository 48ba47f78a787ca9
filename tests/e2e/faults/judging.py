"""Judges the fleet by the gateways' own truth, and healing by what the gateways were asked to start."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

from wa_tui.model.registers import SessionKey
from wa_tui.wire import SessionView

from .world import WITHIN_LISTS, WITHIN_STATUS, World

HEALED_WITHIN = 45.0
"""Seconds in which everything that can come back by itself is back."""

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
            away = self._away(truth, fleet)
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
            return lasts > WITHIN_LISTS
        self.verdict.silent = max(self.verdict.silent, lasts)
        return lasts > WITHIN_STATUS

    def _away(self, truth: Truth, fleet: dict[SessionKey, SessionView]) -> list[SessionKey]:
        """Return what has credentials, is wanted and is nobody's business but healing's, and is not back."""
        persons = self.world.lost_causes | set(self.world.stopped)
        return [
            key
            for key, row in truth.items()
            if row["credentials"] and row["status"] != "connected" and key not in persons
        ]

    def _report(
        self, what: str, keys: list[SessionKey], truth: Truth, fleet: dict[SessionKey, SessionView]
    ) -> str:
        told = "\n".join(f"{key}: {truth[key]}\n    {fleet.get(key)}" for key in keys[:5])
        after = time.monotonic() - self.began
        seed = self.world.seed
        return f"{len(keys)} sessions {what}, {after:.1f} s after the last webhook (seed {seed}):\n{told}"


async def nothing_stopped_was_started(world: World) -> None:
    """Fail when a gateway was asked to start a session that a person had stopped, or started one itself."""
    started = []
    for name, sim in world.sims.items():
        for entry in await sim.log():
            body = entry["body"] if isinstance(entry["body"], dict) else {}
            since = world.stopped.get(SessionKey(name, body.get("sessionId", "")))
            asked = entry["path"] == "/api/session/init" or body.get("status") == "connected"
            if since is not None and entry["n"] > since and asked:
                started.append(entry)
    assert not started, f"stopped by a person, started all the same (seed {world.seed}): {started[:5]}"
    fleet = {SessionKey(v.gateway, v.session_id): v for v in await world.daemon.client.sessions()}
    for key in world.stopped:
        assert (fleet[key].desired, fleet[key].status) == ("offline", "disconnected"), fleet[key]


def _agrees(row: dict[str, Any], view: SessionView | None) -> bool:
    status = "disconnected" if row["status"] in ("not_found", "destroyed") else row["status"]
    return view is not None and view.status == status


def _row(row: dict[str, Any] | None) -> tuple[Any, ...]:
    return (row["status"], row["claim"]) if row is not None else ()


def _statuses(fleet: dict[SessionKey, SessionView]) -> dict[SessionKey, str]:
    return {key: view.status for key, view in fleet.items()}
