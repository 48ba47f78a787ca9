"""The summary by cause: as much as its lines hold, whoever calls a person first and never left out for others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from wa_tui.tui.fleet.causes import CauseCount, CauseCounts
from wa_tui.tui.look.inks import Ink
from wa_tui.tui.look.pieces import Piece, Pieces, shortened, width_of
from wa_tui.tui.words.causes import cause_words
from wa_tui.tui.words.healing import paused_words
from wa_tui.tui.words.text import cut
from wa_tui.wire import Cause, GatewayView

CHOSEN = Piece("▸", Ink.GREEN, bold=True)
_MARGIN = Piece(" ")
_BETWEEN = Piece(" · ", Ink.QUIET)
_NAME = 16
_OF_STARTS = frozenset({Cause.BROWSER_UNABLE, Cause.HEALING_PAUSED})
"""What a pause of healing is about."""


class Part(NamedTuple):
    """One cause as it is told; ``None`` is what is told of several."""

    cause: Cause | None
    pieces: Pieces


Line = list[Part]


def summary_lines(
    counts: CauseCounts,
    gateways: Mapping[str, GatewayView],
    now: datetime,
    *,
    chosen: Cause | None = None,
    width: int,
    most: int = 2,
) -> list[Line]:
    """Return at most so many lines: where the gateways go first for want of room, then who calls nobody."""
    causes = counts.causes
    quiet = [_other(f"{counts.quiet} quieted")] if counts.quiet else []
    for noted in (len(causes), sum(each.calls for each in causes), 0):
        told = [_part(each, gateways, now, chosen, noted=at < noted) for at, each in enumerate(causes)]
        for parts in ([*told, *quiet], told):
            if (lines := _wrapped(parts, width, most)) is not None:
                return lines
    for kept in range(len(told) - 1, 0, -1):
        rest = sum(each.number for each in causes[kept:])
        if (lines := _wrapped([*told[:kept], _other(f"+{rest}")], width, most)) is not None:
            return lines
    return [[Part(told[0].cause, shortened(told[0].pieces, max(width - 1, 0)))]]


def pieces_of(line: Line) -> Pieces:
    """Return a line as it is painted."""
    found = [_MARGIN]
    for number, part in enumerate(line):
        found += [*([_BETWEEN] if number else []), *part.pieces]
    return tuple(found)


def cause_at(line: Line, x: int) -> Cause | None:
    """Return the cause that is told in a cell of a line."""
    left = width_of((_MARGIN,))
    for part in line:
        right = left + width_of(part.pieces)
        if left <= x < right:
            return part.cause
        left = right + width_of((_BETWEEN,))
    return None


def _wrapped(parts: Sequence[Part], width: int, most: int) -> list[Line] | None:
    """Return the parts in lines, none of them broken; ``None`` where they do not fit."""
    lines: list[Line] = [[]]
    for part in parts:
        if lines[-1] and width_of(pieces_of([*lines[-1], part])) > width:
            lines.append([])
        lines[-1].append(part)
    if len(lines) > most or any(width_of(pieces_of(line)) > width for line in lines):
        return None
    return lines


def _part(
    count: CauseCount,
    gateways: Mapping[str, GatewayView],
    now: datetime,
    chosen: Cause | None,
    *,
    noted: bool,
) -> Part:
    ink = Ink.BRIGHT if count.calls else Ink.TEXT
    told = Piece(f"{count.number} {cause_words(count.cause)}", ink, bold=count.calls)
    note = _note(count, gateways, now) if noted else ""
    pieces = (told, Piece(f" ({note})", Ink.QUIET)) if note else (told,)
    return Part(count.cause, (CHOSEN, *pieces) if count.cause is chosen else pieces)


def _note(count: CauseCount, gateways: Mapping[str, GatewayView], now: datetime) -> str:
    """Return where it is, if that is one of several gateways, and that healing pauses there."""
    there = [gateways[name] for name in count.gateways if name in gateways]
    names = [cut(there[0].name, _NAME)] if len(there) == 1 < len(gateways) else []
    paused = [paused_words(each, now) for each in there] if count.cause in _OF_STARTS else []
    return ", ".join([*names, *list(filter(None, paused))[:1]])


def _other(text: str) -> Part:
    return Part(None, (Piece(text, Ink.QUIET),))
