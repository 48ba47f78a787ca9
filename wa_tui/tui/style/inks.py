"""The names of the colours: what a text is drawn in, and on what; a scheme says which colour that is."""

from __future__ import annotations

from enum import StrEnum


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
