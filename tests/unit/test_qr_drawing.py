"""What is drawn scans: cells are turned back into the pixels of a terminal and read by a decoder."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Callable, Sequence

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from wa_tui import qr

Draw = Callable[[qr.Matrix, int], list[str]]

QR_ONLY = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
# Width and height of a cell in pixels: 1:2, the 0.6 of most monospaced fonts, and a large font.
CELLS = [(8, 16), (9, 15), (10, 20), (7, 17)]
# What is around the drawing: a dark screen, as dark as the modules.
SURROUND = 3


def pairing_code(length: int) -> str:
    """A text like WhatsApp's, for symbols of 53 (200 characters) to 65 modules (360)."""
    letters = "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789+/"
    reference = "".join(letters[(i * i + 7 * i) % len(letters)] for i in range(length - 139))
    key = "".join(letters[(5 * i + 3) % len(letters)] for i in range(43)) + "="
    return f"2@{reference},{key},{key[::-1]},{key},1"[:length]


CODES = {53: pairing_code(200), 57: pairing_code(250), 61: pairing_code(300), 65: pairing_code(360)}


def filled(character: str) -> set[int]:
    """The sixths of a cell, numbered as Unicode does (1 2 / 3 4 / 5 6), that a character inks."""
    if character == " ":
        return set()
    name = unicodedata.name(character)
    if name.startswith("BLOCK SEXTANT-"):
        return {int(digit) for digit in name.removeprefix("BLOCK SEXTANT-")}
    return {"FULL BLOCK": {1, 2, 3, 4, 5, 6}, "LEFT HALF BLOCK": {1, 3, 5}, "RIGHT HALF BLOCK": {2, 4, 6}}[
        name
    ]


def ink(character: str, width: int, height: int) -> list[tuple[int, int, int, int]]:
    """The rectangles that a character inks in its cell, right and bottom edge exclusive."""
    if character == "#":
        return [(0, 0, width, height)]
    if character in "▀▄":
        return [(0, 0, width, height // 2) if character == "▀" else (0, height // 2, width, height)]
    columns, rows = (0, width // 2, width), (0, height // 3, height * 2 // 3, height)
    return [
        (columns[(n - 1) % 2], rows[(n - 1) // 2], columns[(n - 1) % 2 + 1], rows[(n - 1) // 2 + 1])
        for n in filled(character)
    ]


def cells_to_image(lines: Sequence[str], cell: tuple[int, int]) -> Image.Image:
    """The drawing black on white in the middle of a black screen."""
    width, height = cell
    columns, rows = len(lines[0]), len(lines)
    assert {len(line) for line in lines} == {columns}
    drawing = Image.new("L", (columns * width, rows * height), 255)
    for y, line in enumerate(lines):
        for x, character in enumerate(line):
            for left, top, right, bottom in ink(character, width, height):
                drawing.paste(0, (x * width + left, y * height + top, x * width + right, y * height + bottom))
    screen = Image.new("L", ((columns + 2 * SURROUND) * width, (rows + 2 * SURROUND) * height), 0)
    screen.paste(drawing, (SURROUND * width, SURROUND * height))
    return screen


def scan(image: Image.Image) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(image, QR_ONLY)]


FORMS = [*itertools.product(CODES, [qr.half_blocks, qr.cells_2x3, qr.ascii_blocks], [1, 2, 4])]
"""Size, form and quiet zone: the gate scans each in one of the cells, in turn."""


@pytest.mark.parametrize(
    ("size", "draw", "quiet", "cell"),
    [
        pytest.param(*form, cell, marks=() if (turn + number) % len(CELLS) == 0 else pytest.mark.long)
        for turn, form in enumerate(FORMS)
        for number, cell in enumerate(CELLS)
    ],
)
def test_a_drawn_code_scans_as_its_text(size: int, draw: Draw, quiet: int, cell: tuple[int, int]) -> None:
    matrix = qr.from_text(CODES[size])
    assert matrix.size == size
    assert scan(cells_to_image(draw(matrix, quiet), cell)) == [CODES[size]]


@pytest.mark.parametrize("draw", [qr.half_blocks, qr.cells_2x3])
@pytest.mark.parametrize("size", CODES)
def test_a_tilted_and_blurred_view_scans_with_the_narrowest_quiet_zone(size: int, draw: Draw) -> None:
    screen = cells_to_image(draw(qr.from_text(CODES[size]), qr.MIN_QUIET), (10, 20))
    seen = screen.rotate(6, Image.Resampling.BICUBIC, expand=True, fillcolor=0)
    seen = seen.resize((seen.width * 6 // 10, seen.height * 6 // 10)).filter(ImageFilter.GaussianBlur(0.8))
    assert scan(seen) == [CODES[size]]


def test_the_decoder_is_no_rubber_stamp() -> None:
    drawn = qr.half_blocks(qr.from_text(CODES[57]), 4)
    assert scan(cells_to_image(drawn[:-8], (8, 16))) == []  # cropped
    assert scan(cells_to_image(qr.half_blocks(qr.from_text(CODES[57]), 0), (8, 16))) == []  # no quiet zone


@given(text=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=400))
def test_any_printable_text_scans_in_both_forms(text: str) -> None:
    matrix = qr.from_text(text)
    assert scan(cells_to_image(qr.half_blocks(matrix, 2), (6, 12))) == [text]
    assert scan(cells_to_image(qr.cells_2x3(matrix, 2), (6, 12))) == [text]


def test_the_small_forms_use_characters_one_column_wide() -> None:
    matrix = qr.from_text(CODES[65])
    drawn = set("".join(qr.half_blocks(matrix, 4) + qr.cells_2x3(matrix, 4)))
    assert len(drawn) > 60  # all but a few of the sextants occur
    assert {unicodedata.east_asian_width(character) for character in drawn} <= {"N", "A", "Na"}


# The most and the least rows that each form takes (quiet zone of 4 and of 1 modules).
@pytest.mark.parametrize(
    ("size", "half_blocks", "cells"),
    [(53, (31, 28), (21, 19)), (57, (33, 30), (22, 20)), (65, (37, 34), (25, 23))],
)
def test_layout_takes_the_best_form_that_fits(
    size: int, half_blocks: tuple[int, int], cells: tuple[int, int]
) -> None:
    matrix = qr.from_text(CODES[size])

    def laid_out(rows: int) -> tuple[qr.Form, int]:
        drawing = qr.layout(matrix, 200, rows)
        assert isinstance(drawing, qr.Drawing)
        return drawing.form, drawing.quiet

    assert laid_out(half_blocks[0]) == (qr.Form.HALF_BLOCKS, 4)
    assert laid_out(half_blocks[1]) == (qr.Form.HALF_BLOCKS, 1)
    assert laid_out(half_blocks[1] - 1) == (qr.Form.CELLS_2X3, 4)
    assert laid_out(cells[0]) == (qr.Form.CELLS_2X3, 4)
    assert laid_out(cells[1])[0] is qr.Form.CELLS_2X3
    assert qr.layout(matrix, 200, cells[1] - 1) == qr.TooSmall(
        half_blocks=qr.Extent(size + 2, half_blocks[1]), cells_2x3=qr.Extent((size + 3) // 2, cells[1])
    )


@pytest.mark.parametrize("size", CODES)
def test_every_pairing_code_fits_into_80_columns_and_23_rows(size: int) -> None:
    drawing = qr.layout(qr.from_text(CODES[size]), 80, 23)
    assert isinstance(drawing, qr.Drawing)
    assert scan(cells_to_image(drawing.lines, (8, 16))) == [CODES[size]]


@given(size=st.sampled_from(sorted(CODES)), columns=st.integers(0, 100), rows=st.integers(0, 50))
def test_layout_never_crops(size: int, columns: int, rows: int) -> None:
    matrix = qr.from_text(CODES[size])
    match qr.layout(matrix, columns, rows):
        case qr.Drawing(lines=lines, form=form, quiet=quiet) as drawing:
            draw = qr.half_blocks if form is qr.Form.HALF_BLOCKS else qr.cells_2x3
            assert list(lines) == draw(matrix, quiet)
            assert drawing.extent.columns == len(lines[0]) <= columns
            assert drawing.extent.rows == len(lines) <= rows
        case qr.TooSmall(half_blocks=half, cells_2x3=cells):
            for needed in (half, cells):
                assert needed.columns > columns or needed.rows > rows
                assert isinstance(qr.layout(matrix, needed.columns, needed.rows), qr.Drawing)


def test_ascii_blocks_are_two_columns_a_module() -> None:
    lines = qr.ascii_blocks(qr.from_text(CODES[53]), 1)
    assert len(lines) == 55
    assert {len(line) for line in lines} == {110}
    assert lines[1].startswith("  ##############  ")
    assert set("".join(lines)) == {"#", " "}
