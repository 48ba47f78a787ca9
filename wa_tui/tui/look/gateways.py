"""How the state of a gateway looks: always glyph, word and colour."""

from __future__ import annotations

from wa_tui.tui.look.inks import Ink
from wa_tui.tui.look.palette import Look

_LOOKS = {
    "up": Look("●", Ink.GREEN),
    "slow": Look("◐", Ink.AMBER),
    "down": Look("○", Ink.RED, bold=True),
    "restarting": Look("◐", Ink.AMBER),
    "unauthorised": Look("✖", Ink.RED, bold=True),
}
_WORDS = {"unauthorised": "wrong key"}


def gateway_look(state: str) -> Look:
    """Return how a state looks."""
    return _LOOKS.get(state, Look("?", Ink.QUIET))


def gateway_word(state: str) -> str:
    """Return a state as a person says it."""
    return _WORDS.get(state, state)
