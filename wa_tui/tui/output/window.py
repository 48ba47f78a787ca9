"""The terminal's window, also inside tmux or screen: its title, which is given back, and desktop notices."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Callable, Mapping

from wa_tui.text.cells import cut
from wa_tui.text.cleaning import clean

_ASKED = "#{allow-rename}\t#{automatic-rename}\t#{window_name}"
_PATIENCE = 2.0
_SCREEN_CHUNK = 240
"""Bytes of one of screen's own sequences: it takes 256 at most."""


async def former_name(environ: Mapping[str, str] = os.environ) -> str | None:
    """Return what gives our window its name back, empty where tmux finds it itself; ``None`` if we may not name it."""
    pane = environ.get("TMUX_PANE")
    if "TMUX" not in environ or not pane:
        return None
    try:
        asked = await asyncio.create_subprocess_exec(
            *("tmux", "display-message", "-p", "-t", pane, _ASKED),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError:
        return None
    try:
        output, _ = await asyncio.wait_for(asked.communicate(), _PATIENCE)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            asked.kill()
        return None
    allowed, automatic, name = [*output.decode(errors="replace").rstrip("\n").split("\t", 2), "", "", ""][:3]
    if allowed != "1":
        return None
    return "" if automatic == "1" else name


def past_tmux(sequence: str) -> str:
    """Return a sequence as tmux passes it on, where its ``allow-passthrough`` is on."""
    doubled = sequence.replace("\x1b", "\x1b\x1b")
    return f"\x1bPtmux;{doubled}\x1b\\"


def past_screen(sequence: str) -> str:
    """Return a sequence as screen passes it on, in pieces."""
    pieces = (sequence[at : at + _SCREEN_CHUNK] for at in range(0, len(sequence), _SCREEN_CHUNK))
    return "".join(f"\x1bP{piece}\x1b\\" for piece in pieces)


def passed_on(sequence: str, environ: Mapping[str, str]) -> str:
    """Return a sequence that no multiplexer knows as the one that is there, if any, passes it on."""
    if "TMUX" in environ:
        return past_tmux(sequence)
    return past_screen(sequence) if "STY" in environ else sequence


PACE = 1.0
"""Seconds between two titles, at least."""

_AGAIN = 0.1
"""Seconds until a terminal that took nothing is looked at again."""

_LONGEST = 80
_PUSH, _POP = "\x1b[22;0t", "\x1b[23;0t"
_WITHOUT = ("linux", "dumb", "cons", "eterm", "vt1", "vt2", "vt3", "vt4", "vt5", "ansi", "sun", "unknown")
"""Names of terminals without a title: they would print the text that is meant for it."""


def has_title(environ: Mapping[str, str] = os.environ) -> bool:
    """Tell whether this terminal has a title, as far as its name says."""
    term = environ.get("TERM", "")
    return bool(term) and not term.startswith(_WITHOUT)


class WindowTitle:
    """Keeps a title on the terminal's window through ``write``, which is not asked while it is not ``ready``.

    A terminal keeps its former title on a stack; one that has none is left without a title rather than with an old one.
    `rename` says how to give the multiplexer's window its name back, where we may change that.
    """

    def __init__(
        self,
        write: Callable[[str], None],
        *,
        ready: Callable[[], bool] = lambda: True,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._write = write
        self._ready = ready
        self._monotonic = monotonic
        self._wanted: str | None = None
        self._shown: str | None = None
        self._wrote_at = float("-inf")
        self._waiting: asyncio.TimerHandle | None = None
        self._former_name: str | None = None
        self._ours = False

    def begin(self) -> None:
        """The terminal is ours from now on, or again."""
        self._ours, self._wrote_at = True, float("-inf")
        if self._wanted is not None:
            self.show(self._wanted)

    def show(self, text: str) -> None:
        """Have the title say this; written when it changed, not more often than every `PACE` seconds."""
        self._wanted = cut(clean(text), _LONGEST)
        if self._ours and self._waiting is None and self._wanted != self._shown:
            self._later(max(self._wrote_at + PACE - self._monotonic(), 0.0))

    def rename(self, former: str) -> None:
        """The multiplexer's window has this name (empty: what tmux finds), and may have our title for one."""
        self._former_name = former
        if self._shown is not None:
            self._write(_name(self._shown))

    def end(self) -> str:
        """The terminal is not ours any more; return what gives the former title back, empty where it is there."""
        self._ours = False
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
        shown, self._shown = self._shown, None
        if shown is None:
            return ""
        name = "" if self._former_name is None else _name(self._former_name)
        return f"{_title('')}{_POP}{name}"

    def _later(self, seconds: float) -> None:
        if seconds > 0:
            self._waiting = asyncio.get_running_loop().call_later(seconds, self._show)
        else:
            self._show()

    def _show(self) -> None:
        self._waiting = None
        wanted = self._wanted
        if not self._ours or wanted is None or wanted == self._shown:
            return
        if not self._ready():
            self._later(_AGAIN)
            return
        push = _PUSH if self._shown is None else ""
        name = "" if self._former_name is None else _name(wanted)
        self._write(f"{push}{_title(wanted)}{name}")
        self._shown, self._wrote_at = wanted, self._monotonic()


def desktop_notice(kind: str, title: str, text: str, environ: Mapping[str, str] = os.environ) -> str:
    """Return what has the terminal show a notice: ``osc9`` or ``osc777``; nothing for any other kind.

    ``title`` begins with a letter: ``osc9`` with a number is the progress of a task to some terminals.
    """
    title, text = (cut(clean(each), 200) for each in (title, text))
    if kind == "osc9":
        return passed_on(f"\x1b]9;{title}: {text}\x07", environ)
    if kind == "osc777":
        return passed_on(f"\x1b]777;notify;{title.replace(';', ',')};{text}\x07", environ)
    return ""


def _title(text: str) -> str:
    return f"\x1b]2;{text}\x07"


def _name(text: str) -> str:
    return f"\x1bk{text}\x1b\\"
