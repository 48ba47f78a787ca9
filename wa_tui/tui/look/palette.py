"""Colours and glyphs, one table each; without colour, bold, dim and reverse say the same."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from rich.style import Style

from wa_tui.tui.look.ribbon import BRIEF
from wa_tui.wire import Condition, History

if TYPE_CHECKING:
    from textual.app import App


class Ink(StrEnum):
    """What a text is drawn in; the value is its colour."""

    TEXT = "#b6c2cf"
    BRIGHT = "#e6edf3"
    QUIET = "#6b7688"
    GREEN = "#4ec98a"
    MOSS = "#7fa892"
    LEAF = "#2d5f45"
    AMBER = "#e3a83e"
    BLUE = "#61afef"
    RED = "#f47067"


class Ground(StrEnum):
    """What is behind a text; the value is its colour."""

    BODY = "#0d1117"
    PANEL = "#161b22"
    CURSOR = "#263342"


class Look(NamedTuple):
    """How a condition looks: state is always glyph, word and colour."""

    glyph: str
    ink: Ink
    bold: bool = False


LOOKS: dict[Condition, Look] = {
    Condition.DISCONNECTED: Look("○", Ink.RED, bold=True),
    Condition.AUTH_FAILED: Look("✖", Ink.RED, bold=True),
    Condition.SCAN_QR: Look("▣", Ink.BLUE, bold=True),
    Condition.STARTING: Look("◐", Ink.AMBER, bold=True),
    Condition.CLAIMED: Look("◌", Ink.MOSS),
    Condition.UNKNOWN: Look("?", Ink.QUIET),
    Condition.CONNECTED: Look("●", Ink.GREEN),
    Condition.OFFLINE: Look("○", Ink.QUIET),
}

STATUS_INKS: dict[str, Ink] = {
    "connected": Ink.GREEN,
    "disconnected": Ink.RED,
    "auth_failed": Ink.RED,
    "qr_pending": Ink.BLUE,
    "initializing": Ink.AMBER,
    "authenticated": Ink.AMBER,
    "unknown": Ink.QUIET,
}
"""The colour of a status as an event names it."""

STATUS_WORDS: dict[str, str] = {
    "qr_pending": "scan QR",
    "auth_failed": "auth failed",
    "initializing": "starting",
}
"""What a status is called on screen, where that differs."""

GAP = "·"
RIBBON: dict[str, tuple[str, Ink]] = {
    History.CONNECTED: ("▆", Ink.LEAF),
    History.STARTING: ("▆", Ink.AMBER),
    History.QR: ("▆", Ink.BLUE),
    BRIEF: ("▆", Ink.AMBER),
    History.DOWN: ("▆", Ink.RED),
    History.OFF: ("▁", Ink.QUIET),
    History.UNOBSERVED: (GAP, Ink.QUIET),
}
RIBBON_PLAIN: dict[str, str] = {
    History.CONNECTED: "▆",
    History.STARTING: "▄",
    History.QR: "▄",
    BRIEF: "▅",
    History.DOWN: "▂",
    History.OFF: " ",
    History.UNOBSERVED: GAP,
}
"""The ribbon without colour: the height tells."""

_DIM = frozenset({Ink.QUIET, Ink.MOSS})
_LOUD = frozenset({Ink.AMBER, Ink.BLUE, Ink.RED})

_SIXTEEN = {
    Ink.TEXT: "#aaaaaa",
    Ink.BRIGHT: "#ffffff",
    Ink.QUIET: "#aaaaaa",
    Ink.GREEN: "#55ff55",
    Ink.MOSS: "#aaaaaa",
    Ink.LEAF: "#00aa00",
    Ink.AMBER: "#ffff55",
    Ink.BLUE: "#55ffff",
    Ink.RED: "#ff5555",
}
"""Inks on a terminal of 16 colours, as exactly those that rich turns into the ANSI colour that is meant."""

_BLACK = "#000000"


@dataclass(frozen=True)
class Palette:
    """Turns inks into styles: in full colour, for ``sixteen`` colours, or ``plain`` where there may be none.

    ``plain`` is for ``NO_COLOR``; Textual itself keeps greys then, unless its ``ansi_color`` is set.
    """

    plain: bool = False
    sixteen: bool = False

    @classmethod
    def of(cls, app: App[Any]) -> Palette:
        """Return what an app's terminal can show."""
        return cls(app.no_color, app.console.color_system == "standard")

    def style(self, ink: Ink = Ink.TEXT, *, bold: bool = False, ground: Ground = Ground.BODY) -> Style:
        """Return the style of an ink on a ground."""
        return _style(self, ink, bold, ground)

    def ribbon(self, code: str) -> tuple[str, Ink]:
        """Return the glyph and ink of one ribbon cell; unknown codes are gaps."""
        glyph, ink = RIBBON.get(code, RIBBON[History.UNOBSERVED])
        if not self.plain:
            return glyph, ink
        return RIBBON_PLAIN.get(code, GAP), Ink.QUIET if ink is Ink.LEAF else ink


@lru_cache(256)
def _style(palette: Palette, ink: Ink, bold: bool, ground: Ground) -> Style:
    if not palette.plain and not palette.sixteen:
        return Style(color=ink.value, bgcolor=ground.value, bold=bold or None)
    reverse = ground is Ground.CURSOR
    if palette.sixteen and not palette.plain:
        # One colour across the cursor's row: no second ground can be told from the first.
        color = _SIXTEEN[Ink.TEXT if reverse else ink]
        return Style(color=color, bgcolor=_BLACK, bold=bold or None, reverse=reverse or None)
    dim = ink in _DIM and not reverse
    return Style(bold=bold or ink in _LOUD or None, dim=dim or None, reverse=reverse or None)
