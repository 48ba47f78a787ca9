"""What the grid benchmark measures: `grid` or `table`, as an app that does one thing for each key.

``c`` changes one visible row, ``a`` adds a session far below, ``l`` changes 25 visible rows every 250 ms for 5 s,
``s`` lets 25 sessions fall as often, and the rows re-sort; what that took is written to a file.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from textual.app import ComposeResult
from textual.widgets import DataTable

from tests.tui.fleet import DAY, GATEWAYS, NOW, ago, session, snapshot
from wa_tui.filters.sessions import Filter
from wa_tui.tui.fleet.columns import layout
from wa_tui.tui.fleet.order import Order
from wa_tui.tui.fleet.state import FleetState
from wa_tui.tui.output.app import FrugalApp
from wa_tui.tui.presenters.rows import row
from wa_tui.tui.style.palette import Palette
from wa_tui.tui.style.pieces import Pieces
from wa_tui.tui.terminal import Driver
from wa_tui.tui.widgets.grid import SessionGrid
from wa_tui.wire import Delta, SessionView

TICKS, CHANGES = 20, 25
SETTLED = 0.3
"""Seconds after which a change has been painted; a DataTable does it in several steps."""


class Bench(FrugalApp[None]):
    """A fleet of connected sessions in one widget, and clocks around what changes."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, rows: int, results: Path, **options: Any) -> None:
        super().__init__(**options)
        self.results = results
        self.now = NOW
        self.state = FleetState(lambda: self.now)
        sessions = [
            session(
                f"shop-{number:05}", f"eu-{number % 2 + 1}", status_since=ago(DAY + timedelta(minutes=number))
            )
            for number in range(rows)
        ]
        self.state.apply(snapshot(gateways=GATEWAYS, sessions=sessions))
        self.ticks = 0
        self.steps = 0

    def note(self, name: str, started: tuple[float, float]) -> None:
        wall, cpu = time.perf_counter() - started[0], time.process_time() - started[1]
        with self.results.open("a") as file:
            file.write(json.dumps({"name": name, "wall_s": wall, "cpu_s": cpu}) + "\n")

    def on_mount(self) -> None:
        self.timed("first", self.load)

    def timed(self, name: str, action: Callable[[], None]) -> None:
        started = time.perf_counter(), time.process_time()
        action()
        if name == "first":
            self.call_after_refresh(self.note, name, started)
        else:
            self.set_timer(SETTLED, lambda: self.note(name, started))

    def on_key(self, event: object) -> None:
        key = getattr(event, "key", "")
        if key == "c":
            self.timed("cell", lambda: self.change(self.worse(1)))
        elif key == "a":
            self.timed("added", lambda: self.change([session("newcomer", status_since=ago(99 * DAY))]))
        elif key in ("l", "s"):
            started = time.perf_counter(), time.process_time()
            self.ticks = TICKS
            worse = self.worse if key == "l" else self.fallen
            self.set_interval(0.25, lambda: self.tick(worse, started), repeat=TICKS)

    def tick(self, worse: Callable[[int], list[SessionView]], started: tuple[float, float]) -> None:
        self.change(worse(CHANGES))
        self.ticks -= 1
        if not self.ticks:
            self.call_after_refresh(self.note, "load", started)

    def worse(self, number: int) -> list[SessionView]:
        """Visible sessions, their proof a minute older than before."""
        self.steps += 1
        keys = self.state.rows(Filter(), Order.TROUBLE, self.state.now)[2 : 2 + number]
        known = self.state.sessions
        age: datetime = ago(timedelta(minutes=self.steps % 7 + 1))
        return [msgspec.structs.replace(known[key], proven_at=age) for key in keys]

    def fallen(self, number: int) -> list[SessionView]:
        """Sessions from everywhere, disconnected now."""
        self.steps += 1
        keys = list(self.state.sessions)[self.steps :: len(self.state.sessions) // number][:number]
        since = NOW - timedelta(milliseconds=900 - self.steps)
        return [
            msgspec.structs.replace(
                self.state.sessions[key], status="disconnected", status_since=since, reason="browser_died"
            )
            for key in keys
        ]

    def load(self) -> None:
        raise NotImplementedError

    def change(self, sessions: list[SessionView]) -> None:
        raise NotImplementedError


class GridBench(Bench):
    """Our grid, painted as the monitor paints."""

    def __init__(self, rows: int, results: Path) -> None:
        super().__init__(rows, results, driver_class=Driver)

    def compose(self) -> ComposeResult:
        yield SessionGrid()

    def load(self) -> None:
        state = self.state
        state.drain()
        self.query_one(SessionGrid).show(state, state.rows(Filter(), Order.TROUBLE, state.now))

    def change(self, sessions: list[SessionView]) -> None:
        state = self.state
        state.apply(Delta(sessions=sessions))
        grid = self.query_one(SessionGrid)
        grid.show(state, state.rows(Filter(), Order.TROUBLE, state.now))
        grid.update_rows(state.drain())


class TableBench(Bench):
    """Textual's table with the same texts."""

    def compose(self) -> ComposeResult:
        yield DataTable[str]()

    def load(self) -> None:
        table = self.query_one(DataTable[str])
        table.cursor_type = "row"
        self.slots = layout(119, 3)
        for slot in self.slots:
            table.add_column(slot.column.value, key=slot.column.value, width=slot.width)
        for key in self.state.rows(Filter(), Order.TROUBLE, self.state.now):
            table.add_row(*self.texts(key), key="/".join(key))

    def texts(self, key: tuple[str, str]) -> list[str]:
        return [text(cell) for cell in row(self.state, key, self.slots, Palette())]

    def change(self, sessions: list[SessionView]) -> None:
        self.state.apply(Delta(sessions=sessions))
        table = self.query_one(DataTable[str])
        for changed in sessions:
            for slot, new in zip(self.slots, self.texts(changed.key), strict=True):
                name = "/".join(changed.key)
                if table.get_cell(name, slot.column.value) != new:
                    table.update_cell(name, slot.column.value, new)


def text(cell: Pieces) -> str:
    return "".join(piece.text for piece in cell)


if __name__ == "__main__":
    kind, target, count = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    (GridBench if kind == "grid" else TableBench)(count, target).run()
