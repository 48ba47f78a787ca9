"""The fleet in numbers: a bar in its proportions, and the counts of how its sessions stand, and of its messages."""

from __future__ import annotations

from typing import NamedTuple

from wa_tui.text.attention import short_word
from wa_tui.text.counts import many
from wa_tui.text.traffic import number_words
from wa_tui.tui.fleet.assessment import Counts
from wa_tui.tui.style.inks import Ink
from wa_tui.tui.style.palette import LOOKS
from wa_tui.tui.style.pieces import Piece, Pieces, shortened, spread, width_of
from wa_tui.wire import Condition, TrafficView

NEEDS, TRAFFIC = "needs", "traffic"
"""Where clicks lead that are no filter of conditions: to these views."""
_DOWN = (Condition.DISCONNECTED, Condition.AUTH_FAILED)
_ORDER = (
    ((Condition.CONNECTED,), "connected", "status:connected"),
    ((Condition.CLAIMED,), "claimed", "status:claimed"),
    ((Condition.STARTING,), "starting", "status:starting"),
    ((Condition.SCAN_QR,), "scan QR", "status:qr"),
    (_DOWN, "down", "status:down"),
    ((Condition.GHOST,), "ghost", "status:ghost"),
    ((Condition.UNKNOWN,), "unknown", "status:unknown"),
    ((Condition.OFFLINE,), "offline", "status:offline"),
)
"""Conditions that are counted together, what they are called, and the filter that shows them."""
_BAR = "━"
_SPACE = Piece("   ")
_ALL = frozenset(Ink)
_LOUD = _ALL - {Ink.QUIET}
_ILL = _LOUD - {Ink.GREEN, Ink.MOSS}
_NONE: frozenset[Ink] = frozenset()


class _Shed(NamedTuple):
    """How the counts are shown: the cells between two, the inks of those that are named, and kinds of need."""

    gap: int
    named: frozenset[Ink]
    with_kinds: bool


_SHEDS = (
    *(_Shed(4, _ALL, True), _Shed(2, _ALL, True), _Shed(2, _LOUD, True)),
    *(_Shed(2, _ALL, False), _Shed(2, _LOUD, False)),
    *(_Shed(2, _ILL, False), _Shed(2, _NONE, False), _Shed(1, _NONE, False)),
)
"""With ever less."""
_WORDED = 5
"""Of those the first, in which what is well has its words."""


def bar(counts: Counts, width: int) -> Pieces:
    """Return a line in the fleet's proportions: nobody in trouble is too few to have a cell."""
    room = width - 2
    parts = [
        (sum(counts.by_condition.get(one, 0) for one in group), LOOKS[group[0]].ink, leads)
        for group, _, leads in _ORDER
    ]
    parts = [part for part in parts if part[0]]
    if not parts:
        return (Piece(" "), Piece(_BAR * room, Ink.QUIET))
    cells = [max(1, count * room // counts.total) for count, _, _ in parts]
    # What rounding took or gave is the longest part's: there it shows least.
    cells[cells.index(max(cells))] += room - sum(cells)
    sizes = zip(cells, parts, strict=True)
    return (Piece(" "), *(Piece(_BAR * size, ink, leads=leads) for size, (_, ink, leads) in sizes))


def counts_line(counts: Counts, width: int) -> Pieces:
    """Return the counts of each condition, and who needs a person.

    What a person can do nothing about goes before what a person is needed for: the kinds of need, the quiet
    conditions, the words of what is well, at last all words.
    """
    for shed in _SHEDS:
        shown = _shed(counts, shed)
        if width_of(shown) <= width:
            return shown
    return shortened(shown, width)


def line_with_messages(counts: Counts, traffic: TrafficView | None, width: int) -> Pieces:
    """Return the counts with the messages of the last hour; empty where what is well would lose its words for them."""
    for shed in _SHEDS[:_WORDED]:
        shown = _shed(counts, shed)
        for brief in (False, True):
            messages = _messages(traffic, brief=brief)
            if width_of((*shown, *messages)) + len(_SPACE.text) <= width:
                return spread(shown, messages, width)
    return ()


def _shed(counts: Counts, shed: _Shed) -> Pieces:
    return (*_conditions(counts, " " * shed.gap, shed.named), *_needs(counts, shed.with_kinds))


def _conditions(counts: Counts, gap: str, named: frozenset[Ink]) -> list[Piece]:
    """Return the counts; ``named`` are the inks of those that are named, and quiet ones need a name."""
    shown: list[Piece] = [Piece(" ")]
    for group, word, leads in _ORDER:
        number = sum(counts.by_condition.get(one, 0) for one in group)
        look = LOOKS[group[0]]
        if number and (look.ink is not Ink.QUIET or Ink.QUIET in named):
            word = f" {word}" if look.ink in named else ""
            shown.append(Piece(f"{look.glyph} {number}{word}{gap}", look.ink, look.bold, leads))
    return shown


def _needs(counts: Counts, with_numbers: bool) -> list[Piece]:
    """Return how many need a person, and for what; those that are snoozed or taken care of follow in a quiet ink."""
    waiting = ((counts.snoozed, "snoozed"), (counts.acknowledged, "taken"), (counts.covered, "covered"))
    quiet = [f"{count} {word}" for count, word in waiting if count]
    number = counts.needs_person
    pieces = []
    if number:
        pieces.append(Piece(f"{many(number, 'needs', 'need')} you", Ink.BRIGHT, bold=True, leads=NEEDS))
    if with_numbers and number:
        gateways = "gateway" if counts.gateways == 1 else "gateways"
        besides = ((counts.daemon, "daemon"), (counts.gateways, gateways))
        needed = [*besides, *((count, short_word(code)) for code, count in counts.needs.items())]
        kinds = "  ".join(f"{count} {word}" for count, word in needed if count)
        pieces.append(Piece(f" · {kinds}", Ink.QUIET, leads=NEEDS))
    if with_numbers and quiet:
        pieces.append(Piece((" · " if number else "") + "  ".join(quiet), Ink.QUIET))
    return pieces


def _messages(traffic: TrafficView | None, *, brief: bool) -> Pieces:
    if traffic is None:
        return (Piece("messages: not told ", Ink.QUIET, leads=TRAFFIC),)
    both = f"{number_words(traffic.received)} in  {number_words(traffic.sent)} out"
    pieces = [Piece(f"{'' if brief else 'last hour '}{both} ", Ink.QUIET, leads=TRAFFIC)]
    if traffic.failed:
        pieces.append(Piece(f" {traffic.failed} failed ", Ink.AMBER, leads=TRAFFIC))
    return tuple(pieces)
