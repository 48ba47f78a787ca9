"""Holds the store against what was acknowledged: each webhook answered 200 is in it, whatever happened."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from wa_tui.identity.kinds import GatewayKind
from wa_tui.model.claims import Claims
from wa_tui.model.facts import Webhook
from wa_tui.model.registers import SECOND, SessionKey
from wa_tui.store import open_store

from .world import World

Entry = dict[str, Any]
Trace = tuple[int, str, int]
"""What the store has of a webhook: its timestamp, its status, when it was received."""


async def everything_acknowledged_is_stored(world: World) -> int:
    """Kill the daemon, read its store, and return how many acknowledged webhooks were found in it.

    Each leaves a trace of its own: as an event where it changed anything, else as the evidence kept with its session
    or with that session's next event. Only one that was followed by one that said the same need not.
    """
    await world.daemon.kill()
    traces = await _stored(world)
    missing, found = [], 0
    for name, sim in world.sims.items():
        if world.fleet.kinds[name] is not GatewayKind.CONTRACT:
            continue  # their webhooks have no time: they are hints, and what they start is stored
        for session_id, told in _by_session(await sim.log()).items():
            stored = traces[SessionKey(name, session_id)]
            for entry, following in zip(told, [*told[1:], None], strict=True):
                if _has_trace(entry, following, stored, jumbled=world.jumbled):
                    found += 1
                else:
                    missing.append(entry)
    told_of = "\n".join(str(entry) for entry in missing[:5])
    assert not missing, f"{len(missing)} acknowledged and not stored (seed {world.seed}):\n{told_of}"
    return found


def _by_session(log: list[Entry]) -> dict[str, list[Entry]]:
    """Return the webhooks that were answered 200, in the order they were sent."""
    told: dict[str, list[Entry]] = defaultdict(list)
    for entry in log:
        # Counters are of many sessions at once, and grow: none of them has to be stored.
        if entry["kind"] == "webhook" and entry["answered"] == 200 and "sessionId" in (entry["body"] or ()):
            told[entry["body"]["sessionId"]].append(entry)
    return told


def _has_trace(entry: Entry, following: Entry | None, stored: set[Trace], *, jumbled: bool) -> bool:
    status = entry["body"]["status"]
    timestamp = round(datetime.fromisoformat(entry["body"]["timestamp"]).timestamp() * SECOND)
    if any(status == said and at == timestamp for at, said, _ in stored):
        return True
    if not jumbled:
        return following is not None and following["body"]["status"] == status
    # Nobody knows which came in before which.
    sent = int(entry["t"] * SECOND)
    return any(status == said and received >= sent for _, said, received in stored)


async def _stored(world: World) -> dict[SessionKey, set[Trace]]:
    traces: dict[SessionKey, set[Trace]] = defaultdict(set)
    store = await open_store(world.daemon.state_dir / "wa_tui.db", now=0)
    try:
        loaded = await store.load()
        for session in loaded.fleet.everything():
            traces[session.key] |= _claimed(session.claims)
        after = 0
        while events := await store.events(after=after, limit=5000, first=True):
            after = events[-1].id
            for event in events:
                key = SessionKey(event.gateway or "", event.session_id or "")
                if isinstance(event.fact, Webhook):
                    traces[key].add((event.fact.timestamp, event.fact.status, event.fact.received))
                if event.basis is not None:
                    traces[key] |= _claimed(event.basis.claims)
    finally:
        await store.close()
    return traces


def _claimed(claims: Claims) -> set[Trace]:
    kept = (claims.latest, claims.online, claims.qr, claims.revoked, claims.cause)
    return {(claim.timestamp, claim.status, claim.received) for claim in kept if claim is not None}
