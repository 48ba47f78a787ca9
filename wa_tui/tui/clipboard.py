"""Text for the clipboard of the terminal that somebody sits at (OSC 52), through tmux and screen as well."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping

MAX_BYTES = 74_994
"""What terminals are known to take, before it is encoded."""

_SCREEN_CHUNK = 240
"""Bytes of one of screen's own sequences: it takes 256 at most."""


class TooLong(Exception):
    """The text is longer than a terminal takes."""


def osc52(text: str, environ: Mapping[str, str] = os.environ) -> str:
    """Return what puts ``text`` on the clipboard of an xterm-like terminal. Raises TooLong.

    tmux passes its own on where ``set-clipboard`` is on, and the wrapped one where ``allow-passthrough`` is: it is
    sent both. screen is told in pieces; a terminal that only calls itself so may be a tmux at the other end of ssh,
    which drops those: it is sent the plain one too.
    """
    data = text.encode()
    if len(data) > MAX_BYTES:
        raise TooLong(
            f"{len(data)} bytes are more than terminals copy ({MAX_BYTES}); save it to a file instead"
        )
    sequence = f"\x1b]52;c;{base64.b64encode(data).decode()}\x07"
    if "TMUX" in environ:
        doubled = sequence.replace("\x1b", "\x1b\x1b")
        return f"{sequence}\x1bPtmux;{doubled}\x1b\\"
    pieces = (sequence[at : at + _SCREEN_CHUNK] for at in range(0, len(sequence), _SCREEN_CHUNK))
    in_pieces = "".join(f"\x1bP{piece}\x1b\\" for piece in pieces)
    if "STY" in environ:
        return in_pieces
    return sequence + in_pieces if environ.get("TERM", "").startswith("screen") else sequence
