"""The facts of a session in words, for its details."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from textual.content import Content

from wa_tui.tui.fleet.state import FleetState
from wa_tui.tui.look.palette import LOOKS, Ink, Palette
from wa_tui.tui.look.ribbon import cells, uptime
from wa_tui.tui.look.theme import ink_style
from wa_tui.tui.words.ages import since
from wa_tui.tui.words.phone import phone
from wa_tui.tui.words.text import cut, fit
from wa_tui.tui.words.times import iso
from wa_tui.tui.words.why import reason_words, why
from wa_tui.wire import GatewayView, SessionView

_LABEL = 13
_TWO_COLUMNS = 96
_RIBBON = 48
_NONE = "–"


class Fact(NamedTuple):
    """One line: what it is about, and what is so."""

    label: str
    text: str
    ink: Ink = Ink.TEXT


class Facts(NamedTuple):
    """Three groups: how it is and why, the account, the evidence; and the last 24 h."""

    state: list[Fact]
    account: list[Fact]
    evidence: list[Fact]
    history: tuple[list[str], float | None]


def facts(session: SessionView, state: FleetState, *, iso_times: bool = False) -> Facts:
    """Gather what is known of a session; instants as a clock shows them, or in ISO 8601."""
    now, gateway = state.now, state.gateways.get(session.gateway)
    gaps = gateway.gaps if gateway else ()
    ribbon = cells(session.history, gaps, now, _RIBBON)
    return Facts(
        _state(session, state),
        _account(session, gateway, now),
        _evidence(session, now, iso_times),
        (ribbon, uptime(session.history, gaps, now)),
    )


def _state(session: SessionView, state: FleetState) -> list[Fact]:
    found = state.condition(session.key, state.now)
    look, now = LOOKS[found], state.now
    gateway = state.gateways.get(session.gateway)
    receipt = state.receipts.get(session.action or "")
    told = why(session, found, gateway, receipt=receipt, gone=not state.connected)
    step = f" · {told.step.long}" if told.step else ""
    shown = [Fact("Status", f"{look.glyph} {found} for {since(session.status_since, now)}", look.ink)]
    if told.text:
        shown.append(Fact("Why", told.text + step, told.ink))
    if session.reason or session.words:
        words = reason_words(session.reason, session.words)
        own = f" ({session.words})" if session.words and session.words != words else ""
        shown.append(Fact("Reason", words + own))
    for label, text in (
        ("Needs you", session.attention),
        ("Contradiction", session.contradiction),
        ("Silence", session.silence),
    ):
        if text and text != told.text:
            shown.append(Fact(label, text, Ink.AMBER))
    return shown


def _account(session: SessionView, gateway: GatewayView | None, now: datetime) -> list[Fact]:
    number = phone(session.phone_number, 24) if session.phone_number else _NONE
    user = _NONE if session.user_id is None else str(session.user_id)
    return [
        Fact("Phone", number),
        Fact("User", f"{user}{' · primary' if session.is_primary else ''}"),
        Fact("Wanted", session.desired),
        Fact("Credentials", session.credentials.replace("_", " ")),
        Fact("Gateway", _gateway(session, gateway, now)),
    ]


def _gateway(session: SessionView, gateway: GatewayView | None, now: datetime) -> str:
    if gateway is None:
        return session.gateway
    latency = (
        f" · {gateway.latency_ms} ms" if gateway.latency_ms is not None and gateway.state == "up" else ""
    )
    return f"{session.gateway} · {gateway.state} for {since(gateway.since, now)}{latency}"


def _evidence(session: SessionView, now: datetime, iso_times: bool) -> list[Fact]:
    return [
        Fact("Connected", _ago(session.connected_at, now, iso_times)),
        Fact("Observed", _ago(session.observed_at, now, iso_times)),
        Fact("Proven", _ago(session.proven_at, now, iso_times)),
    ]


def _ago(at: datetime | None, now: datetime, iso_times: bool) -> str:
    """An instant as local time and age."""
    if at is None:
        return _NONE
    told = iso(at) if iso_times else f"{at.astimezone():%d %b %H:%M:%S %Z}"
    return f"{told} · {since(at, now)} ago"


def content(shown: Facts, width: int, palette: Palette) -> Content:
    """The facts in a room of ``width`` cells: two columns where they fit."""
    left, right = shown.state, [*shown.account, *shown.evidence]
    history = _history(shown, width, palette)
    if width < _TWO_COLUMNS:
        lines = [*(_line(fact, width) for fact in left), history, *(_line(fact, width) for fact in right)]
    else:
        half = width // 2
        rows = range(max(len(left), len(right)))
        pairs = (_pair(left[row : row + 1], right[row : row + 1], half, width - half) for row in rows)
        lines = [*pairs, Content(""), history]
    return Content("\n").join(lines)


def _pair(left: list[Fact], right: list[Fact], half: int, rest: int) -> Content:
    first = _line(left[0], half - 2) if left else Content("")
    padding = " " * (half - first.cell_length)
    return Content.assemble(first, padding, _line(right[0], rest) if right else "")


def _line(fact: Fact, width: int) -> Content:
    text = cut(fact.text, max(width - _LABEL, 1))
    style = ink_style(fact.ink, bold=fact.label == "Status")
    return Content.assemble((fit(fact.label, _LABEL), ink_style(Ink.QUIET)), (text, style))


def _history(shown: Facts, width: int, palette: Palette) -> Content:
    ribbon, share = shown.history
    parts: list[tuple[str, str]] = [(fit("24 h", _LABEL), ink_style(Ink.QUIET))]
    for code in ribbon[-max(width - _LABEL - 8, 1) :]:
        glyph, ink = palette.ribbon(code)
        parts.append((glyph, ink_style(ink)))
    if share is not None:
        parts.append((f"  {share:.1f} %", ink_style(Ink.TEXT)))
    return Content.assemble(*parts)
