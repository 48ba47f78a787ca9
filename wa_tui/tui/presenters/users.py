"""Users as the cells of a table."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from wa_tui.text.cells import NONE, cut, fit
from wa_tui.text.cleaning import clean
from wa_tui.text.columns import TrafficColumn
from wa_tui.text.traffic import number_words
from wa_tui.tui.fleet.users import UserRow
from wa_tui.tui.style.inks import Ink
from wa_tui.tui.style.palette import LOOKS
from wa_tui.tui.style.pieces import Piece, Pieces
from wa_tui.tui.style.tables import Column


class UserColumn(StrEnum):
    """A column of the users; the value is its title."""

    USER = "USER"
    SESSIONS = "SESSIONS"
    CONNECTED = "CONNECTED"
    TROUBLE = "TROUBLE"
    NEED_YOU = "NEED YOU"
    RECEIVED = TrafficColumn.RECEIVED.value
    SENT = TrafficColumn.SENT.value
    UP = "UP"
    GATEWAYS = "GATEWAYS"
    PRIMARY = "PRIMARY"


COLUMNS = (
    Column(UserColumn.USER, 10, most=24),
    Column(UserColumn.SESSIONS, 8, right=True),
    Column(UserColumn.CONNECTED, 9, right=True),
    Column(UserColumn.TROUBLE, 7, right=True),
    Column(UserColumn.NEED_YOU, 8, right=True),
    Column(UserColumn.RECEIVED, 6, shed=3, right=True),
    Column(UserColumn.SENT, 6, shed=2, right=True),
    Column(UserColumn.UP, 5, shed=1, right=True),
    Column(UserColumn.GATEWAYS, 10, most=24, shed=0),
    Column(UserColumn.PRIMARY, 14, most=None),
)

NO_USER = "no user id"


def user_cell(row: UserRow, title: str, width: int, up: Callable[[], float | None]) -> Pieces:
    """Return a user's cell in a column; ``up`` tells the uptime in percent, which takes a while."""
    match title:
        case UserColumn.USER:
            return (_user(row, width),)
        case UserColumn.SESSIONS:
            return (Piece(str(row.sessions)),)
        case UserColumn.CONNECTED:
            return (_number(row.connected, Ink.GREEN if row.proven == row.connected else Ink.MOSS),)
        case UserColumn.TROUBLE:
            return (_number(row.troubled, Ink.AMBER),)
        case UserColumn.NEED_YOU:
            return (_number(row.calling, Ink.RED),)
        case UserColumn.RECEIVED:
            return (_messages(row.received),)
        case UserColumn.SENT:
            return (_messages(row.sent),)
        case UserColumn.UP:
            share = up()
            return (Piece(NONE, Ink.QUIET) if share is None else Piece(f"{share:.1f}"),)
        case UserColumn.GATEWAYS:
            return (Piece(cut(" ".join(row.gateways), width), Ink.QUIET),)
    return _primary(row, width)


def _user(row: UserRow, width: int) -> Piece:
    if row.user_id is None:
        return Piece(fit(NO_USER, width), Ink.QUIET)
    return Piece(fit(clean(row.user_id) or NONE, width), Ink.BRIGHT)


def _number(number: int, ink: Ink) -> Piece:
    return Piece(str(number), ink) if number else Piece("0", Ink.QUIET)


def _messages(number: int | None) -> Piece:
    return Piece(number_words(number), Ink.TEXT if number else Ink.QUIET)


def _primary(row: UserRow, width: int) -> Pieces:
    """Return the session that is asked first, and how it is; none is good to know, where one is to be."""
    if row.primary is None:
        return (Piece(NONE if row.user_id is None else "none", Ink.QUIET),)
    look = LOOKS[row.primary_is]
    return (Piece(f"{look.glyph} ", look.ink, look.bold), Piece(cut(row.primary.label, max(width - 2, 1))))
