"""A session as the API shows it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec
from textual.widget import Widget

from wa_tui.keys.table import Context
from wa_tui.text.cleaning import clean
from wa_tui.tui.bindings import bindings
from wa_tui.tui.intents import Copy
from wa_tui.tui.monitor import Monitor
from wa_tui.tui.screens.base import ViewScreen
from wa_tui.tui.style.inks import Ink
from wa_tui.tui.style.pieces import Piece, Pieces, wrapped
from wa_tui.tui.views import Place
from wa_tui.tui.widgets.sheet import TextView
from wa_tui.wire import SessionKey

_FIELD = re.compile(r'(\s*)("(?:[^"\\]|\\.)*":)?(.*)')


class RawScreen(ViewScreen):
    """Indented JSON that scrolls and follows what changes."""

    AUTO_FOCUS = "TextView"
    BINDINGS = bindings(Context.RAW)
    CONTEXTS = (Context.RAW,)

    def __init__(self, monitor: Monitor, place: Place) -> None:
        super().__init__(monitor, place)
        self._text = ""

    def body(self) -> Iterable[Widget]:
        """Return the lines."""
        return (TextView(_broken),)

    def show_fleet(self, changed: set[SessionKey]) -> None:
        """Show it as it is now; one that was deleted stays as it was."""
        key = self.place.key if self.place is not None else None
        session = self.monitor.state.sessions.get(key) if key is not None else None
        if session is not None:
            self._text = msgspec.json.format(msgspec.json.encode(session), indent=2).decode()
            self.query_one(TextView).show(self._text)
        name = self.monitor.call(key) if key is not None else ""
        note = "" if session is not None else " · it was deleted"
        self.entitle("JSON", f"· {name}{note}")

    def action_copy(self) -> None:
        """Copy all of it."""
        self.post(Copy(self._text, "JSON"))


def _broken(line: str, width: int) -> Iterator[Pieces]:
    """Yield a line of JSON; a long one goes on in the next."""
    indent, name, rest = _FIELD.fullmatch(line).groups("")  # type: ignore[union-attr]
    room = max(width - 2 - len(indent), 8)
    pieces = (Piece(name, Ink.BLUE), Piece(" " if name else ""), Piece(clean(rest.strip()), _ink(rest)))
    for number, part in enumerate(wrapped(pieces, room, room - 2)):
        yield (Piece(f"  {indent}"), *((Piece("  "),) if number else ()), *part)


def _ink(value: str) -> Ink:
    value = value.strip().rstrip(",")
    return Ink.QUIET if value in ("null", "[]", "{}") else Ink.TEXT
