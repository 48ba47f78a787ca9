"""Reads a configuration or key file whole: waits for no pipe, takes no endless file, names what is odd about it."""

from __future__ import annotations

import codecs
import os
import stat
from pathlib import Path
from typing import BinaryIO

_MEGABYTE = 1024 * 1024
LONGEST = 4 * _MEGABYTE
"""Bytes of a configuration: ten thousand gateways need half of it."""

_MARKS = {
    codecs.BOM_UTF8: "begins with a byte order mark (BOM): save it as UTF-8 without one",
    codecs.BOM_UTF16_LE: "is UTF-16 text (a BOM says so): save it as UTF-8",
    codecs.BOM_UTF16_BE: "is UTF-16 text (a BOM says so): save it as UTF-8",
}
CURLY = frozenset("“”„‟‘’‚‛«»‹›＂＇")
"""Quotes that word processors and chats make of straight ones."""


def read_text(path: Path, *, limit: int = LONGEST) -> str:
    """Return what a file of at most ``limit`` bytes says.

    Raises OSError, and ValueError with the end of a sentence for one that is no file, too long or not plain UTF-8.
    """
    # Not blocking: a pipe that nobody writes into would hold us here for good.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    with os.fdopen(descriptor, "rb") as file:
        _refuse_odd(os.fstat(descriptor).st_mode, path)
        return text_of(file, limit=limit)


def text_of(file: BinaryIO, *, limit: int) -> str:
    """Return the rest of an open file; raises OSError, and ValueError with the end of a sentence."""
    content = file.read(limit + 1)
    if len(content) > limit:
        size = f"{limit // _MEGABYTE} MB" if limit >= _MEGABYTE else f"{limit} bytes"
        raise ValueError(f"has more than {size}: that is another file")
    for mark, words in _MARKS.items():
        if content.startswith(mark):
            raise ValueError(words)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8 text") from None


def _refuse_odd(mode: int, path: Path) -> None:
    """Raise ValueError for what is neither a file nor ``/dev/null``, by ``stat``'s mode."""
    if stat.S_ISREG(mode) or (stat.S_ISCHR(mode) and path == Path(os.devnull)):
        return
    kinds = {stat.S_ISDIR: "a directory", stat.S_ISFIFO: "a pipe", stat.S_ISCHR: "a device"}
    kind = next((name for test, name in kinds.items() if test(mode)), "something else")
    raise ValueError(f"is {kind}, not a file")
