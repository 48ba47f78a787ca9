"""The Node service's lines between stored events in the monitor's log."""

from __future__ import annotations

from datetime import UTC, datetime

from wa_tui.tui.widgets import tail
from wa_tui.wire import EventView

AT = datetime(2026, 11, 23, tzinfo=UTC)


def test_what_is_read_back_keeps_its_lines_where_ids_repeat() -> None:
    stored = [EventView(id=number, at=AT, source="webhook", kind="status") for number in range(1, 4)]
    lines = [EventView(id=2, at=AT, source="node", kind="line", text=str(number)) for number in range(3)]
    events = [*stored[:2], *lines, stored[2]]
    assert [tail._place(events, event) for event in events] == [0, 1, 2, 3, 4, 5]
    assert tail._place(events, EventView(id=9, at=AT, source="timer", kind="daemon")) == 6
    assert tail._ends(events[:4]) != tail._ends(events[1:5])
