"""Sequences for the terminal that somebody sits at, past the multiplexer between."""

from __future__ import annotations

from collections.abc import Mapping

_SCREEN_CHUNK = 240
"""Bytes of one of screen's own sequences: it takes 256 at most."""


def past_tmux(sequence: str) -> str:
    """Return a sequence as tmux passes it on, where its ``allow-passthrough`` is on."""
    doubled = sequence.replace("\x1b", "\x1b\x1b")
    return f"\x1bPtmux;{doubled}\x1b\\"


def past_screen(sequence: str) -> str:
    """Return a sequence as screen passes it on, in pieces."""
    pieces = (sequence[at : at + _SCREEN_CHUNK] for at in range(0, len(sequence), _SCREEN_CHUNK))
    return "".join(f"\x1bP{piece}\x1b\\" for piece in pieces)


def passed_on(sequence: str, environ: Mapping[str, str]) -> str:
    """Return a sequence that no multiplexer knows as the one that is there, if any, passes it on."""
    if "TMUX" in environ:
        return past_tmux(sequence)
    return past_screen(sequence) if "STY" in environ else sequence
