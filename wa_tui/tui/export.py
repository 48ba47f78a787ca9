"""What a person takes along: text on the terminal's clipboard (OSC 52), and new files that only their owner reads."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path

from wa_tui.text.events import plain
from wa_tui.tui.output.window import past_screen, past_tmux
from wa_tui.tui.presenters.outcomes import Notice
from wa_tui.tui.presenters.times import iso
from wa_tui.wire import EventView

MAX_BYTES = 74_994
"""What terminals are known to take, before it is encoded."""


class TooLong(Exception):
    """The text is longer than a terminal takes."""


def osc52(text: str, environ: Mapping[str, str] = os.environ) -> str:
    """Return what puts ``text`` on the clipboard of an xterm-like terminal. Raises TooLong.

    tmux passes its own on where ``set-clipboard`` is on, and the wrapped one where ``allow-passthrough`` is: it is
    sent both. screen takes pieces; a terminal that only calls itself so may be a tmux at the other end of ssh,
    which drops those: it is sent the plain one too.
    """
    data = text.encode()
    if len(data) > MAX_BYTES:
        raise TooLong(
            f"{len(data)} bytes are more than terminals copy ({MAX_BYTES}); save it to a file instead"
        )
    sequence = f"\x1b]52;c;{base64.b64encode(data).decode()}\x07"
    if "TMUX" in environ:
        return sequence + past_tmux(sequence)
    if "STY" in environ:
        return past_screen(sequence)
    return sequence + past_screen(sequence) if environ.get("TERM", "").startswith("screen") else sequence


def copied(text: str, what: str, put: Callable[[str], None]) -> Notice:
    """Have a text put on the clipboard, and return what to say of it; ``what`` names it."""
    if not text:
        return Notice(f"there is no {what} to copy", "warn")
    try:
        put(text)
    except TooLong as error:
        return Notice(f"not copied: {error}", "bad")
    lines = len(text.splitlines())
    label = f"{what} {text}" if lines == 1 and len(text) < 60 else f"{what}, {lines} lines"
    return Notice(f"sent to the terminal's clipboard: {label}", "good")


_TRIES = 100


def save_log(events: Iterable[EventView], folder: Path, now: datetime) -> Path:
    """Write events, a line each, into a new file and return it. Raises OSError."""
    lines = "".join(f"{iso(event.at)}  {plain(event)}\n" for event in events)
    return write_new(folder, f"wa-tui-log-{now.astimezone():%Y%m%dT%H%M%S}", ".txt", lines)


def write_new(folder: Path, stem: str, suffix: str, text: str) -> Path:
    """Write a text into a new file and return it; nothing is overwritten, a name that is taken gets a number.

    Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path, descriptor = _new(folder, stem, suffix)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def _new(folder: Path, stem: str, suffix: str) -> tuple[Path, int]:
    for number in range(_TRIES):
        path = folder / f"{stem}{f'-{number}' if number else ''}{suffix}"
        try:
            return path, os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            continue
    raise FileExistsError(f"{folder / stem}{suffix} and {_TRIES - 1} names after it are taken")
