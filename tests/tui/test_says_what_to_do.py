"""WHY, in every state that a session can be in and in every width: the cause comes first, and it ends in what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import product

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from tests.needing import need
from tests.tui.fleet import NOW
from wa_tui.keys.table import KEY_NAMES
from wa_tui.text.answer import Why
from wa_tui.text.why import why
from wa_tui.tui.presenters.rows import why_pieces
from wa_tui.wire import (
    AttentionCode,
    Condition,
    GatewayHealingView,
    GatewayView,
    GhostView,
    HealingView,
    SessionView,
    SilentView,
    settled,
)
from wa_tui.wire.reasons import REASON_WORDS

WIDTHS = range(20, 61)
URL = "http://db-3.example:3000"
ID = "user_7_instance_sales"
IDLE = "Health check detected disconnection"
TOO_LONG = "Navigation timeout of 30000 ms exceeded while waiting for the page to load"

STATUSES = (
    "unknown",
    "initializing",
    "qr_pending",
    "authenticated",
    "connected",
    "disconnected",
    "auth_failed",
)
REASONS = (None, *REASON_WORDS, "other")
WORDS = (None, IDLE, TOO_LONG)
HEALING = (
    None,
    HealingView(state="waiting", attempts=2, next_at=NOW + timedelta(seconds=40)),
    HealingView(state="starting", attempts=3),
    HealingView(state="held", attempts=1, why="gateway eu-1 restores by itself"),
    HealingView(state="held", next_at=NOW + timedelta(minutes=3), why=f"starts fail on eu-1: {TOO_LONG}"),
    HealingView(
        state="flapping", attempts=4, next_at=NOW + timedelta(minutes=9), why="flapping: 9 drops in 60 min"
    ),
    HealingView(state="exhausted", attempts=12, next_at=NOW, why="12 attempts in an hour failed"),
)
GATEWAYS = (
    None,
    GatewayView(name="eu-1", url=URL, state="up"),
    GatewayView(name="eu-1", url=URL, state="slow"),
    GatewayView(name="eu-1", url=URL, state="up",
                healing=GatewayHealingView(paused_until=NOW + timedelta(minutes=4), why=TOO_LONG)),
    GatewayView(name="eu-1", url=URL, state="up", attention=[need("healing_paused", "no session starts", "see there")]),
    GatewayView(name="eu-1", url=URL, state="unknown"),
    GatewayView(name="eu-1", url=URL, state="restarting"),
    GatewayView(name="eu-1", url=URL, state="down", detail="connection refused", advice="start eu-1 on db-3.example"),
    GatewayView(name="eu-1", url=URL, state="down"),
    GatewayView(name="eu-1", url=URL, state="unauthorised", detail="Invalid API key"),
    GatewayView(name="eu-1", url=URL, state="unauthorised", detail="the proxy before eu-1 (nginx) asks for a token",
                proxy_refuses=True, advice="have it let wa-tui through without, or set headers of this gateway"),
)  # fmt: skip

TO_DO = (
    *(
        "reconnects",
        "shows the code",
        "new code",
        "starts a new code",
        "disconnects",
        "checks it",
        "shows its log",
    ),
    *("nothing to do", "nothing to do yet", "nothing to do, it comes back", "comes back", "wait", "mend it"),
    *("nothing to do, it is looked into", "looked into"),
    *("see that it starts", "see to it"),
    *(
        "set its key",
        "see its proxy",
        "call its owner",
        "close the other",
        "end that browser",
        "see its host",
        "see its phone",
        "give the passkey",
        "mend gateway eu-1 first",
        "mend its gateway",
    ),
    *(
        "see its details",
        "that eu-1 runs",
        "on db-3.example",
        "service's key",
        "and do this about it",
        "see that proxy",
    ),
    "headers of this gateway",
    *("reconnect needed", "scan needed", "disconnect needed", "checked by itself", "see its log"),
)
"""What a text may end in: a verb that says what to do, or that nothing is to be done."""

HEALS = re.compile(
    r"(^| · )(retry \d+( now| in \S+| under way)?|held back(: .+)?|"
    r"healing paused( \d+m)?(, it goes on by itself|, see its gateway)?|"
    r"(see its host|go there and do this about it), healing paused( \d+m)?)$"
)
"""What healing does."""


def _sessions() -> Iterator[SessionView]:
    needs = (
        None,
        *(
            need(code, f"what is the matter with {code}", "go there and do this about it")
            for code in AttentionCode
        ),
    )
    for status, reason, detail, healing in product(STATUSES, REASONS, WORDS, HEALING):
        for credentials, desired in (("stored", "online"), ("needs_scan", "online"), ("stored", "offline")):
            yield SessionView(
                gateway="eu-1", session_id=ID, status=status, reason=reason, detail=detail, healing=healing,
                credentials=credentials, desired=desired,
            )  # fmt: skip
    for status, needed, contradiction in product(STATUSES, needs, (None, "its list says disconnected")):
        yield SessionView(
            gateway="eu-1", session_id=ID, status=status, attention=needed, contradiction=contradiction,
            unanswered="no answer within 10 s", qr="d" if status == "qr_pending" else None,
        )  # fmt: skip
    silent, ghost = SilentView(since=NOW, usual_s=120), GhostView(since=NOW, detail="denied")
    for silence, haunt, healing, needed in product(
        (None, silent), (None, ghost, replace(ghost, restarted_at=NOW)), HEALING, needs
    ):
        yield SessionView(
            gateway="eu-1", session_id=ID, status="connected", silent=silence, ghost=haunt, healing=healing,
            attention=needed if needed is None or needed.code in ("ghost", "silent") else None,
        )  # fmt: skip
    yield SessionView(gateway="eu-1", session_id=ID, action="a1")
    yield SessionView(gateway="eu-1", session_id=ID, orphan=True)


def _whys() -> Iterator[tuple[Why, bool]]:
    """Yield every different WHY once, and whether it is of one that is well."""
    seen = set()
    for session in _sessions():
        registers = settled(session)
        founds = {registers} if registers is not Condition.CONNECTED else {registers, Condition.CLAIMED}
        for found, gateway, gone in product(founds, GATEWAYS, (False, True)):
            told = why(session, found, gateway, gone=gone, now=NOW)
            told = told._replace(steps=tuple(told.steps))
            if told not in seen:
                seen.add(told)
                yield told, found is Condition.CONNECTED


@pytest.mark.parametrize("read_only", [False, True], ids=["every key", "read-only"])
def test_why_ends_in_what_to_do_in_every_width(read_only: bool) -> None:
    names = {id: name for id, name in KEY_NAMES.items() if not read_only or not id.startswith("session.")}
    wrong = []
    for told, well in _whys():
        if well and not told.text:
            continue
        for width in WIDTHS:
            text = "".join(piece.text for piece in why_pieces(told, width, names))
            end = text.rpartition(" · ")[2]
            letter = re.fullmatch(r"\S", end) is not None
            if (
                cell_len(text) > width
                or letter
                or not (text.endswith(TO_DO) or HEALS.search(text))
                or text.startswith(("…", " "))
            ):
                wrong.append((width, text))
    assert not wrong, f"{len(wrong)} of them: {wrong[:20]}"


def test_the_cause_comes_before_any_address() -> None:
    for told, _ in _whys():
        text = "".join(piece.text for piece in why_pieces(told, 400))
        for late in (URL, ID):
            assert late not in text
