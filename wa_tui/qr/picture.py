"""Reading the modules of a QR symbol off a picture that a program drew.

No camera is involved: the symbol is upright, unblurred and alone in the picture, so its bounding box
and the top edge of a finder pattern say where every module is.
"""

from __future__ import annotations

import struct
from itertools import groupby
from typing import TYPE_CHECKING

from wa_tui.qr.matrix import Matrix, QRError

if TYPE_CHECKING:
    from PIL import Image

MAX_BYTES = 2_000_000
MAX_PIXELS = 4_000_000
# Below this difference between the lightest and the darkest pixel (of 255) nothing was drawn.
_MIN_CONTRAST = 64

# Pixels a module, where not a whole number, from which on the pixel at a computed centre is surely in it.
_CENTRES_FROM = 3

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_NO_CODE = "The picture shows no QR code that can be read"


def from_png(data: bytes) -> Matrix:
    """The symbol shown by a PNG: dark on light, upright, at any scale from 1 pixel a module, any margin.

    A transparent background counts as white. Below 1.5 pixels a module, and at no whole number of them, a
    few small symbols are refused. Raises QRError when the file is not a whole PNG, is over 2 MB or
    4 megapixels, or does not show exactly one QR symbol.
    """
    grey = _grey(data)
    low, high = grey.getextrema()
    assert isinstance(low, int) and isinstance(high, int)  # one band
    if high - low < _MIN_CONTRAST:
        raise QRError(f"{_NO_CODE}: it is blank.")
    threshold = (low + high) // 2
    matrix = _read(grey.point([255] * (threshold + 1) + [0] * (255 - threshold)))
    if matrix is not None:
        return matrix
    if _read(grey.point([0] * (threshold + 1) + [255] * (255 - threshold))) is not None:
        raise QRError("The QR code is inverted, light on dark; phones want dark on light.")
    raise QRError(f"{_NO_CODE}: finder and timing patterns are not where they belong.")


def require_png(data: bytes) -> None:
    """Raise QRError unless data begins as a PNG file of at most 2 MB and 4 megapixels does."""
    if not data:
        raise QRError("The QR picture is empty.")
    if len(data) > MAX_BYTES:
        raise QRError(f"The QR picture is larger than {MAX_BYTES // 1_000_000} MB; it was not opened.")
    if not data.startswith(_SIGNATURE):
        raise QRError("The QR picture is not a PNG file.")
    # A second header would have Pillow allocate another size than the one that was looked at.
    if len(data) < 24 or data[12:16] != b"IHDR" or b"IHDR" in data[16:]:
        raise QRError("The QR picture is a damaged PNG: it has no header, or two.")
    width, height = struct.unpack(">II", data[16:24])
    if width * height > MAX_PIXELS:
        raise QRError(
            f"The QR picture claims {width} x {height} pixels, over the limit of "
            f"{MAX_PIXELS // 1_000_000} megapixels; it was not opened."
        )


def _grey(data: bytes) -> Image.Image:
    """The picture in 8-bit grey on white. The declared size is checked before a pixel is decoded."""
    require_png(data)
    import io  # late, as Pillow: the monitor starts without it

    from PIL import Image

    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            image.load()
            return _flatten(image)
    except Exception as error:  # Pillow meets bad files with whatever its decoders ran into
        raise QRError(f"The QR picture is a damaged PNG ({error}); ask for a new code.") from error


def _flatten(image: Image.Image) -> Image.Image:
    from PIL import Image

    if image.mode.startswith("I"):  # 16-bit grey, which convert("L") would clip
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if "transparency" in image.info or image.mode in ("LA", "PA", "RGBA"):
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("L")
    return image.convert("L")


def _read(dark: Image.Image) -> Matrix | None:
    """The symbol in a picture whose dark pixels are 255 and whose light ones are 0, if there is one."""
    box = dark.getbbox()
    if box is None:
        return None
    symbol = dark.crop(box)
    width, height = symbol.size
    # Where a module is no whole number of pixels, rounding may differ between the two sides.
    if abs(width - height) > 1:
        return None
    finder = symbol.crop((0, 0, width, 1)).tobytes().find(b"\0")
    for size in _sizes(width, finder):
        by_centres = (width == height and width % size == 0) or width >= _CENTRES_FROM * size
        matrix = _sample(symbol, size) if by_centres else _merge(symbol, size)
        if matrix is not None and matrix.has_finders and matrix.has_timing:
            return matrix
    return None


def _sizes(width: int, finder: int) -> list[int]:
    """The symbol sizes, likeliest first, whose finder pattern (7 modules) has so many pixels, about."""

    def difference(size: int) -> float:
        return abs(7 * width / size - finder)

    return sorted(
        (size for size in range(21, min(177, width) + 1, 4) if difference(size) < 1.5), key=difference
    )


def _sample(symbol: Image.Image, size: int) -> Matrix:
    """Take the pixel at the centre of each module."""
    from PIL import Image

    modules = symbol.resize((size, size), Image.Resampling.NEAREST).tobytes()
    return Matrix(tuple(tuple(map(bool, modules[i : i + size])) for i in range(0, size * size, size)))


def _merge(symbol: Image.Image, size: int) -> Matrix | None:
    """Merge the equal neighbours among the lines of pixels: each line is a copy of a line of modules."""
    width, height = symbol.size
    pixels = symbol.tobytes()
    rows = _merge_lines([pixels[i : i + width] for i in range(0, width * height, width)], size)
    columns = _merge_lines([bytes(column) for column in zip(*rows, strict=True)], size)
    if len(rows) != size or len(columns) != size:
        return None
    return Matrix(tuple(tuple(map(bool, row)) for row in zip(*columns, strict=True)))


def _merge_lines(lines: list[bytes], size: int) -> list[bytes]:
    runs = [(line, len(list(run))) for line, run in groupby(lines)]
    if len(runs) == size:
        return [line for line, _ in runs]
    # In a small symbol two lines of modules can be equal: a longer run holds more than one.
    pitch = len(lines) / size
    return [line for line, length in runs for _ in range(max(1, round(length / pitch)))]
