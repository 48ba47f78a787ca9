"""A session as the cells of a grid row, WHY among them in as many as there are; and why there are no rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from wa_tui.keys.table import KEY_NAMES, KeyNames
from wa_tui.text.ages import since
from wa_tui.text.answer import Tone, Why
from wa_tui.text.cells import NONE, cell_len, cut, fit, fit_name
from wa_tui.text.cleaning import clean
from wa_tui.text.columns import Column, TrafficColumn
from wa_tui.text.phone import phone
from wa_tui.text.silence import proven_words
from wa_tui.text.traffic import traffic_cell
from wa_tui.text.why import care, why
from wa_tui.tui.fleet.columns import Slot
from wa_tui.tui.fleet.state import FleetState
from wa_tui.tui.style.inks import Ink
from wa_tui.tui.style.palette import LOOKS, Palette
from wa_tui.tui.style.pieces import Piece, Pieces, padded
from wa_tui.tui.style.ribbon import cells as ribbon_cells
from wa_tui.tui.style.ribbon import spark, uptime
from wa_tui.wire import Condition, GatewayView, SessionKey, SessionView, gateway_needs

_SEPARATOR = " · "
_LEAST = 8
"""Cells of the reason that the next step must leave, or it stands alone."""
READABLE = 24
"""Cells of the reason that say enough of it beside more of what to do."""

INKS = {Tone.PLAIN: Ink.TEXT, Tone.QUIET: Ink.QUIET, Tone.WARN: Ink.AMBER, Tone.BAD: Ink.RED}


def why_pieces(why: Why, width: int, names: KeyNames = KEY_NAMES, *, readable: int = READABLE) -> Pieces:
    """Return pieces of at most ``width`` cells: the reason is shortened before what to do, and cut before it is.

    ``readable`` are the cells of the reason that more of what to do must leave.
    """
    ink = INKS[why.tone]
    text, hints = clean(why.text), why.hints(names)
    if not text:
        return (Piece(cut(hints[0], width), Ink.QUIET),) if why.care and hints else ()
    if not hints:
        return (Piece(cut(text, width), ink),)
    brief = clean(why.brief) or text
    for hint in hints:
        rest = _SEPARATOR + hint
        for each in (text, brief):
            if cell_len(each + rest) <= width:
                return (Piece(each, ink), Piece(rest, Ink.QUIET))
        if width - cell_len(rest) >= readable:
            return (Piece(cut(text, width - cell_len(rest)), ink), Piece(rest, Ink.QUIET))
    rest = _SEPARATOR + hints[-1]
    if width < cell_len(rest) + _LEAST:
        # Of what has room whole, one at least: "conflict" says more than "close the o…".
        whole = next((each for each in (hints[-1], brief) if cell_len(each) <= width), hints[-1])
        return (Piece(cut(whole, width), ink),)
    return (Piece(cut(text, width - cell_len(rest)), ink), Piece(rest, Ink.QUIET))


LIST = "list-sync"
"""The job that reads a gateway's list."""


def row(
    state: FleetState, key: SessionKey, slots: Sequence[Slot], palette: Palette, names: KeyNames = KEY_NAMES
) -> list[Pieces]:
    """Return a session's cells, one for each slot, each exactly ``width + gap`` cells wide. Raises KeyError.

    ``names`` are what to press for the next step.
    """
    session = state.sessions[key]
    return _Row(state, session, palette, names).cells(slots)


def ribbon(
    session: SessionView, gateway: GatewayView | None, now: datetime, palette: Palette, width: int
) -> Pieces:
    """Return a session's last 24 hours in so many cells; runs of one colour, so that a quiet day costs one style."""
    gaps = gateway.gaps if gateway else ()
    runs: list[Piece] = []
    for code in ribbon_cells(session.history, gaps, now, width):
        glyph, ink = palette.ribbon(code)
        if runs and runs[-1].ink is ink:
            runs[-1] = Piece(runs[-1].text + glyph, ink)
        else:
            runs.append(Piece(glyph, ink))
    return tuple(runs)


_COUNTED: frozenset[str] = frozenset(TrafficColumn)


class _Row:
    def __init__(self, state: FleetState, session: SessionView, palette: Palette, names: KeyNames) -> None:
        self.names = names
        self.state = state
        self.session = session
        self.palette = palette
        self.now = state.now
        self.found = state.condition(session.key, self.now)
        self.gateway: GatewayView | None = state.gateways.get(session.gateway)

    def cells(self, slots: Sequence[Slot]) -> list[Pieces]:
        return [padded(self.pieces(slot), slot.width + slot.gap) for slot in slots]

    def pieces(self, slot: Slot) -> Pieces:
        width = slot.width
        session = self.session
        match slot.column:
            case Column.STATUS:
                look = LOOKS[self.found]
                return (Piece(fit(f"{look.glyph} {self.found}", width), look.ink, look.bold),)
            case Column.INSTANCE:
                return (Piece(fit_name(session.label, width), Ink.BRIGHT if self.is_loud else self.plain),)
            case Column.PHONE:
                return (self.phone(width),)
            case Column.GATEWAY:
                return (Piece(fit(session.gateway, width), self.plain),)
            case Column.KIND:
                kind = self.gateway.kind if self.gateway is not None else None
                return (Piece(fit(kind or NONE, width), Ink.QUIET),)
            case Column.ID | Column.USER | Column.USED | Column.DROPS:
                return (self.wide(slot.column, width),)
            case Column.AGE:
                return (Piece(fit(since(session.condition_since, self.now), width), self.plain),)
            case Column.RIBBON:
                return self.ribbon(width)
            case Column.UPTIME | Column.PROVEN:
                return (self.uptime(width) if slot.column is Column.UPTIME else self.proven(width),)
            case Column.TRAFFIC:
                return (self.bars(width),)
            case column if column in _COUNTED:
                return (self.traffic(column, width),)
        return self.why(width)

    @property
    def is_loud(self) -> bool:
        return self.found not in (
            Condition.CONNECTED,
            Condition.CLAIMED,
            Condition.OFFLINE,
            Condition.UNKNOWN,
        )

    @property
    def plain(self) -> Ink:
        return Ink.QUIET if self.found is Condition.OFFLINE else Ink.TEXT

    def phone(self, width: int) -> Piece:
        number = self.session.phone_number
        if number is None:
            return Piece(fit(NONE, width), Ink.QUIET)
        return Piece(fit(phone(number, width), width), self.plain)

    def wide(self, column: Column, width: int) -> Piece:
        """What only the wide grid shows; a star marks a user's primary."""
        session = self.session
        if column is Column.ID:
            return Piece(fit(session.session_id, width), Ink.QUIET)
        if column is Column.USED:
            return Piece(fit(since(session.used_at, self.now), width), self.plain)
        if column is Column.DROPS:
            ink = Ink.BRIGHT if session.drops else Ink.QUIET
            return Piece(fit(str(session.drops), width, right=True), ink)
        user = NONE if session.user_id is None else f"{session.user_id}{'*' if session.is_primary else ''}"
        return Piece(fit(user, width), self.plain)

    def ribbon(self, width: int) -> Pieces:
        return ribbon(self.session, self.gateway, self.now, self.palette, width)

    def uptime(self, width: int) -> Piece:
        share = uptime(self.session.history, self.gateway.gaps if self.gateway else (), self.now)
        if share is None:
            return Piece(fit(NONE, width, right=True), Ink.QUIET)
        # 100.0 means always: what was down for a moment never rounds up to it.
        text = "100.0" if share >= 100 else f"{min(share, 99.99):.2f}" if share > 99.9 else f"{share:.1f}"
        return Piece(fit(text, width, right=True), self.plain)

    def proven(self, width: int) -> Piece:
        at = self.session.proven_at
        if at is None or self.session.status != "connected":
            return Piece(fit(NONE, width), Ink.QUIET)
        ink = Ink.GREEN if self.found is Condition.CONNECTED else Ink.QUIET
        return Piece(fit(proven_words(self.state.proof(self.session), at, self.now), width), ink)

    def traffic(self, column: Column, width: int) -> Piece:
        text = traffic_cell(TrafficColumn(column.value), self.session.traffic, self.now)
        ink = Ink.QUIET if text == NONE else self.plain
        return Piece(fit(text, width, right=column is not Column.LAST), ink)

    def bars(self, width: int) -> Piece:
        traffic = self.session.traffic
        if traffic is None or not traffic.hours:
            return Piece(fit(NONE, width), Ink.QUIET)
        return Piece(spark(traffic.hours, width, self.palette.ascii), self.plain)

    def why(self, width: int) -> Pieces:
        receipt = self.state.receipts.get(self.session.action or "")
        gone = not self.state.connected
        answer = why(self.session, self.found, self.gateway, receipt=receipt, gone=gone, now=self.now)
        answer = answer._replace(care=care(self.session, self.gateway, self.now))
        return why_pieces(answer, width, self.names)


def emptiness(state: FleetState) -> str | None:
    """Return why there is none: the cause, whose, and what to do; ``None`` where the lists were read and are empty."""
    gateways = list(state.gateways.values())
    if not gateways or state.daemon is None:
        return None
    if all(gateway_needs(gateway) for gateway in gateways) and not state.daemon.runs_node:
        return _in_trouble(gateways[0])
    for gateway in gateways:
        job = state.jobs.get((LIST, gateway.name))
        if job is None or job.outcome == "ok":
            continue
        if needs := gateway_needs(gateway):
            # Its own cause, not that its list is left out meanwhile.
            return f"{needs[0].text}: the list of {gateway.name} was not read yet"
        if job.outcome is None:
            return f"the list of {gateway.name} was not read yet"
        return f"{job.detail}: the list of {gateway.name} could not be read"
    return None


def _in_trouble(gateway: GatewayView) -> str:
    need = gateway_needs(gateway)[0]
    todo = f"{need.action}, or wa-tui up" if gateway.state == "down" else need.action
    return f"{need.text}: {gateway.name} · {todo} ({gateway.url})"
