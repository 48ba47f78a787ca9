"""How a cell looks in a terminal's own codes, and the shortest way from one look to the next."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from rich.color import ColorSystem
from rich.style import Style

_CODES = re.compile(r"\x1b\[([\d;]+)m")
_COLOR = re.compile(r"[34]8;(?:2;\d+;\d+;\d+|5;\d+)|\d+")
_INKS = frozenset(str(code) for code in (*range(30, 38), 39, *range(90, 98)))
_GROUNDS = frozenset(str(code) for code in (*range(40, 48), 49, *range(100, 108)))
_OFF = {"1": "22", "2": "22", "3": "23", "4": "24", "5": "25", "6": "25", "7": "27", "8": "28", "9": "29",
        "21": "24", "51": "54", "52": "54", "53": "55"}  # fmt: skip
_SEEN_ON_SPACES = frozenset({"4", "7", "9", "21", "51", "52", "53"})


class Pen(NamedTuple):
    """What SGR codes a cell is drawn with: those of attributes that are on, of its ink and of its ground."""

    attributes: tuple[str, ...] = ()
    ink: str = "39"
    ground: str = "49"

    @property
    def marks_spaces(self) -> bool:
        """Whether more than its ground is seen of a space."""
        return not _SEEN_ON_SPACES.isdisjoint(self.attributes)


PLAIN = Pen()


@lru_cache(2048)
def pen_of(style: Style | None, colors: ColorSystem) -> Pen:
    """Return the pen of a style on a terminal of so many colours; a link is drawn as its text."""
    if style is None:
        return PLAIN
    found = _CODES.search(style.render("x", color_system=colors))
    attributes, ink, ground = [], PLAIN.ink, PLAIN.ground
    for code in _COLOR.findall(found[1]) if found else ():
        if code in _INKS or code.startswith("38;"):
            ink = code
        elif code in _GROUNDS or code.startswith("48;"):
            ground = code
        else:
            attributes.append(code)
    return _one(Pen(tuple(attributes), ink, ground))


@lru_cache(2048)
def blank_of(pen: Pen) -> Pen:
    """Return the pen of a space: all whose spaces look the same have one."""
    return pen if pen.marks_spaces else _one(Pen(ground=pen.ground))


@lru_cache(4096)
def step(old: Pen, new: Pen) -> str:
    """Return the shortest sequence that changes from one pen to another."""
    off = {_OFF.get(one, "0") for one in old.attributes if one not in new.attributes}
    codes = sorted(off)
    # What switches one attribute off may switch off another that stays.
    codes += [one for one in new.attributes if one not in old.attributes or _OFF.get(one) in off]
    codes += [after for before, after in zip(old[1:], new[1:], strict=True) if after != before]
    anew = ["0", *new.attributes, *(code for code in new[1:] if code not in PLAIN)]
    if "0" in off or len(";".join(anew)) < len(";".join(codes)):
        codes = anew
    return f"\x1b[{';'.join(codes)}m" if codes else ""


@lru_cache(2048)
def _one(pen: Pen) -> Pen:
    """One object for each pen: comparing cells is mostly comparing identities."""
    return pen
