"""What needs a person as the cells of a table, whose columns are as wide as what is in them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from enum import StrEnum

from wa_tui.keys.table import KeyNames
from wa_tui.text.advice import RECONNECT, Step, first_mend, steps_of
from wa_tui.text.ages import since
from wa_tui.text.answer import Why
from wa_tui.text.attention import need_word
from wa_tui.text.cells import NONE, cell_len, fit, fit_name
from wa_tui.text.cleaning import clean
from wa_tui.text.phone import phone
from wa_tui.text.quiet import quiet_words
from wa_tui.text.why import reason_words, steps_for, why
from wa_tui.tui.fleet.needs import Care, Group, Need, Row
from wa_tui.tui.fleet.state import FleetState
from wa_tui.tui.presenters.rows import READABLE, why_pieces
from wa_tui.tui.style.inks import Ink
from wa_tui.tui.style.palette import LOOKS, Look, gateway_look
from wa_tui.tui.style.pieces import Piece, Pieces
from wa_tui.tui.style.tables import Column
from wa_tui.wire import Attention, AttentionCode, Condition, GatewayView, SessionView, waits_for


class NeedColumn(StrEnum):
    """A column of what needs a person; the value is its title."""

    NEED = "NEED"
    WHO = "WHO"
    GATEWAY = "GATEWAY"
    PHONE = "PHONE"
    FOR = "FOR"
    CARE = "CARE"
    WHY = "WHY"


_SIGN = 2
"""Cells of the sign before a need's word."""
_INDENT = "  "
_NAME, _LONGEST_NAME = 12, 40
_GATEWAY, _LONGEST_GATEWAY = 7, 12
_PHONE, _GROUPED_PHONE = 14, 17
"""Cells of a number as its digits alone, and in groups."""
_OWNERS = frozenset(
    {AttentionCode.SCAN_QR, AttentionCode.PASSKEY, AttentionCode.BANNED, AttentionCode.CONFLICT}
)
"""What its owner has to be called for: then the number stays on the narrowest screen."""
_LONGEST_CARE = 22
_WHY = 31
"""Cells that a reason and what to do about it have at least, in brief; the gateway goes before they do."""
_WHOLE = 1_000
"""Cells that hold any reason."""
_NAMED = 12
"""Cells of a session's reason that more of what to do must leave: NEED has it in brief."""
_REASON = 26
"""Cells that what is said of a cause needs, or how to open it is not said."""
_DETAIL = re.compile(r": | \(")
"""Where the detail of a reason begins."""
_SAID_FIRST = frozenset(
    {AttentionCode.GHOST, AttentionCode.SILENT, AttentionCode.FLAPPING, AttentionCode.CONFLICT}
)
"""What the first words of a reason say: the rest is whose words it was, how often, or for how long."""
_ASKED = 100
"""Sessions of a cause whose reasons are compared: what is said of so many is said of all."""

_KNOWN = Look("!", Ink.AMBER)
_LOOKS = {
    AttentionCode.STORE_FAILED: Look("✖", Ink.RED, bold=True),
    AttentionCode.NOT_LISTENING: Look("✖", Ink.RED, bold=True),
    AttentionCode.WEBHOOKS_REFUSED: Look("✖", Ink.RED, bold=True),
    AttentionCode.HOOK_FAILED: Look("✖", Ink.RED, bold=True),
    AttentionCode.JOB_STOPPED: Look("✖", Ink.RED, bold=True),
    AttentionCode.STORE_DAMAGED: _KNOWN,
    AttentionCode.STORE_HELD: _KNOWN,
    AttentionCode.CONTRADICTION: _KNOWN,
    AttentionCode.UNWANTED: _KNOWN,
    AttentionCode.ORPHAN: _KNOWN,
    AttentionCode.NOTICE: _KNOWN,
    AttentionCode.OTHER: _KNOWN,
}


def need_columns(rows: Collection[Row], now: datetime) -> list[Column]:
    """Return the columns for these rows: none that nothing is in, and none wider than what is in it."""
    needed = _widest(need_word(row.code) for row in rows)
    names = _widest(map(_who, rows))
    least = max(_NAME, _widest(_who(row) for row in rows if isinstance(row, Group)))
    gateways = _widest(map(_gateway, rows))
    care = _widest(_care(_first(row), now) for row in rows)
    has_owner = any(row.code in _OWNERS for row in rows)
    columns = [
        Column(NeedColumn.NEED, max(needed + _SIGN, len(NeedColumn.NEED))),
        Column(NeedColumn.WHO, min(names, least), most=min(names, _LONGEST_NAME)),
        Column(NeedColumn.GATEWAY, max(min(gateways, _LONGEST_GATEWAY), _GATEWAY), shed=2),
        Column(NeedColumn.PHONE, _PHONE, most=_GROUPED_PHONE, shed=3 if has_owner else 0, wholly=True),
        Column(NeedColumn.FOR, 6, shed=1),
        Column(NeedColumn.CARE, min(care, _LONGEST_CARE), shed=0),
        Column(NeedColumn.WHY, _WHY, most=None),
    ]
    has_phone = any(_number(row) for row in rows)
    left_out = {"" if has_phone else NeedColumn.PHONE, "" if care else NeedColumn.CARE}
    return [column for column in columns if column.title not in left_out]


def need_cell(
    row: Row, title: str, width: int, state: FleetState, names: KeyNames, *, tells_care: bool
) -> Pieces:
    """Return the pieces of a need in a column; ``tells_care``: there is no column for that, and WHY says it."""
    need, now = _first(row), state.now
    dim = row.care in (Care.SNOOZED, Care.COVERED)
    plain = Ink.QUIET if dim else Ink.TEXT
    match title:
        case NeedColumn.NEED:
            look = _look(need, state)
            text = fit(f"{look.glyph} {need_word(need.code)}", width)
            return (Piece(text, Ink.QUIET if dim else look.ink, look.bold and not dim),)
        case NeedColumn.WHO:
            return (Piece(fit_name(_who(row), width), Ink.QUIET if dim else Ink.BRIGHT),)
        case NeedColumn.GATEWAY:
            return (Piece(fit(_gateway(row), width), plain),)
        case NeedColumn.PHONE:
            return (Piece(fit(_phone(row, width), width), plain),)
        case NeedColumn.FOR:
            return (Piece(since(need.since, now), plain),)
        case NeedColumn.CARE:
            return (Piece(fit(_care(need, now), width), Ink.QUIET),)
    care = clean(_care(need, now)) if tells_care else ""
    before = f"{care} · " if care else ""
    room = width - cell_len(before)
    text = _of_all(row, now, names, room) if isinstance(row, Group) else _why(need, now, names, room)
    return (Piece(before, Ink.QUIET), Piece(clean(text), plain))


def _look(need: Need, state: FleetState) -> Look:
    if need.gateway is not None and need.code not in _LOOKS:
        return gateway_look(need.gateway.state)
    if need.code in _LOOKS or need.session is None:
        return _LOOKS.get(need.code, _KNOWN)
    return LOOKS[state.condition(need.session.key, state.now)]


def _of_all(group: Group, now: datetime, names: KeyNames, width: int) -> str:
    """Return what is said of all: what each says, where that is the same, else where they are; and what opens them."""
    said = {_why(need, now, {}, _WHOLE) for need in group.members[:_ASKED]}
    places = ", ".join(f"{number} on {name}" for name, number in group.gateways)
    hint = f" · {names['session.details']} {'closes' if group.is_open else 'lists'} them"
    if len(said) > 1:
        return places + hint if cell_len(places + hint) <= width else places
    left = width - cell_len(hint)
    if left < _REASON:
        return _why(group.members[0], now, {}, width)
    return _why(group.members[0], now, {}, left) + hint


def _first(row: Row) -> Need:
    return row.members[0] if isinstance(row, Group) else row


def _widest(texts: Iterable[str]) -> int:
    # Of thousands of rows most have the same gateway and the same care.
    return max((cell_len(clean(text)) for text in set(texts)), default=0)


def _who(row: Row) -> str:
    if isinstance(row, Group):
        return f"{'▾' if row.is_open else '▸'} {len(row.members)} sessions"
    if row.session is not None:
        return f"{_INDENT if row.within else ''}{row.session.label}"
    return row.gateway.name if row.gateway is not None else "this daemon"


def _gateway(row: Row) -> str:
    if isinstance(row, Group):
        (first, _), *others = row.gateways
        return f"{first} +{len(others)}" if others else first
    return row.session.gateway if row.session is not None else NONE


def _number(row: Row) -> str:
    session = row.session if isinstance(row, Need) else None
    return session.phone_number or "" if session is not None else ""


def _phone(row: Row, width: int) -> str:
    """Return its number: in groups where the column has room for all of them, else the digits alone."""
    number = _number(row)
    return phone(number, width if width >= _GROUPED_PHONE else 0) if number else ""


def _care(need: Need, now: datetime) -> str:
    if need.cover:
        return need.cover
    view = need.session or need.gateway
    return "" if view is None else quiet_words(view, now).removeprefix("taken by ")


def _why(need: Need, now: datetime, names: KeyNames, width: int) -> str:
    session = need.session
    if session is None:
        return _of_no_session(need, names, width)
    if need.code is AttentionCode.SCAN_QR:
        scan = why(session, Condition.SCAN_QR, need.home, now=now)
        return _why_text(scan, names, width)
    if session.attention is None:
        return need.why
    if need.code is AttentionCode.DOWN:
        reason = reason_words(session.reason, session.detail) or "down"
        return _why_text(
            Why(f"{reason}, nothing brings it back", steps=[RECONNECT], brief=reason), names, width
        )
    # A session that a person takes care of, or snoozed, needs no next step on its line.
    steps = _steps(session, session.attention, need.home) if need.care is Care.CALLS else ()
    text = session.attention.text
    answer = Why(text, steps=steps)
    brief = _briefly(need.code, text, answer.hints(names), width)
    return _why_text(answer._replace(brief=brief), names, width, readable=_NAMED)


def _briefly(code: AttentionCode, text: str, hints: Sequence[str], width: int) -> str:
    """Return a reason without its detail, its first words alone where there is no room beside what to do; empty: all.

    Of other needs the detail is what a person must know: it is cut where it has no room.
    """
    if code not in _SAID_FIRST:
        return ""
    reason = _DETAIL.split(text)[0]
    if any(cell_len(f"{reason} · {hint}") <= width for hint in hints):
        return reason
    return reason.partition(", ")[0]


def _steps(session: SessionView, attention: Attention, home: GatewayView | None) -> Sequence[Step]:
    """Return what to do for a session, which may wait for its gateway."""
    if home is not None and waits_for(attention.code, home):
        return (first_mend(home.name),)
    return steps_for(attention, session.ghost)


def _of_no_session(need: Need, names: KeyNames, width: int) -> str:
    """Return all needs of a gateway or the daemon; where they do not fit, the worst of them."""
    if need.worst is None or need.care is not Care.CALLS or cell_len(clean(need.why)) <= width:
        return need.why
    return _why_text(Why(need.worst.text, steps=steps_of(need.worst)), names, width)


def _why_text(why: Why, names: KeyNames, width: int, *, readable: int = READABLE) -> str:
    return "".join(piece.text for piece in why_pieces(why, width, names, readable=readable))
