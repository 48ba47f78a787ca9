"""QR codes as WhatsApp makes them: texts of their length, and pictures of their size."""

from __future__ import annotations

import base64
import functools
import io
import random
import string

import segno

_ALPHABET = string.ascii_letters + string.digits + "+/"


def payload(rng: random.Random) -> str:
    """Return a text as long and as varied as the one WhatsApp puts into a QR: 237 characters."""
    parts = ["".join(rng.choices(_ALPHABET, k=length)) for length in (100, 43, 43, 43)]
    return "2@" + "=,".join(parts) + ",1"


@functools.lru_cache(maxsize=256)
def data_url(text: str) -> str:
    """Return `text` as a QR in a PNG data URL of about 7 kB (contract §2)."""
    # A fixed mask spares segno the weighing of all eight; uncompressed, the size is that of the real ones.
    code = segno.make_qr(text, error="m", boost_error=False, mask=3)
    png = io.BytesIO()
    code.save(png, kind="png", scale=3, border=4, compresslevel=0)
    return "data:image/png;base64," + base64.b64encode(png.getvalue()).decode()
