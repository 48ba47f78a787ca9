"""Glyphs and inks, one table each; without colour, bold, dim and reverse say the same."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from msgspec import Struct
from rich.style import Style
from textual.app import App

from wa_tui.text.attention import gateway_word, need_word
from wa_tui.tui.style.inks import ANSI, DARK, SCHEMES, Ground, Ink, Scheme
from wa_tui.tui.style.ribbon import BRIEF
from wa_tui.wire import ANSWERING, Condition, GatewayView, History

THEME_PREFIX = "wa-tui-"
"""What Textual's names of our themes begin with."""
_OF_STATUS: dict[str, Condition] = {
    "connected": Condition.CONNECTED,
    "disconnected": Condition.DISCONNECTED,
    "auth_failed": Condition.AUTH_FAILED,
    "qr_pending": Condition.SCAN_QR,
    "initializing": Condition.STARTING,
    "authenticated": Condition.STARTING,
    "unknown": Condition.UNKNOWN,
}
"""The condition that a session of a status is in, as far as that alone tells."""
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
"""The ribbon without colour, or with few: the height tells."""
RIBBON_ASCII: dict[str, str] = {
    History.CONNECTED: "=",
    History.STARTING: "~",
    History.QR: "q",
    BRIEF: "-",
    History.DOWN: "x",
    History.OFF: " ",
    History.UNOBSERVED: ".",
}
"""The ribbon where only ASCII can be shown."""
_DIM = frozenset({Ink.QUIET, Ink.MOSS})
_LOUD = frozenset({Ink.AMBER, Ink.BLUE, Ink.RED})


class Look(NamedTuple):
    """How a condition looks: state is always glyph, word and colour."""

    glyph: str
    ink: Ink
    bold: bool = False


LOOKS: dict[Condition, Look] = {
    Condition.DISCONNECTED: Look("○", Ink.RED, bold=True),
    Condition.AUTH_FAILED: Look("✖", Ink.RED, bold=True),
    Condition.GHOST: Look("◍", Ink.RED, bold=True),
    Condition.SCAN_QR: Look("▣", Ink.BLUE, bold=True),
    Condition.STARTING: Look("◐", Ink.AMBER, bold=True),
    Condition.CLAIMED: Look("◌", Ink.MOSS),
    Condition.UNKNOWN: Look("?", Ink.QUIET),
    Condition.CONNECTED: Look("●", Ink.GREEN),
    Condition.OFFLINE: Look("○", Ink.QUIET),
}


class Palette(Struct, frozen=True):
    """Turns inks into styles: in a scheme's colours, or ``plain`` where there may be none (``NO_COLOR``).

    ``ascii`` is for a terminal without Unicode; what else is on the screen then passes `look.ascii`.
    """

    plain: bool = False
    ascii: bool = False
    scheme: Scheme = DARK

    @classmethod
    def of(cls, app: App[Any]) -> Palette:
        """Return what an app's terminal can show, in the app's theme."""
        return cls(app.no_color, getattr(app, "ascii", False), scheme_of(app))

    @property
    def few(self) -> bool:
        """Whether only attributes can tell what is chosen: there is no second ground."""
        return self.plain or self.scheme.ansi

    def style(self, ink: Ink = Ink.TEXT, *, bold: bool = False, ground: Ground = Ground.BODY) -> Style:
        """Return the style of an ink on a ground."""
        return _style(self, ink, bold, ground)

    def attributes(self, ink: Ink) -> tuple[bool, bool]:
        """Return whether an ink is bold, and whether it is dim, where it has no colour of its own to say so."""
        if self.plain:
            return ink in _LOUD, ink in _DIM
        ansi = self.scheme.ansi
        return ansi and ink is Ink.BRIGHT, ansi and (ink in _DIM or ink is Ink.LEAF)

    def ribbon(self, code: str) -> tuple[str, Ink]:
        """Return the glyph and ink of one ribbon cell; unknown codes are gaps."""
        glyph, ink = RIBBON.get(code, RIBBON[History.UNOBSERVED])
        if self.ascii:
            glyph = RIBBON_ASCII.get(code, RIBBON_ASCII[History.UNOBSERVED])
        elif self.few:  # the cursor's row has no colours
            glyph = RIBBON_PLAIN.get(code, GAP)
        return glyph, Ink.QUIET if self.plain and ink is Ink.LEAF else ink


def scheme_of(app: App[Any]) -> Scheme:
    """Return the scheme an app shows; on a terminal of 16 colours its own."""
    if app.console.color_system == "standard":
        return ANSI
    return SCHEMES.get(app.theme.removeprefix(THEME_PREFIX), DARK)


@lru_cache(512)
def _style(palette: Palette, ink: Ink, bold: bool, ground: Ground) -> Style:
    scheme = palette.scheme
    if not palette.few:
        return Style(color=scheme.inks[ink], bgcolor=scheme.grounds[ground], bold=bold or None)
    loud, dim = palette.attributes(ink)
    reverse = ground is Ground.CURSOR
    # One colour across the cursor's row: no second ground can be told from the first.
    color = None if palette.plain else scheme.inks[Ink.TEXT if reverse else ink]
    back = None if palette.plain else scheme.grounds[ground]
    dim = dim and not reverse
    return Style(
        color=color, bgcolor=back, bold=bold or loud or None, dim=dim or None, reverse=reverse or None
    )


_GATEWAY_LOOKS = {
    "up": Look("●", Ink.GREEN),
    "slow": Look("◐", Ink.AMBER),
    "down": Look("○", Ink.RED, bold=True),
    "restarting": Look("◐", Ink.AMBER),
    "returned": Look("◐", Ink.AMBER),
    "unauthorised": Look("✖", Ink.RED, bold=True),
}


def state_look(state: str) -> Look:
    """Return how a session's status or a gateway's state looks, as an event names it."""
    if (condition := _OF_STATUS.get(state)) is not None:
        return LOOKS[condition]
    return _GATEWAY_LOOKS.get(state, Look("?", Ink.TEXT))


def gateway_look(state: str) -> Look:
    """Return how a state looks."""
    return _GATEWAY_LOOKS.get(state, Look("?", Ink.QUIET))


def gateway_standing(gateway: GatewayView) -> tuple[Look, str]:
    """Return how a gateway looks and its word: one that answers and needs a person is not well for that."""
    if gateway.attention and gateway.state in ANSWERING:
        return Look("✖", Ink.RED, bold=True), need_word(gateway.attention[0].code)
    return gateway_look(gateway.state), gateway_word(gateway)
