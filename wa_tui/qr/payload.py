"""What a gateway sends as `qrCode`: a PNG in a data URL (contract §2), or the code's raw text."""

from __future__ import annotations

import binascii

from wa_tui.qr.matrix import Matrix, QRError, from_text
from wa_tui.qr.picture import MAX_BYTES, from_png, require_png


def parse(payload: str) -> Matrix:
    """The symbol of a `qrCode`, be it a data URL or raw text. Raises QRError and nothing else."""
    return from_data_url(payload) if is_data_url(payload) else from_text(payload)


def is_data_url(payload: str) -> bool:
    """Whether a payload is a data URL, of any type, rather than a code's raw text."""
    return payload[:5].lower() == "data:"


def from_data_url(url: str) -> Matrix:
    """The symbol shown by the picture of a `data:image/png;base64,…`. Raises QRError."""
    return from_png(png_of(url))


def png_of(data_url: str) -> bytes:
    """The PNG file in a `data:image/png;base64,…`, its pixels not looked at.

    Raises QRError when the URL is of another type, is not base64, or holds no PNG or over 2 MB.
    """
    header, comma, encoded = data_url.partition(",")
    media_type, *parameters = header.strip().lower().split(";")
    if not comma or media_type != "data:image/png" or "base64" not in parameters[-1:]:
        raise QRError(f"The QR picture is not a base64 PNG data URL: it begins {data_url[:40]!r}.")
    if len(encoded) > MAX_BYTES * 4 // 3 + 4:
        raise QRError(f"The QR picture is larger than {MAX_BYTES // 1_000_000} MB; it was not opened.")
    try:
        data = binascii.a2b_base64(encoded, strict_mode=True)
    except ValueError as error:
        raise QRError(
            f"The QR picture is not valid base64 ({error}); it was changed or cut short on its way."
        ) from error
    require_png(data)
    return data
