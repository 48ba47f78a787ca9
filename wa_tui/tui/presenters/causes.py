"""The summary by cause, as much as its lines hold: causes that call a person come first, and go last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from wa_tui.text.cells import cut
from wa_tui.text.quiet import paused_words
from wa_tui.tui.fleet.assessment import CauseCount, CauseCounts
from wa_tui.tui.style.inks import Ink
from wa_tui.tui.style.pieces import Piece, Pieces, shortened, width_of
from wa_tui.wire import Cause, GatewayView
from wa_tui.wire.reasons import REASON_WORDS

_WORDS = {
    Cause.KEY_REFUSED: "key refused",
    Cause.HEALING_PAUSED: "starts fail",
    Cause.BANNED: "banned",
    Cause.BROWSER_UNABLE: "browser does not launch",
    Cause.SCAN_QR: "scan QR",
    Cause.EXHAUSTED: "attempts used up",
    Cause.DOWN: "down for good",
    Cause.UNWANTED: "should be offline",
    Cause.ORPHAN: "deleted, still runs",
    Cause.OTHER: "need somebody",
    Cause.CONTRADICTION: "contradictory",
    Cause.GATEWAY_RETURNED: "gateway back",
    Cause.GATEWAY_UNSEEN: "gateway not seen yet",
    Cause.RESTORE_FAILED: "not restored",
    Cause.MISSING: "missing",
}
CHOSEN = Piece("▸", Ink.GREEN, bold=True)
_MARGIN = Piece(" ")
_BETWEEN = Piece(" · ", Ink.QUIET)
_NAME = 16
_OF_STARTS = frozenset({Cause.BROWSER_UNABLE, Cause.HEALING_PAUSED})
"""What a pause of healing is about."""


def cause_words(cause: Cause) -> str:
    """Return what holds sessions in trouble, as it stands after their number."""
    return _WORDS.get(cause) or REASON_WORDS.get(cause) or cause.replace("_", " ")


def summary_lines(
    counts: CauseCounts,
    gateways: Mapping[str, GatewayView],
    now: datetime,
    *,
    chosen: Cause | None = None,
    width: int,
    most: int = 2,
) -> list[Pieces]:
    """Return at most so many lines, each cause leading to itself.

    For want of room the gateways go first, then what was quieted, then the causes that come last.
    """
    causes = counts.causes
    quiet = [(Piece(f"{counts.quiet} quieted", Ink.QUIET),)] if counts.quiet else []
    for noted in (len(causes), sum(each.calls for each in causes), 0):
        shown = [_part(each, gateways, now, chosen, noted=at < noted) for at, each in enumerate(causes)]
        for parts in ([*shown, *quiet], shown):
            if (lines := _wrapped(parts, width, most)) is not None:
                return lines
    for kept in range(len(shown) - 1, 0, -1):
        if (lines := _wrapped([*shown[:kept], _rest(causes[kept:])], width, most)) is not None:
            return lines
    return [shortened((_MARGIN, *shown[0]), width)]


def _wrapped(parts: Sequence[Pieces], width: int, most: int) -> list[Pieces] | None:
    """Return the parts in lines, none of them broken; ``None`` where they do not fit."""
    lines: list[Pieces] = []
    for part in parts:
        if lines and width_of(longer := (*lines[-1], _BETWEEN, *part)) <= width:
            lines[-1] = longer
        else:
            lines.append((_MARGIN, *part))
    return lines if len(lines) <= most and all(width_of(line) <= width for line in lines) else None


def _part(
    count: CauseCount,
    gateways: Mapping[str, GatewayView],
    now: datetime,
    chosen: Cause | None,
    *,
    noted: bool,
) -> Pieces:
    leads = count.cause.value
    ink = Ink.BRIGHT if count.calls else Ink.TEXT
    label = Piece(f"{count.number} {cause_words(count.cause)}", ink, count.calls, leads)
    note = _note(count, gateways, now) if noted else ""
    pieces = (label, Piece(f" ({note})", Ink.QUIET, leads=leads)) if note else (label,)
    return (CHOSEN._replace(leads=leads), *pieces) if count.cause is chosen else pieces


def _note(count: CauseCount, gateways: Mapping[str, GatewayView], now: datetime) -> str:
    """Return where it is, if that is one of several gateways, and that healing pauses there."""
    there = [gateways[name] for name in count.gateways if name in gateways]
    names = [cut(there[0].name, _NAME)] if len(there) == 1 < len(gateways) else []
    paused = [paused_words(each, now) for each in there] if count.cause in _OF_STARTS else []
    return ", ".join([*names, *list(filter(None, paused))[:1]])


def _rest(causes: Sequence[CauseCount]) -> Pieces:
    """Return how many are held by causes that there is no room for; one that calls is not hidden by that."""
    calls = any(each.calls for each in causes)
    return (Piece(f"+{sum(each.number for each in causes)}", Ink.BRIGHT if calls else Ink.QUIET, calls),)
