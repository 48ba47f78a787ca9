"""Fields as lines: a label with its value beside it; a long value goes on under its own beginning."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import NamedTuple

from wa_tui.text.cells import fit
from wa_tui.text.cleaning import clean
from wa_tui.tui.style.inks import Ink
from wa_tui.tui.style.pieces import Piece, Pieces, padded, wrapped

LABEL = 13
_NARROW = 60
_GAP = 3


class Field(NamedTuple):
    """A label and its value: a text in one ink, or ``pieces``."""

    label: str
    text: str = ""
    ink: Ink = Ink.TEXT
    bold: bool = False
    pieces: Pieces = ()

    @property
    def content(self) -> Pieces:
        """The value's pieces."""
        return self.pieces or (Piece(clean(self.text), self.ink, self.bold),)


def fact_lines(facts: Iterable[Field], width: int) -> list[Pieces]:
    """Return facts in lines of at most ``width`` cells."""
    label = LABEL if width >= _NARROW // 2 else LABEL - 2
    lines: list[Pieces] = []
    for fact in facts:
        room = max(width - label, 8)
        first, *rest = wrapped(fact.content, room, room)
        lines.append((Piece(fit(fact.label, label), Ink.QUIET), *first))
        lines += [(Piece(" " * label), *line) for line in rest]
    return lines


def beside(left: Sequence[Pieces], right: Sequence[Pieces], half: int) -> list[Pieces]:
    """Return two columns of lines as one; the left one has ``half`` cells."""
    return [(*padded(one, half), *other) for one, other in zip_longest(left, right, fillvalue=())]


def columns(groups: Sequence[Sequence[Field]], width: int, *, at_least: int = 46) -> list[Pieces]:
    """Return groups of facts beside one another where each gets its room, else one after the other."""
    number = max(1, min(len(groups), width // at_least))
    if number == 1:
        return [line for group in groups for line in fact_lines(group, width)]
    cells = (width - _GAP * (number - 1)) // number
    stacks: list[list[Pieces]] = [[] for _ in range(number)]
    for group in groups:
        lines = fact_lines(group, cells)
        shortest = min(stacks, key=len) if all(stacks) else next(stack for stack in stacks if not stack)
        shortest += [(), *lines] if shortest else lines
    whole = stacks[0]
    for place, stack in enumerate(stacks[1:], 1):
        whole = beside(whole, stack, place * (cells + _GAP))
    return whole
