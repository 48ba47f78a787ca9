"""Holds the store against what was acknowledged: each webhook answered 200 is in it, whatever happened."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from wa_tui.model.claims import Claims
from wa_tui.model.facts import Webhook
from wa_tui.model.registers import SECOND, SessionKey
from wa_tui.store import open_store

from .world import World

Trace = tuple[int, str, int]
"""What the store has of a webhook: its timestamp, its status, when it was received."""


async def everything_acknowledged_is_stored(world: World) -> int:
    """Kill the daemon, read its store, and return how many acknowledged webhooks were found in it.

    A webhook is an event where it changed anything; else it is the evidence kept with its session or with that
    session's next event, or was overtaken there by a later one that said the same.
    """
    await world.daemon.kill()
    traces = await _stored(world)
    missing, found = [], 0
    for name, sim in world.sims.items():
        for entry in await sim.log():
            if entry["kind"] != "webhook" or entry["answered"] != 200 or entry["method"] != "POST":
                continue
            if _is_stored(entry, traces[SessionKey(name, entry["body"]["sessionId"])]):
                found += 1
            else:
                missing.append(entry)
    told = "\n".join(str(entry) for entry in missing[:5])
    assert not missing, f"{len(missing)} acknowledged and not stored (seed {world.seed}):\n{told}"
    return found


def _is_stored(entry: dict[str, Any], traces: set[Trace]) -> bool:
    body = entry["body"]
    timestamp = round(datetime.fromisoformat(body["timestamp"]).timestamp() * SECOND)
    sent = int(entry["t"] * SECOND)
    return any(
        status == body["status"] and (at == timestamp or received >= sent) for at, status, received in traces
    )


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
