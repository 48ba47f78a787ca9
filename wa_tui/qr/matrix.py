"""A QR symbol as rows of modules, and the making of one from text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import segno

# What the largest symbol holds when the text is all digits; more cannot be a code in any mode.
_MAX_CHARACTERS = 7089

_FINDER = (
    (True, True, True, True, True, True, True),
    (True, False, False, False, False, False, True),
    (True, False, True, True, True, False, True),
    (True, False, True, True, True, False, True),
    (True, False, True, True, True, False, True),
    (True, False, False, False, False, False, True),
    (True, True, True, True, True, True, True),
)


class QRError(ValueError):
    """A text or picture that cannot be turned into a QR code; the message tells a person why."""


@dataclass(frozen=True)
class Matrix:
    """The modules of one QR symbol, row by row, True where dark, without the quiet zone."""

    rows: tuple[tuple[bool, ...], ...]

    @property
    def size(self) -> int:
        """Modules a side: 21, 25, … 177."""
        return len(self.rows)

    @property
    def has_finders(self) -> bool:
        """Whether all corners but the bottom right one hold a finder pattern and its light separator."""
        far = self.size - 7
        corners = ((0, 0), (0, far), (far, 0))
        return all(self._is_finder(top, left) for top, left in corners)

    @property
    def has_timing(self) -> bool:
        """Whether both timing patterns alternate from finder to finder and the fixed dark module is dark."""
        between = range(8, self.size - 8)
        return self.rows[self.size - 8][8] and all(
            self.rows[6][i] == self.rows[i][6] == (i % 2 == 0) for i in between
        )

    def _is_finder(self, top: int, left: int) -> bool:
        if any(self.rows[top + i][left : left + 7] != _FINDER[i] for i in range(7)):
            return False
        # The separator runs along the two sides that face the inside of the symbol.
        row = 7 if top == 0 else top - 1
        column = 7 if left == 0 else left - 1
        return not any(self.rows[row][left : left + 7]) and not any(
            self.rows[top + i][column] for i in range(7)
        )


def from_text(text: str) -> Matrix:
    """The symbol of a pairing code's raw text, at error level L as WhatsApp draws it.

    Raises QRError when the text is empty, cannot be encoded, or holds more than a symbol can.
    """
    return Matrix(tuple(tuple(module == 1 for module in row) for row in encode(text).matrix))


def encode(text: str) -> segno.QRCode:
    """What segno makes of a text; the same symbol is drawn and saved. Raises QRError."""
    if not text:
        raise QRError("The pairing code is empty; ask the gateway for a new one.")
    too_long = f"A QR code cannot hold {len(text)} characters; this is not a pairing code's text."
    if len(text) > _MAX_CHARACTERS:
        raise QRError(too_long)
    import segno  # late: the monitor starts without it

    try:
        return segno.make_qr(text, error="l", boost_error=False)
    except UnicodeError as error:
        raise QRError("The pairing code holds characters that cannot be encoded.") from error
    except segno.DataOverflowError as error:
        raise QRError(too_long) from error
