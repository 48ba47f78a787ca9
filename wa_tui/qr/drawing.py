"""Drawing a symbol with characters.

Everywhere ink is a dark module, so the caller draws black (`#000000`) on white (`#ffffff`) with explicit
colours, whatever the theme: a phone wants dark on light, quiet zone included. With `ascii_blocks` the
foreground is best black on black, since `##` leaves gaps.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from wa_tui.qr.matrix import Matrix

QUIET = 4
"""The light modules that the standard wants around a symbol."""

MIN_QUIET = 1
"""The fewest that `layout` accepts: what the terminals of WhatsApp libraries have always drawn."""

# Indexed by upper + 2 * lower.
_HALVES = " ▀▄█"
# Indexed by the modules' bits, row by row. Unicode leaves out the four that older blocks draw.
_OLDER = {0: " ", 21: "▌", 42: "▐", 63: "█"}
_SEXTANTS = [_OLDER.get(bits) or chr(0x1FB00 + bits - 1 - (bits > 21) - (bits > 42)) for bits in range(64)]


class Form(Enum):
    """A way to draw modules: how many a cell holds across and down."""

    HALF_BLOCKS = (1, 2)
    CELLS_2X3 = (2, 3)


@dataclass(frozen=True)
class Extent:
    """A room on the screen, in cells."""

    columns: int
    rows: int


@dataclass(frozen=True)
class Drawing:
    """A whole code as lines of equal length, to be shown black on white."""

    lines: tuple[str, ...]
    form: Form
    quiet: int

    @property
    def extent(self) -> Extent:
        """The room it takes."""
        return Extent(len(self.lines[0]), len(self.lines))


@dataclass(frozen=True)
class TooSmall:
    """No form fits: what each needs at least, with its narrowest quiet zone."""

    half_blocks: Extent
    cells_2x3: Extent


def layout(matrix: Matrix, columns: int, rows: int) -> Drawing | TooSmall:
    """The best drawing that fits into a room of so many cells, never a cropped one.

    Half blocks go first, since their modules are square and every font has them; within a form the
    quiet zone is the widest that fits, from QUIET down to MIN_QUIET modules.
    """
    for form, draw in _DRAW.items():
        for quiet in range(QUIET, MIN_QUIET - 1, -1):
            needed = extent(matrix, form, quiet)
            if needed.columns <= columns and needed.rows <= rows:
                return Drawing(tuple(draw(matrix, quiet)), form, quiet)
    return TooSmall(
        extent(matrix, Form.HALF_BLOCKS, MIN_QUIET),
        extent(matrix, Form.CELLS_2X3, MIN_QUIET),
    )


def extent(matrix: Matrix, form: Form, quiet: int) -> Extent:
    """The room that a form needs for a symbol and its quiet zone."""
    side = matrix.size + 2 * quiet
    across, down = form.value
    return Extent(-(-side // across), -(-side // down))


def half_blocks(matrix: Matrix, quiet: int = QUIET) -> list[str]:
    """Lines of ` ▀▄█`: a cell is one module wide and two high."""
    padded = _padded(matrix, quiet, *Form.HALF_BLOCKS.value)
    return [
        "".join(_HALVES[upper + 2 * lower] for upper, lower in zip(padded[y], padded[y + 1], strict=True))
        for y in range(0, len(padded), 2)
    ]


def cells_2x3(matrix: Matrix, quiet: int = QUIET) -> list[str]:
    """Lines of sextants (U+1FB00 and on, Unicode 13) and ` ▌▐█`: a cell is two modules wide and three high.

    Where a cell is twice as high as wide, the modules are a third higher than wide; decoders cope.
    """
    padded = _padded(matrix, quiet, *Form.CELLS_2X3.value)
    return [
        "".join(
            _SEXTANTS[a[x] + 2 * a[x + 1] + 4 * b[x] + 8 * b[x + 1] + 16 * c[x] + 32 * c[x + 1]]
            for x in range(0, len(a), 2)
        )
        for a, b, c in zip(padded[::3], padded[1::3], padded[2::3], strict=True)
    ]


def ascii_blocks(matrix: Matrix, quiet: int = QUIET) -> list[str]:
    """Lines of `##` and two spaces, for terminals without Unicode: a module is two columns wide."""
    return ["".join("##" if dark else "  " for dark in row) for row in _padded(matrix, quiet, 1, 1)]


def _padded(matrix: Matrix, quiet: int, across: int, down: int) -> list[tuple[bool, ...]]:
    """The modules with their quiet zone, filled up with light ones to whole cells."""
    side = matrix.size + 2 * quiet
    width = side + -side % across
    left = (False,) * quiet
    right = (False,) * (width - quiet - matrix.size)
    light = (False,) * width
    rows = [left + row + right for row in matrix.rows]
    return [light] * quiet + rows + [light] * (quiet + -side % down)


_DRAW = {Form.HALF_BLOCKS: half_blocks, Form.CELLS_2X3: cells_2x3}
