"""What healing remembers over a restart of the daemon: the drops and the attempts of the past hour."""

from __future__ import annotations

import itertools
from collections import defaultdict

from wa_tui.model.registers import HOUR, SECOND, SessionKey, Source, milliseconds
from wa_tui.wire import History

from ..core import Core

NEWEST = 2_000
"""Actions looked through: more in an hour than any healthy fleet has."""

Times = dict[SessionKey, list[int]]


async def remembered(core: Core, now: int) -> tuple[Times, Times]:
    """Return when each session dropped within the flapping window, and was tried within the hour, oldest first."""
    return _drops(core, now), await _tries(core, now)


def _drops(core: Core, now: int) -> Times:
    start = (now - milliseconds(core.config.healing.flapping_window)) // SECOND
    drops: Times = {}
    for session in core.fleet.sessions():
        points = core.histories.of(session.key, now)
        found = [
            at * SECOND
            for (_, before), (at, code) in itertools.pairwise(points)
            if before == History.CONNECTED and code == History.DOWN and at >= start
        ]
        if found:
            drops[session.key] = found
    return drops


async def _tries(core: Core, now: int) -> Times:
    tries: Times = defaultdict(list)
    for row in reversed(await core.store.actions(NEWEST)):
        if row.who == Source.HEAL and row.accepted_at > now - HOUR and row.gateway and row.session_id:
            tries[SessionKey(row.gateway, row.session_id)].append(row.accepted_at)
    return tries
