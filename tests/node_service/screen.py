"""Reads a QR code off a terminal's cells, as a camera would: only what is black on white counts."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Iterator

import zxingcpp
from PIL import Image, ImageDraw

from tests.daemon.waiting import until
from tests.terminal import Terminal

_WIDTH, _HEIGHT = 8, 18
_HALVES = {"▀": (0, 0, 8, 9), "▄": (0, 9, 8, 18), "█": (0, 0, 8, 18), "▌": (0, 0, 4, 18), "▐": (4, 0, 8, 18)}


def scanned(terminal: Terminal) -> str | None:
    """Return the text of the code on the screen; ``None`` when there is none that can be read."""
    picture = Image.new("L", (terminal.columns * _WIDTH, terminal.rows * _HEIGHT), 0)
    draw = ImageDraw.Draw(picture)
    for row in range(terminal.rows):
        for column in range(terminal.columns):
            cell = terminal.cell(column, row)
            if cell.bg != "ffffff" and not (cell.reverse and cell.fg == "ffffff"):
                continue
            x, y = column * _WIDTH, row * _HEIGHT
            draw.rectangle((x, y, x + _WIDTH - 1, y + _HEIGHT - 1), fill=255)
            for left, top, right, bottom in _ink(cell.data):
                draw.rectangle((x + left, y + top, x + right - 1, y + bottom - 1), fill=0)
    found = zxingcpp.read_barcode(picture)
    return found.text if found is not None else None


async def on_screen(terminal: Terminal, text: str, seconds: float = 40.0) -> None:
    """Wait for a text without holding up the loop."""
    await asyncio.to_thread(terminal.wait_for, text, seconds)


async def code_on_screen(terminal: Terminal, text: str) -> None:
    """Wait until the code on the terminal reads as this text."""

    async def equal() -> bool:
        return await asyncio.to_thread(scanned, terminal) == text

    await until(equal, 15, lambda: f"the screen shows no such code:\n{terminal.text()}")


def _ink(glyph: str) -> Iterator[tuple[int, int, int, int]]:
    if glyph in _HALVES:
        yield _HALVES[glyph]
    elif glyph.strip():
        for digit in unicodedata.name(glyph).removeprefix("BLOCK SEXTANT-"):
            row, column = divmod(int(digit) - 1, 2)
            yield column * 4, row * 6, column * 4 + 4, row * 6 + 6
