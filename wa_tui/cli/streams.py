"""The standard streams of ``wa-tui``: closed ones, ones that take no more, and whether there is a terminal."""

from __future__ import annotations

import os
import sys


def stand_in_for_closed() -> None:
    """Open /dev/null where a standard stream is closed: else the next file to be opened, the database even, were it.

    What is printed to a closed standard output cannot be written, and that is said; there is nowhere to complain to
    when standard error is closed.
    """
    for number, name, flags in (
        (0, "stdin", os.O_RDONLY),
        (1, "stdout", os.O_RDONLY),
        (2, "stderr", os.O_WRONLY),
    ):
        if getattr(sys, name) is None and os.open(os.devnull, flags) == number:
            os.set_inheritable(number, True)
            setattr(sys, name, open(number, "w" if number else "r", closefd=False))  # noqa: SIM115


def discard_output() -> None:
    """Have what is left in the buffer of standard output complain no more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def lack_of_terminal() -> str | None:
    """Return what a screen needs and has not."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return "a terminal"
    if os.environ.get("TERM") == "dumb":
        return "a terminal that can move its cursor (TERM=dumb cannot)"
    return None
