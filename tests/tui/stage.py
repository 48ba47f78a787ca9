"""The widgets alone, on the demo fleet: `python -m tests.tui.stage` shows them, tests drive them."""

from __future__ import annotations

import os

import msgspec
from textual import events
from textual.app import ComposeResult

from tests.tui.fleet import DAY, HOUR, NOW, clock, event, session, snapshot
from wa_tui.filters.sessions import Filter
from wa_tui.tui.fleet.order import Order
from wa_tui.tui.fleet.state import FleetState
from wa_tui.tui.output.app import FrugalApp
from wa_tui.tui.style.theme import dress
from wa_tui.tui.terminal import Driver
from wa_tui.tui.widgets.footer import KeyBar
from wa_tui.tui.widgets.grid import SessionGrid
from wa_tui.tui.widgets.header import FleetHeader
from wa_tui.tui.widgets.log_view import EventLog
from wa_tui.wire import Delta, LiveMessage, SessionKey, SessionTraffic, Snapshot, TrafficView

KEYS = [("r", "Reconnect"), ("o", "QR"), ("enter", "Details"), ("l", "Log"), ("t", "Test message"), ("s", "Sync now"),
        ("/", "Filter"), ("?", "Help")]  # fmt: skip


class Stage(FrugalApp[None]):
    """Header, grid, log and key bar around a fleet."""

    CSS = """
    Screen { background: $background; }
    SessionGrid { margin-top: 1; }
    EventLog { height: 10; margin: 1 0; }
    """
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, first: Snapshot | None = None) -> None:
        # As the app does: without it, Textual turns NO_COLOR into greys.
        super().__init__(driver_class=Driver, ansi_color=True if "NO_COLOR" in os.environ else None)
        dress(self, "dark")
        self.state = FleetState(clock)
        self.state.apply(first or snapshot())
        self.order = Order.TROUBLE
        self.chosen = Filter()
        self.highlighted: list[SessionKey | None] = []
        self.selected: list[SessionKey] = []

    def compose(self) -> ComposeResult:
        yield FleetHeader()
        yield SessionGrid()
        yield EventLog()
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(KeyBar).show(KEYS)
        self.paint()

    def on_key(self, pressed: events.Key) -> None:
        """Let something happen, for a test with a terminal."""
        known = self.state.sessions[("eu-1", "user_7_instance_booking-de")]
        happenings = {
            "1": Delta(sessions=[msgspec.structs.replace(known, proven_at=NOW - HOUR / 20)]),
            "2": Delta(sessions=[msgspec.structs.replace(known, observed_at=NOW)]),
            "3": Delta(events=[event(77, HOUR / 3600, "sync", "status", text="something happened")]),
            "5": Delta(
                sessions=[
                    msgspec.structs.replace(
                        known, status="disconnected", detail="東京 timed out", reason="other"
                    )
                ]
            ),
            "6": Delta(
                traffic=[
                    SessionTraffic(
                        gateway=known.gateway,
                        session_id=known.session_id,
                        traffic=TrafficView(received=7, received_at=NOW),
                    )
                ]
            ),
            "4": Delta(sessions=[session("zz-last", status_since=NOW - 99 * DAY)]),
        }
        if pressed.key in happenings:
            self.take(happenings[pressed.key])

    def take(self, message: LiveMessage) -> None:
        self.state.apply(message)
        self.paint()

    def paint(self) -> None:
        state = self.state
        changed = state.drain()
        self.query_one(FleetHeader).show(state, state.now)
        grid = self.query_one(SessionGrid)
        grid.show(state, state.rows(self.chosen, self.order, state.now))
        grid.update_rows(changed)
        self.query_one(EventLog).show(state, None)

    def on_session_grid_highlighted(self, event: SessionGrid.Highlighted) -> None:
        self.highlighted.append(event.key)

    def on_session_grid_selected(self, event: SessionGrid.Selected) -> None:
        self.selected.append(event.key)


if __name__ == "__main__":
    Stage().run()
