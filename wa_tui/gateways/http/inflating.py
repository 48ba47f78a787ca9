"""What was compressed on its way, bounded inflated as well as packed: a thousandth of a bomb is no bound."""

from __future__ import annotations

import zlib

_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32
_STEPS = 3
_RAW = -zlib.MAX_WBITS


class TooLong(Exception):
    """It would be more than was allowed."""


class UnknownEncoding(Exception):
    """Nobody here reads that encoding, or it is not what it says."""


def inflated(content: bytes, encoding: str, limit: int) -> bytes:
    """Return a body without its encodings (HTTP's ``Content-Encoding``), at most ``limit`` bytes at each step.

    Raises `TooLong` and `UnknownEncoding`.
    """
    names = [name for part in encoding.split(",") if (name := part.strip().lower()) not in ("", "identity")]
    if len(names) > _STEPS:
        raise UnknownEncoding(f"encoded {len(names)} times over")
    for name in reversed(names):
        if name not in ("gzip", "x-gzip", "deflate"):
            raise UnknownEncoding(f"encoded as {name[:20]!r}")
        content = _inflate(content, limit, raw=name == "deflate")
    return content


def _inflate(content: bytes, limit: int, *, raw: bool) -> bytes:
    """Undo one encoding; ``raw`` where some leave zlib's header out."""
    for bits in (_GZIP_OR_ZLIB, _RAW) if raw else (_GZIP_OR_ZLIB,):
        parts = zlib.decompressobj(bits)
        try:
            whole = parts.decompress(content, limit + 1)
        except zlib.error:
            continue
        if len(whole) > limit:
            raise TooLong
        if not parts.eof:
            raise UnknownEncoding("compressed, and cut off")
        return whole
    raise UnknownEncoding("compressed, and damaged")
