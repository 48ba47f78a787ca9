"""What needs a person, the most urgent first; the session under the cursor can be acted on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from rich.cells import cell_len
from textual.widget import Widget

from wa_tui.tui.fleet.standing import Key
from wa_tui.tui.fleet.urgency import Care, Need, NeedKey, needs
from wa_tui.tui.keys import Context, KeyNames
from wa_tui.tui.look.gateways import gateway_look
from wa_tui.tui.look.inks import Ink
from wa_tui.tui.look.palette import LOOKS, Look
from wa_tui.tui.look.pieces import Piece, Pieces
from wa_tui.tui.look.tables import Column
from wa_tui.tui.screens.acting import ActingScreen
from wa_tui.tui.screens.view import ViewScreen
from wa_tui.tui.views import Place
from wa_tui.tui.widgets.table import Table
from wa_tui.tui.words.ages import since
from wa_tui.tui.words.attention import need_word
from wa_tui.tui.words.quiet import quiet_words
from wa_tui.tui.words.text import clean, fit
from wa_tui.tui.words.why import RECONNECT, Why, reason_words, why
from wa_tui.wire import AttentionCode, Condition

_COLUMNS = (
    Column("NEED", 15),
    Column("WHO", 12, most=24),
    Column("GATEWAY", 7, most=12, shed=1),
    Column("FOR", 6, shed=2),
    Column("CARE", 12, most=22, shed=0),
    Column("WHY", 30, most=None),
)
_KNOWN = Look("!", Ink.AMBER)
_LOOKS = {
    AttentionCode.STORE_FAILED: Look("✖", Ink.RED, bold=True),
    AttentionCode.NOT_LISTENING: Look("✖", Ink.RED, bold=True),
    AttentionCode.WEBHOOKS_REFUSED: Look("✖", Ink.RED, bold=True),
    AttentionCode.JOB_STOPPED: Look("✖", Ink.RED, bold=True),
    AttentionCode.STORE_DAMAGED: _KNOWN,
    AttentionCode.STORE_HELD: _KNOWN,
    AttentionCode.CONTRADICTION: _KNOWN,
    AttentionCode.UNWANTED: _KNOWN,
    AttentionCode.ORPHAN: _KNOWN,
    AttentionCode.NOTICE: _KNOWN,
    AttentionCode.OTHER: _KNOWN,
}


class NeedsScreen(ViewScreen, ActingScreen):
    """Sessions, gateways and notices of the daemon; who takes care of each, and which are snoozed."""

    AUTO_FOCUS = "Table"
    CONTEXTS = (Context.SESSION, Context.DEED)
    TROUBLED = "need you"

    def __init__(self, place: Place | None = None) -> None:
        super().__init__(place or Place("needs"))
        self._table: Table[NeedKey, Need] = Table(_COLUMNS, self._cell)

    def body(self) -> Iterable[Widget]:
        """Return what needs somebody."""
        return (self._table,)

    def chosen(self) -> Key | None:
        """The session under the cursor, as it was seen; ``None`` on a gateway or a notice."""
        return _session_of(self._table.row_aimed_at)

    def under_cursor(self) -> Key | None:
        """The session that the cursor is on now."""
        return _session_of(self._table.cursor_row)

    @property
    def doubt(self) -> str:
        """Why whoever presses a key may not mean the row under the cursor."""
        return self._table.doubt

    def show_fleet(self, changed: set[Key]) -> None:
        """Bring the rows up to date."""
        state = self.monitor.state
        found = needs(state, state.now)
        self._table.show(found, {key for key, need in found.items() if need.care is Care.CALLS})
        self._table.say("nothing needs a person" if state.daemon is not None else "not known yet")
        numbers = Counter(need.care for need in found.values())
        parts = [str(numbers[Care.CALLS])]
        parts += [f"{numbers[one]} {one.words}" for one in Care if numbers[one] and one.words]
        said = "· " + " · ".join(parts)
        self.entitle("Needs you", said)

    def on_table_highlighted(self) -> None:
        """What is offered follows the cursor."""
        self.offer_keys()

    def on_table_selected(self) -> None:
        """A double click opens the details."""
        self.action_details()

    def action_details(self) -> None:
        """Show the session, or the gateway."""
        need = self._table.row_aimed_at
        if need is not None and need.gateway is not None:
            self.monitor.navigation.go(Place("gateways", gateway=need.gateway.name))
        else:
            super().action_details()

    def action_log(self) -> None:
        """Show the log of the session, or of the gateway."""
        need = self._table.row_aimed_at
        if need is not None and need.gateway is not None:
            self.monitor.navigation.go(Place("log", gateway=need.gateway.name))
        else:
            super().action_log()

    def action_acknowledge(self) -> None:
        """Take care of the session or the gateway, or take that back."""
        if (name := self.gateway_chosen) is not None:
            self.monitor.acting.acknowledge_gateway(name, self.doubt)
        else:
            super().action_acknowledge()

    def action_snooze(self) -> None:
        """Ask for how long the session or the gateway is to call nobody, or end that."""
        if (name := self.gateway_chosen) is not None:
            self.monitor.acting.snooze_gateway(name, self.doubt)
        else:
            super().action_snooze()

    @property
    def gateway_chosen(self) -> str | None:
        """The gateway under the cursor, as it was seen."""
        need = self._table.row_aimed_at
        return need.gateway.name if need is not None and need.gateway is not None else None

    def _cell(self, need: Need, title: str, width: int) -> Pieces:
        now = self.monitor.state.now
        dim = need.care in (Care.SNOOZED, Care.COVERED)
        plain = Ink.QUIET if dim else Ink.TEXT
        match title:
            case "NEED":
                look = self._look(need)
                ink = Ink.QUIET if dim else look.ink
                return (
                    Piece(fit(f"{look.glyph} {need_word(need.code)}", width), ink, look.bold and not dim),
                )
            case "WHO":
                return (Piece(fit(_who(need), width), Ink.QUIET if dim else Ink.BRIGHT),)
            case "GATEWAY":
                return (Piece(fit(need.session.gateway if need.session is not None else "–", width), plain),)
            case "FOR":
                return (Piece(since(need.since, now), plain),)
            case "CARE":
                return (Piece(fit(_care(need, now), width), Ink.QUIET),)
        care = _care(need, now) if all(column.title != "CARE" for column, _ in self._table.slots) else ""
        names = self.monitor.key_names(need.session.gateway if need.session is not None else None)
        before = f"{clean(care)} · " if care else ""
        told = _why(need, now, names, width - cell_len(before))
        return (Piece(before, Ink.QUIET), Piece(clean(told), plain))

    def _look(self, need: Need) -> Look:
        if need.gateway is not None and need.code not in _LOOKS:
            return gateway_look(need.gateway.state)
        if need.code in _LOOKS or need.session is None:
            return _LOOKS.get(need.code, _KNOWN)
        state = self.monitor.state
        return LOOKS[state.condition(need.session.key, state.now)]


def _session_of(need: Need | None) -> Key | None:
    return need.session.key if need is not None and need.session is not None else None


def _who(need: Need) -> str:
    if need.session is not None:
        return need.session.label
    return need.gateway.name if need.gateway is not None else "this daemon"


def _care(need: Need, now: datetime) -> str:
    if need.cover:
        return need.cover
    view = need.session or need.gateway
    return "" if view is None else quiet_words(view, now).removeprefix("taken by ")


def _why(need: Need, now: datetime, names: KeyNames, width: int) -> str:
    session = need.session
    if session is None:
        return need.why
    if need.code is AttentionCode.SCAN_QR:
        scan = why(session, Condition.SCAN_QR, None, now=now)
        return _told(scan, names, width)
    told = reason_words(session.reason, session.words)
    if need.code is AttentionCode.DOWN:
        return _told(Why(f"{told or 'down'}, nothing brings it back", step=RECONNECT), names, width)
    return f"{need.why}: {told}" if told and need.code is AttentionCode.FLAPPING else need.why


def _told(why: Why, names: KeyNames, width: int) -> str:
    return "".join(text for text, _ in why.pieces(width, names))
