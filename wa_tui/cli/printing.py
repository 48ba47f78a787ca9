"""Text for a terminal or a pipe: aligned columns, colours where they are wanted, foreign text cleaned."""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Sequence

import msgspec

from wa_tui.text.cells import NONE, cell_len
from wa_tui.text.cleaning import clean
from wa_tui.wire import Condition

_GAP = "  "
_ACTING = re.compile(r"[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
"""DEL, the C1 controls, what turns the direction of writing, ends of lines that only some know, and marks of order."""
_INKS = {
    Condition.DISCONNECTED: "31",
    Condition.AUTH_FAILED: "31",
    Condition.GHOST: "31",
    Condition.SCAN_QR: "34",
    Condition.STARTING: "33",
    Condition.CLAIMED: "2",
    Condition.UNKNOWN: "2",
    Condition.CONNECTED: "32",
    Condition.OFFLINE: "2",
}


class Unwritable(Exception):
    """Standard output takes no more; ``cause`` says why."""

    def __init__(self, cause: OSError) -> None:
        super().__init__(str(cause))
        self.cause = cause


def prepare() -> None:
    """Have characters that the terminal's encoding lacks replaced instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def say(text: str) -> None:
    """Print a line, at once; raises `BrokenPipeError` when nobody reads on, else `Unwritable`."""
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Unwritable(error) from error


def complain(text: str) -> None:
    """Print to standard error; what others wrote in it is cleaned line by line."""
    try:
        for line in text.splitlines():
            sys.stderr.write(clean(line) + "\n")
        sys.stderr.flush()
    except OSError:
        # The exit code has to do; what is left in the buffer must not change that at the exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def say_json(value: object) -> None:
    """Print JSON, indented; times as ISO 8601 in UTC."""
    say(as_json(value, indent=2))


def as_json(value: object, *, indent: int | None = None) -> str:
    """Return JSON, on one line without ``indent``; what acts on a terminal is escaped, and means what it meant."""
    encoded = msgspec.json.encode(value)
    text = (encoded if indent is None else msgspec.json.format(encoded, indent=indent)).decode()
    if text.isascii() and "\x7f" not in text:
        # None acts: a hundred thousand sessions need not be looked through.
        return text
    # Only in texts can such a letter stand.
    return _ACTING.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def condition_ink(condition: Condition) -> str:
    """Return the colour of a condition, as an SGR parameter."""
    return _INKS[condition]


def table(header: Sequence[str], rows: Sequence[Sequence[str]], inks: Sequence[str] = ()) -> str:
    """Return lines of aligned, clean columns; ``inks`` colour the first cell of each row on a terminal."""
    cells = [list(header), *([clean(cell) or NONE for cell in row] for row in rows)]
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    colour = bool(inks) and wants_colour()
    lines = []
    for number, row in enumerate(cells):
        padded = [_fill(cell, width) for cell, width in zip(row, widths, strict=True)]
        padded[-1] = row[-1]
        if colour and number:
            padded[0] = f"\x1b[{inks[number - 1]}m{padded[0]}\x1b[0m"
        lines.append(_GAP.join(padded))
    return "\n".join(lines)


def pad(text: str, width: int) -> str:
    """Return clean text filled to ``width`` cells, never cut."""
    return _fill(clean(text), width)


def _fill(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _width(text: str) -> int:
    """Return the cells of clean text; a hundred thousand rows are worth the short way."""
    return len(text) if text.isascii() else cell_len(text)


def wants_colour() -> bool:
    """Tell whether standard output is a terminal that is to have colours (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
