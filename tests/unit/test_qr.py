"""Codes from text and from pictures: what a gateway may send, and what it must not."""

from __future__ import annotations

import base64
import io
import random
import stat
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
import segno
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from wa_tui import qr

QR_ONLY = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
DATA = Path(__file__).parents[1] / "data"
TEXT = (
    "2@ThGV3wIN5Z4NZaM6QnnxGD565OXZgOMJ+LVa3/LmHD71X/FvZvQzYCZrldtvj+wB12AxBUMGrkpLOAWY9s/RFCw6QknXcHAFhknb2CLcr3lXWG/"
    "OQoz7LKiLlHQe2osH,wCwLll4COr7oCPK1SNjVGTqLUim+bzEhpvFuLUGkSbM=,EixZcIO9Q4t/bXKvddAllIiZZHcRuAa90s2C+mlxPbM=,"
    "CtUuM4ZiySOxX9Rac8bpczbvzPKKeu+USUQ8xt10Ffs=,1"
)


@cache
def symbol(text: str) -> tuple[bytearray, ...]:
    """The modules of a text, row by row; dark is 1."""
    return segno.make_qr(text, error="l", boost_error=False).matrix


def picture(text: str = TEXT, scale: float = 4, margin: int = 4) -> Image.Image:
    """A symbol in grey; at a fractional scale drawn as npm's `qrcode` does with its option `width`."""
    rows = symbol(text)
    side = round((len(rows) + 2 * margin) * scale)
    light = bytes(len(rows) + 2 * margin)
    drawn = [light] * margin + [bytes(margin) + bytes(row) + bytes(margin) for row in rows] + [light] * margin
    modules = [int(pixel / scale) for pixel in range(side)]
    pixels = b"".join(bytes(0 if drawn[y][x] else 255 for x in modules) for y in modules)
    return Image.frombytes("L", (side, side), pixels)


def png(image: Image.Image, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG", **options)
    return file.getvalue()


def data_url(data: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(data).decode()


def scan(data: bytes) -> list[str]:
    image = Image.open(io.BytesIO(data)).convert("L")
    return [found.text for found in zxingcpp.read_barcodes(image, QR_ONLY)]


def scan_matrix(matrix: qr.Matrix) -> list[str]:
    image = Image.new("L", (matrix.size, matrix.size))
    image.putdata([0 if dark else 255 for row in matrix.rows for dark in row])
    return scan(png(ImageOps.expand(image.resize((matrix.size * 4, matrix.size * 4), 0), 16, 255)))


def transparent(image: Image.Image) -> Image.Image:
    """Opaque black modules on nothing, and what is nothing is black too."""
    rgba = Image.new("RGBA", image.size, (0, 0, 0, 0))
    rgba.putalpha(ImageOps.invert(image))
    return rgba


def transparent_palette(image: Image.Image) -> Image.Image:
    palette = image.point([1] * 128 + [0] * 128).convert("L")
    palette = Image.frombytes("P", image.size, palette.tobytes())
    palette.putpalette([0, 0, 0, 10, 20, 90])
    palette.info["transparency"] = 0
    return palette


def sixteen_bit(image: Image.Image) -> Image.Image:
    return Image.frombytes(
        "I;16", image.size, bytes(byte for value in image.tobytes() for byte in (value, value))
    )


COLOUR_TYPES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "1-bit": lambda image: image.convert("1"),
    "grey": lambda image: image,
    "grey 16-bit": sixteen_bit,
    "grey alpha": lambda image: image.convert("LA"),
    "palette": lambda image: image.convert("P"),
    "RGB": lambda image: ImageOps.colorize(image, "#075e54", "#fff8e0"),
    "RGBA": lambda image: image.convert("RGBA"),
    "transparent": transparent,
    "transparent palette": transparent_palette,
}


@pytest.mark.parametrize("colour", COLOUR_TYPES)
@pytest.mark.parametrize(("scale", "margin"), [(1, 0), (2, 4), (4, 4), (5, 1)])
def test_a_picture_holds_the_symbol_of_its_text(colour: str, scale: int, margin: int) -> None:
    data = png(COLOUR_TYPES[colour](picture(scale=scale, margin=margin)))
    assert qr.from_png(data) == qr.from_text(TEXT)


@pytest.mark.parametrize("scale", [1.1, 1.37, 1.75, 2.5, 3.4, 4.62, 7.9])
@pytest.mark.parametrize("length", [1, 60, 200, 267, 360])
def test_modules_of_a_fraction_of_a_pixel_are_found(length: int, scale: float) -> None:
    text = (TEXT + TEXT)[:length]
    assert qr.from_png(png(picture(text, scale))) == qr.from_text(text)


@pytest.mark.parametrize("length", [1, 2500])
def test_the_smallest_and_the_largest_symbol_are_read(length: int) -> None:
    matrix = qr.from_text("x" * length)
    assert qr.from_png(png(picture("x" * length, 1, 0))) == matrix


@pytest.mark.parametrize("name", ["qr-npm-default.png", "qr-npm-width-300.png"])
def test_pictures_of_the_npm_package_are_read(name: str) -> None:
    data = (DATA / name).read_bytes()  # qrcode 1.5, toDataURL(TEXT) and toDataURL(TEXT, {width: 300})
    matrix = qr.parse(data_url(data))
    assert matrix.size == 65  # error level M, the package's default
    assert scan(data) == scan_matrix(matrix) == [TEXT]


def test_a_grey_picture_off_white_and_off_black_is_read() -> None:
    assert qr.from_png(png(picture().point(lambda value: 60 + value // 2))) == qr.from_text(TEXT)


def test_a_payload_is_a_data_url_or_the_text() -> None:
    assert qr.parse(TEXT) == qr.parse(data_url(png(picture()))) == qr.from_text(TEXT)
    assert qr.parse(data_url(png(picture())).replace("data:image/png", "DATA:image/PNG")) == qr.from_text(
        TEXT
    )
    assert scan_matrix(qr.from_text(TEXT)) == [TEXT]


def test_texts_that_are_no_code_are_refused() -> None:
    with pytest.raises(qr.QRError, match="empty"):
        qr.from_text("")
    with pytest.raises(qr.QRError, match="cannot hold 2954 characters"):
        qr.from_text("x" * 2954)
    with pytest.raises(qr.QRError, match="cannot hold 10000000 characters"):
        qr.from_text("1" * 10_000_000)
    with pytest.raises(qr.QRError, match="cannot be encoded"):
        qr.from_text("\ud800")


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def header(width: int, height: int) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))


SIGNATURE = b"\x89PNG\r\n\x1a\n"
# 100 megapixels of nothing in a few kilobytes, honest and with a small header in front.
BOMB = SIGNATURE + header(10_000, 10_000) + chunk(b"IDAT", zlib.compress(bytes(12_510_000), 9))
HIDDEN_BOMB = BOMB.replace(SIGNATURE, SIGNATURE + header(100, 100))


def noise() -> Image.Image:
    return Image.frombytes("L", (200, 200), random.Random(7).randbytes(40_000))


def broken_symbol(box: tuple[int, int, int, int]) -> Image.Image:
    """A symbol of 57 modules at 4 pixels without a margin, a part of it painted over."""
    image = picture(margin=0)
    image.paste(255, box)
    return image


BAD_PICTURES = {
    "empty": (b"", "empty"),
    "not a PNG": (b"\xff\xd8\xff\xe0JFIF", "not a PNG"),
    "signature only": (SIGNATURE, "no header"),
    "header only": (SIGNATURE + header(100, 100), "damaged PNG"),
    "truncated": (png(picture())[:-200], "damaged PNG"),
    "flipped bits": (png(picture())[:60] + b"\x00\xff" + png(picture())[62:], "damaged PNG"),
    "bomb": (BOMB, "10000 x 10000 pixels"),
    "hidden bomb": (HIDDEN_BOMB, "or two"),
    "4 GB wide": (SIGNATURE + header(2**32 - 1, 2**32 - 1), "pixels"),
    "no pixels": (SIGNATURE + header(0, 0), "damaged PNG"),
    "over 2 MB": (png(picture()) + bytes(2_000_000), "larger than 2 MB"),
    "blank": (png(Image.new("L", (200, 200), 255)), "blank"),
    "blank and transparent": (png(Image.new("RGBA", (200, 200), (0, 0, 0, 0))), "blank"),
    "one pixel": (png(Image.new("L", (1, 1), 0)), "blank"),
    "a cat": (png(noise()), "no QR code"),
    "a black square": (png(ImageOps.expand(Image.new("L", (57, 57), 0), 8, 255)), "no QR code"),
    "inverted": (png(ImageOps.invert(picture())), "inverted"),
    "upside down": (png(picture().rotate(180)), "no QR code"),
    "mirrored and turned": (png(ImageOps.mirror(picture())), "no QR code"),
    "cropped": (png(picture().crop((0, 0, 260, 200))), "no QR code"),
    "two codes": (png(ImageOps.expand(picture(), (0, 0, 300, 0), 255).rotate(90)), "no QR code"),
    "a finder gone": (png(broken_symbol((200, 0, 228, 20))), "no QR code"),
    "timing gone": (png(broken_symbol((60, 24, 80, 28))), "no QR code"),
}


@pytest.mark.parametrize("name", BAD_PICTURES)
def test_a_bad_picture_is_refused_and_says_why(name: str) -> None:
    data, why = BAD_PICTURES[name]
    with pytest.raises(qr.QRError, match=why) as raised:
        qr.from_png(data)
    assert str(raised.value)[-1] == "."
    assert len(str(raised.value)) < 200


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "data URL"),
        ("data:", "data URL"),
        ("data:text/plain,hello", "begins 'data:text/plain,hello'"),
        ("data:image/jpeg;base64,/9j/4A==", "image/jpeg"),
        ("data:image/png,rawbytes", "data URL"),
        ("data:image/png;base64", "data URL"),
        ("data:image/png;base64,", "empty"),
        ("data:image/png;base64,OMITTED", "not valid base64"),
        ("data:image/png;base64,iVBORw0KGgo=é", "not valid base64"),
        ("data:image/png;base64,\ud800", "not valid base64"),
        ("data:image/png;base64," + "A" * 3_000_000, "larger than 2 MB"),
        ("data:image/png;base64,aGVsbG8=", "not a PNG"),
        ("data:\x1b[2J;base64,aGVsbG8=", r"\\x1b\[2J"),
    ],
    ids=lambda value: value[:40].encode("ascii", "backslashreplace").decode(),
)
def test_a_bad_data_url_is_refused_and_says_why(url: str, why: str) -> None:
    with pytest.raises(qr.QRError, match=why):
        qr.from_data_url(url)
    with pytest.raises(qr.QRError):
        qr.parse(url)


def attempt(payload: str) -> None:
    try:
        matrix = qr.parse(payload)
    except qr.QRError:
        return
    assert matrix.has_finders
    assert matrix.has_timing


@given(data=st.binary(max_size=300))
def test_arbitrary_bytes_raise_nothing_else(data: bytes) -> None:
    attempt(data_url(data))
    attempt(data_url(SIGNATURE + data))
    attempt(data_url(SIGNATURE + header(40, 40) + data))
    attempt("data:image/png;base64," + data.decode("latin-1"))


VALID = png(picture("2@short", 2, 1).convert("P"), transparency=0)


@given(
    edits=st.lists(st.tuples(st.integers(0, len(VALID) - 1), st.integers(0, 255)), max_size=4),
    cut=st.integers(0),
)
def test_a_damaged_file_raises_nothing_else(edits: list[tuple[int, int]], cut: int) -> None:
    data = bytearray(VALID)
    for position, value in edits:
        data[position] = value
    attempt(data_url(bytes(data[: len(data) - cut % 50])))


@given(text=st.text(min_size=1, max_size=150))
def test_any_text_comes_back_from_its_picture(text: str) -> None:
    assert qr.from_png(png(picture(text, 1, 2))) == qr.from_text(text)


def test_a_saved_data_url_keeps_its_bytes_for_its_owner_alone(tmp_path: Path) -> None:
    data = png(picture())
    saved = qr.save_png(data_url(data), tmp_path / "sales-eu.png")
    assert saved == tmp_path / "sales-eu.png"
    assert saved.read_bytes() == data
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [saved]


def test_a_saved_text_scans(tmp_path: Path) -> None:
    saved = qr.save_png(TEXT, tmp_path / "sales-eu.png")
    assert scan(saved.read_bytes()) == [TEXT]
    assert qr.from_png(saved.read_bytes()) == qr.from_text(TEXT)
    assert Image.open(saved).size == ((57 + 8) * 8,) * 2


def test_saving_never_takes_the_place_of_another_file(tmp_path: Path) -> None:
    wanted, elsewhere = tmp_path / "qr.png", tmp_path / "elsewhere"
    wanted.write_text("mine")
    (tmp_path / "qr-2.png").symlink_to(elsewhere)  # dangling, and not to be followed
    assert qr.save_png(TEXT, wanted) == tmp_path / "qr-3.png"
    assert qr.save_png(TEXT, wanted) == tmp_path / "qr-4.png"
    assert wanted.read_text() == "mine"
    assert not elsewhere.exists()


def test_a_failed_save_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(qr.QRError):
        qr.save_png("data:image/png;base64,OMITTED", tmp_path / "qr.png")
    with pytest.raises(FileNotFoundError):
        qr.save_png(TEXT, tmp_path / "missing" / "qr.png")
    assert list(tmp_path.iterdir()) == []


def test_a_picture_that_cannot_be_read_can_still_be_saved(tmp_path: Path) -> None:
    assert qr.save_png(data_url(png(noise())), tmp_path / "qr.png").exists()


def test_importing_loads_neither_pillow_nor_segno() -> None:
    script = "import sys, wa_tui.qr; print(*sorted({'PIL', 'segno', 'textual', 'rich'} & sys.modules.keys()))"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == ""
