"""What texts are drawn in and on, and which colour that is in each scheme.

Text has a contrast of 4.5 at least on every ground (WCAG 2.2, AA). In the colorblind pair the inks of the states also
stay apart for those who do not see red, green or blue; ``ansi`` leaves every colour to the terminal.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct


class Ink(StrEnum):
    """What a text is drawn in, named by the colour it has in the first of the schemes."""

    TEXT = "text"
    BRIGHT = "bright"
    QUIET = "quiet"
    GREEN = "green"
    """What is well."""
    MOSS = "moss"
    """What is said to be well."""
    LEAF = "leaf"
    """What was well: long stretches of the ribbon, never text."""
    AMBER = "amber"
    BLUE = "blue"
    RED = "red"


class Ground(StrEnum):
    """What is behind a text."""

    BODY = "body"
    PANEL = "panel"
    CURSOR = "cursor"


class Scheme(Struct, frozen=True, eq=False):
    """Colours by ink and ground, as ``#rrggbb`` or, where ``ansi``, as rich's name of one of the terminal's own."""

    name: str
    inks: Mapping[Ink, str]
    grounds: Mapping[Ground, str]
    dark: bool = True
    ansi: bool = False


def _inks(*colors: str) -> dict[Ink, str]:
    return dict(zip(Ink, colors, strict=True))


def _grounds(*colors: str) -> dict[Ground, str]:
    return dict(zip(Ground, colors, strict=True))


_NIGHT = _grounds("#0d1117", "#161b22", "#263342")
_DAY = _grounds("#ffffff", "#f1f4f7", "#e2ebf5")

DARK = Scheme(
    "dark",
    _inks(
        *("#b6c2cf", "#e6edf3", "#919cae"),
        *("#4ec98a", "#7fa892", "#357253"),
        *("#e3a83e", "#61afef", "#f5746b"),
    ),
    _NIGHT,
)
LIGHT = Scheme(
    "light",
    _inks(
        *("#39434f", "#10161d", "#5a6572"),
        *("#0f6b3c", "#4b6457", "#48a06c"),
        *("#7a4f00", "#0a58b0", "#b3211c"),
    ),
    _DAY,
    dark=False,
)
DARK_COLORBLIND = Scheme(
    "dark-colorblind",
    _inks(
        *("#b6c2cf", "#e6edf3", "#919cae"),
        *("#8cc2d8", "#93a5b3", "#2f6a86"),
        *("#f3ee52", "#cf74fe", "#f07f1e"),
    ),
    _NIGHT,
)
LIGHT_COLORBLIND = Scheme(
    "light-colorblind",
    _inks(
        *("#39434f", "#10161d", "#5a6572"),
        *("#0b55d8", "#4c6078", "#5291dd"),
        *("#756b00", "#a3258f", "#701400"),
    ),
    _DAY,
    dark=False,
)
ANSI = Scheme(
    "ansi",
    # Not the bright ones: some terminals' own schemes have greys there, or the colour of the ground.
    _inks(
        *("default", "default", "default"),
        *("green", "green", "green"),
        *("yellow", "cyan", "red"),
    ),
    _grounds("default", "default", "default"),
    ansi=True,
)

SCHEMES: dict[str, Scheme] = {
    scheme.name: scheme for scheme in (DARK, LIGHT, DARK_COLORBLIND, LIGHT_COLORBLIND, ANSI)
}
"""By name, the default first."""
