"""What the signs mean: conditions, the ribbon, gateways, outcomes."""

from __future__ import annotations

from collections.abc import Iterator

from wa_tui.text.events import status_word
from wa_tui.tui.presenters.guide import Entry, Section, searched
from wa_tui.tui.style.gateways import gateway_look
from wa_tui.tui.style.palette import LOOKS, Ink, Palette
from wa_tui.tui.style.ribbon import BRIEF
from wa_tui.wire import Condition, History

_MEANINGS = {
    Condition.CONNECTED: "connected, and a check proved it",
    Condition.CLAIMED: "said to be connected; no check has proved it lately",
    Condition.DISCONNECTED: "down, though it should be online",
    Condition.AUTH_FAILED: "the credentials were refused",
    Condition.SCAN_QR: "waits for somebody to scan",
    Condition.STARTING: "on its way",
    Condition.UNKNOWN: "never observed",
    Condition.OFFLINE: "off by wish",
}
_CELLS = {
    History.CONNECTED: "connected",
    History.STARTING: "starting",
    BRIEF: "down for a moment",
    History.QR: "waiting for a scan",
    History.DOWN: "down",
    History.OFF: "off by wish",
    History.UNOBSERVED: "nobody looked: no proof either way",
}
_GATEWAYS = {
    "up": "it answers",
    "slow": "it answers late",
    "restarting": "it started anew, and brings its sessions back",
    "down": "it does not answer",
    "unauthorised": "it, or a proxy before it, refuses us; or it needs a person for what is said beside it",
    "unknown": "not asked yet",
}
_PAUSED = Entry("‖ paused", "starts fail there, so that healing starts nothing for a while", Ink.AMBER)
_BESIDE = (
    Entry("▌", "the session under the cursor", Ink.BRIGHT),
    Entry("◆", "marked: what is done is done to all of these", Ink.BRIGHT),
    Entry("▾ ▴", "sorted by this column, downwards or upwards", Ink.BRIGHT),
    Entry("✓", "done, and where a check can prove it, proved", Ink.GREEN),
    Entry("!", "not done, or not known to be", Ink.AMBER),
    Entry("✖", "failed, or a fault that needs a person", Ink.RED, bold=True),
)


def signs(palette: Palette, search: str = "") -> list[Section]:
    """Return the sections of the page of signs; with a ``search`` only what has all of its words."""
    page = [
        Section("What the signs mean", [_state(condition, _MEANINGS[condition]) for condition in LOOKS]),
        Section("The last 24 hours", [_cell(palette, code, told) for code, told in _CELLS.items()]),
        Section("Gateways in the header", [*_gateways(), _PAUSED]),
        Section("Beside a row, and of what was done", list(_BESIDE)),
    ]
    return searched(page, search)


def _state(condition: Condition, meaning: str) -> Entry:
    look = LOOKS[condition]
    return Entry(f"{look.glyph} {condition}", meaning, look.ink, look.bold)


def _cell(palette: Palette, code: str, meaning: str) -> Entry:
    glyph, ink = palette.ribbon(code)
    return Entry(glyph * 4, meaning, ink)


def _gateways() -> Iterator[Entry]:
    for state, meaning in _GATEWAYS.items():
        look = gateway_look(state)
        yield Entry(f"{look.glyph} {status_word(state)}", meaning, look.ink, look.bold)
