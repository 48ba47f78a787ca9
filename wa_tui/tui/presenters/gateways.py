"""Gateways as the cells of a table, with their sessions by condition in as many cells as there are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from wa_tui.text.advice import steps_of
from wa_tui.text.ages import since
from wa_tui.text.answer import Tone, Why
from wa_tui.text.cells import NONE, fit
from wa_tui.text.cleaning import clean
from wa_tui.text.columns import GatewayColumn
from wa_tui.text.counts import many
from wa_tui.text.gateways import PROVES_NOTHING
from wa_tui.text.quiet import PAUSED, paused_words, quiet_words, stays_paused
from wa_tui.tui.fleet.state import FleetState
from wa_tui.tui.presenters.rows import why_pieces
from wa_tui.tui.style.inks import Ink
from wa_tui.tui.style.palette import LOOKS, gateway_standing
from wa_tui.tui.style.pieces import Piece, Pieces, width_of
from wa_tui.tui.style.ribbon import spark
from wa_tui.tui.style.tables import Column
from wa_tui.wire import Condition, GatewayView, gateway_needs

_SHOWN = (
    Condition.CONNECTED,
    Condition.DISCONNECTED,
    Condition.AUTH_FAILED,
    Condition.GHOST,
    Condition.SCAN_QR,
    Condition.STARTING,
    Condition.CLAIMED,
    Condition.UNKNOWN,
    Condition.OFFLINE,
)
_FIRST_SHED = (
    Condition.OFFLINE,
    Condition.UNKNOWN,
    Condition.STARTING,
    Condition.CLAIMED,
    Condition.CONNECTED,
    Condition.SCAN_QR,
    Condition.DISCONNECTED,
    Condition.AUTH_FAILED,
    Condition.GHOST,
)
_TOGETHER = "\u00a0"
_OFF = "off "
_NOBODY = (Piece("none", Ink.QUIET),)
_CLOCK_OFF_MS = 2000
_KIND = Column(GatewayColumn.KIND, 10, shed=6)
COLUMNS = (
    Column(GatewayColumn.GATEWAY, 10, most=16),
    Column(GatewayColumn.STATE, 12, most=14),
    Column(GatewayColumn.AGE, 6, shed=4),
    Column(GatewayColumn.LATENCY, 4, shed=5, right=True),
    Column(GatewayColumn.SESSIONS, 15, most=26, shed=7),
    Column(GatewayColumn.CAPACITY, 8, shed=2, right=True),
    Column(GatewayColumn.RESTARTS, 8, shed=0, right=True),
    Column(GatewayColumn.MISSING, 7, shed=6, right=True),
    Column(GatewayColumn.DRIFT, 5, shed=1, right=True),
    Column(GatewayColumn.RATE, 12, most=30, shed=3),
    Column(GatewayColumn.WHY, 28, most=None),
)
COLUMNS_WITH_KIND = (COLUMNS[0], _KIND, *COLUMNS[1:])
"""The same where there are two kinds."""


def named_conditions(there: Mapping[Condition, int]) -> Pieces:
    """Return how many sessions are in each condition, with its word."""
    pieces: list[Piece] = []
    for condition in _SHOWN:
        if number := there.get(condition):
            look = LOOKS[condition]
            text = f"{look.glyph} {number} {condition}".replace(" ", _TOGETHER)
            pieces += [Piece(text, look.ink, look.bold), Piece("  ")]
    return tuple(pieces) or _NOBODY


def short_conditions(there: Mapping[Condition, int], width: int) -> Pieces:
    """Return how many sessions are in each condition, as glyph and number; ``+9`` are those there is no room for.

    What is down is shed last: a fleet's healthy thousands must not push out the one that is not.
    """
    shown = [condition for condition in _SHOWN if there.get(condition)]
    shed = 0
    for condition in _FIRST_SHED:
        pieces = _short(there, shown, shed)
        if width_of(pieces) <= width:
            break
        if condition in shown and len(shown) > 1:
            shown.remove(condition)
            shed += there[condition]
    return _short(there, shown, shed) or _NOBODY


def _short(there: Mapping[Condition, int], shown: list[Condition], shed: int) -> Pieces:
    pieces: list[Piece] = []
    for condition in shown:
        look = LOOKS[condition]
        # Off by wish and down have one glyph: without its word, and without colours, the one would be the other.
        sign = _OFF if condition is Condition.OFFLINE else look.glyph
        text = f"{sign}{there[condition]}".replace(" ", _TOGETHER)
        pieces += [Piece(" "), Piece(text, look.ink, look.bold)]
    if shed:
        pieces += [Piece(" "), Piece(f"+{shed}", Ink.QUIET)]
    return tuple(pieces[1:])


def gateway_cell(
    gateway: GatewayView, title: str, width: int, state: FleetState, ascii: bool, *, counted: bool = False
) -> Pieces:
    """Return a gateway's cell in a column; ``counted`` where another column has the number of missing webhooks."""
    now = state.now
    match title:
        case GatewayColumn.GATEWAY:
            return (Piece(fit(gateway.name, width), Ink.BRIGHT),)
        case GatewayColumn.KIND:
            return (Piece(fit(gateway.kind or NONE, width), Ink.QUIET),)
        case GatewayColumn.STATE:
            return (_state(gateway, width),)
        case GatewayColumn.AGE:
            return (Piece(since(gateway.since, now)),)
        case GatewayColumn.LATENCY:
            latency = gateway.latency_ms
            slow = Ink.AMBER if gateway.state == "slow" else Ink.TEXT
            return (Piece(NONE, Ink.QUIET) if latency is None else Piece(str(latency), slow),)
        case GatewayColumn.SESSIONS:
            return short_conditions(sessions_there(gateway.name, state), width)
        case GatewayColumn.CAPACITY:
            return (_capacity(gateway),)
        case GatewayColumn.RESTARTS | GatewayColumn.MISSING | GatewayColumn.DRIFT:
            return (_number(gateway, title),)
        case GatewayColumn.RATE:
            return (Piece(spark(gateway.per_minute, width, ascii), Ink.GREEN),)
    quiet = quiet_words(gateway, now)
    why = gateway_why(gateway, now, counted=counted)
    before = f"{quiet}{' · ' if why else ''}" if quiet else ""
    if (needs := gateway_needs(gateway)) and not quiet:
        # What to do about the worst is the last that is lost.
        worst = Why(needs[0].text, Tone.BAD, steps_of(needs[0]))
        why = (*why_pieces(worst, width), *why[1:])
    return (Piece(before, Ink.QUIET), *why) if before else why


def _number(gateway: GatewayView, title: str) -> Piece:
    if title == GatewayColumn.RESTARTS:
        return _count(gateway.restarts, Ink.TEXT)
    return _count(
        gateway.drift if title == GatewayColumn.DRIFT else gateway.hour.get("missing", 0), Ink.AMBER
    )


def _state(gateway: GatewayView, width: int) -> Piece:
    look, word = gateway_standing(gateway)
    if word == PAUSED and len(word) + 2 > width:
        word = "paused"
    return Piece(fit(f"{look.glyph} {word}", width), look.ink, bold=look.bold)


def gateway_why(gateway: GatewayView, now: datetime, *, counted: bool = False) -> Pieces:
    """Return what is the matter with a gateway, the worst first; nothing where all is well."""
    troubles = [Piece(clean(need.text), Ink.RED) for need in gateway_needs(gateway)]
    if gateway.state == "slow" and gateway.detail:
        troubles.append(Piece(clean(gateway.detail), Ink.AMBER))
    elif gateway.state == "restarting":
        troubles.append(Piece(clean(gateway.detail or "restoring its sessions by itself"), Ink.AMBER))
    elif gateway.state == "returned":
        troubles.append(Piece(clean(gateway.detail or "restoring its sessions, if it restarted"), Ink.AMBER))
    if paused := paused_words(gateway, now):
        # Where it stays so, what a person is needed for says why.
        why = gateway.healing.why if gateway.healing is not None and not stays_paused(gateway) else ""
        troubles.append(Piece(clean(f"{paused}: {why}" if why else paused), Ink.AMBER))
    if missing := gateway.hour.get("missing"):
        number = "" if counted else f"{missing} "
        troubles.append(Piece(f"{number}{'webhook' if missing == 1 else 'webhooks'} missing", Ink.AMBER))
    if unreadable := gateway.unreadable_rows:
        troubles.append(Piece(f"{many(unreadable, 'row')} of its list unreadable", Ink.AMBER))
    if is_clock_off(gateway):
        troubles.append(Piece(f"its clock is {clock_words(gateway)}", Ink.AMBER))
    if is_full(gateway):
        troubles.append(Piece("full", Ink.AMBER))
    if gateway.read_only:
        troubles.append(Piece("read-only", Ink.QUIET))
    if not gateway.proves and not gateway_needs(gateway):
        troubles.append(Piece(PROVES_NOTHING, Ink.QUIET))
    parts: list[Piece] = []
    for piece in troubles:
        parts += [Piece(" · ", Ink.QUIET), piece] if parts else [piece]
    return tuple(parts)


def clock_words(gateway: GatewayView) -> str:
    """Return how its clock differs from ours."""
    offset = gateway.clock_offset_ms
    if offset is None:
        return NONE
    if not offset:
        return "the same as ours"
    amount = f"{abs(offset)} ms" if abs(offset) < 10_000 else f"{abs(offset) / 1000:.0f} s"
    return f"{amount} {'ahead' if offset > 0 else 'behind'}"


def is_clock_off(gateway: GatewayView) -> bool:
    """Tell whether its clock is off by more than design §3 takes for granted."""
    return abs(gateway.clock_offset_ms or 0) > _CLOCK_OFF_MS


def is_full(gateway: GatewayView) -> bool:
    """Tell whether it holds as many sessions as it can."""
    return gateway.limit is not None and gateway.sessions >= gateway.limit


def _count(number: int, ink: Ink) -> Piece:
    return Piece(str(number), ink, bold=ink is Ink.AMBER) if number else Piece("0", Ink.QUIET)


def _capacity(gateway: GatewayView) -> Piece:
    of = "" if gateway.limit is None else f"/{gateway.limit}"
    return Piece(f"{gateway.sessions}{of}", Ink.AMBER if is_full(gateway) else Ink.TEXT)


def sessions_there(name: str, state: FleetState) -> Mapping[Condition, int]:
    """Return how many of a gateway's sessions are in each condition."""
    return state.counts(state.now).by_gateway.get(name, {})
