"""QR codes, from a gateway's text or picture to terminal cells. Nothing here knows the screen."""

from wa_tui.qr.drawing import (
    MIN_QUIET,
    QUIET,
    Drawing,
    Extent,
    Form,
    TooSmall,
    ascii_blocks,
    cells_2x3,
    extent,
    half_blocks,
    layout,
)
from wa_tui.qr.files import save_png
from wa_tui.qr.matrix import Matrix, QRError, from_text
from wa_tui.qr.payload import from_data_url, parse, png_of
from wa_tui.qr.picture import from_png

__all__ = [
    "MIN_QUIET",
    "QUIET",
    "Drawing",
    "Extent",
    "Form",
    "Matrix",
    "QRError",
    "TooSmall",
    "ascii_blocks",
    "cells_2x3",
    "extent",
    "from_data_url",
    "from_png",
    "from_text",
    "half_blocks",
    "layout",
    "parse",
    "png_of",
    "save_png",
]
