"""A monitor without sessions says why: a gateway in trouble, a list that nobody read, or that there are none."""

from __future__ import annotations

import msgspec
import pytest

from tests.tui.fleet import clock, snapshot
from wa_tui.tui.fleet.state import FleetState
from wa_tui.tui.presenters.rows import emptiness
from wa_tui.wire import GatewayView, JobView

DOWN = GatewayView(
    name="eu-1",
    url="http://db-3:3000",
    state="down",
    detail="connection refused",
    advice="start eu-1 on db-3",
)
UP = GatewayView(name="eu-1", url="http://db-3:3000", state="up")
LIST = JobView(name="list-sync", gateway="eu-1", interval_s=15)


def said(gateway: GatewayView, job: JobView | None) -> str | None:
    state = FleetState(clock)
    first = snapshot(sessions=[], gateways=[gateway])
    state.apply(msgspec.structs.replace(first, jobs=[] if job is None else [job]))
    return emptiness(state)


@pytest.mark.parametrize(
    ("gateway", "job", "detail"),
    [
        (DOWN, LIST, "connection refused: eu-1 · start eu-1 on db-3, or wa-tui up (http://db-3:3000)"),
        (UP, LIST, "the list of eu-1 was not read yet"),
        (
            UP,
            msgspec.structs.replace(LIST, outcome="failed", detail="no answer within 10 s"),
            "no answer within 10 s: the list of eu-1 could not be read",
        ),
        (msgspec.structs.replace(UP, state="restarting"), LIST, "the list of eu-1 was not read yet"),
        (UP, msgspec.structs.replace(LIST, outcome="ok", detail="0 listed"), None),
        (UP, None, None),
    ],
)
def test_why_there_is_no_session(gateway: GatewayView, job: JobView | None, detail: str | None) -> None:
    assert said(gateway, job) == detail
