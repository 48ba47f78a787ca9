"""How the state of a gateway looks: always glyph, word and colour."""

from __future__ import annotations

from wa_tui.text.attention import need_word
from wa_tui.text.gateways import gateway_word
from wa_tui.tui.style.inks import Ink
from wa_tui.tui.style.palette import Look
from wa_tui.wire import ANSWERING, GatewayView

_LOOKS = {
    "up": Look("●", Ink.GREEN),
    "slow": Look("◐", Ink.AMBER),
    "down": Look("○", Ink.RED, bold=True),
    "restarting": Look("◐", Ink.AMBER),
    "unauthorised": Look("✖", Ink.RED, bold=True),
}


def gateway_look(state: str) -> Look:
    """Return how a state looks."""
    return _LOOKS.get(state, Look("?", Ink.QUIET))


def gateway_standing(gateway: GatewayView) -> tuple[Look, str]:
    """Return how a gateway looks and its word: one that answers and needs a person is not well for that."""
    if gateway.attention and gateway.state in ANSWERING:
        return Look("✖", Ink.RED, bold=True), need_word(gateway.attention[0].code)
    return gateway_look(gateway.state), gateway_word(gateway)
