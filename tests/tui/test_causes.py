"""The summary by cause: counted as it changes, and told in the lines and cells that there are."""

from __future__ import annotations

import random
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.needing import FLAPPING, SCAN_QR, need
from tests.tui.fleet import GATEWAYS, NOW, ago, clock, session, snapshot, troubled
from tests.tui.outbreak import NO_BROWSER, PAUSED, RESTARTING, WELL
from wa_tui.text.why import why
from wa_tui.tui.fleet.assessment import CauseCount, CauseCounts, Held, summary
from wa_tui.tui.fleet.state import FleetState
from wa_tui.tui.presenters.causes import summary_lines
from wa_tui.tui.presenters.rows import why_pieces
from wa_tui.tui.style.pieces import leads_at, width_of
from wa_tui.wire import (
    AcknowledgedView,
    Cause,
    Condition,
    Delta,
    GatewayHealingView,
    GatewayView,
    HealingView,
    SessionView,
)

NAMES = [f"shop-{number}" for number in range(30)]
KINDS: tuple[dict[str, object], ...] = (
    {},
    {"status": "disconnected", "reason": "browser_died"},
    {"status": "disconnected", "reason": "conflict", "attention": need("conflict", "opened elsewhere")},
    {"status": "qr_pending", "attention": SCAN_QR},
    {"status": "qr_pending", "attention": SCAN_QR, "snoozed_until": NOW + timedelta(hours=1)},
    {"attention": FLAPPING, "acknowledged": AcknowledgedView(who="ana", at=NOW)},
    {"status": "initializing", "proven_at": None},
    {"proven_at": None},
)


def test_counts_kept_as_they_change_are_those_from_scratch() -> None:
    dice, state = random.Random(7), FleetState(clock)
    state.apply(snapshot(sessions=[session(name) for name in NAMES], gateways=list(WELL)))
    for _ in range(200):
        changed = [
            session(dice.choice(NAMES), dice.choice(("eu-1", "eu-2")), **dice.choice(KINDS))
            for _ in range(dice.randrange(4))
        ]
        gateways: list[GatewayView] = []
        if dice.random() < 0.3:
            quiet = dice.choice((None, NOW + timedelta(hours=1)))
            change = dice.choice((*WELL, RESTARTING, PAUSED, GATEWAYS[2]))
            gateways = [msgspec.structs.replace(change, snoozed_until=quiet)]
        removed = [dice.choice([*state.sessions])] if dice.random() < 0.2 else []
        state.apply(Delta(sessions=changed, gateways=gateways, removed=removed))
        state.drain()
        for gateway in (None, "eu-2"):
            assert state.causes(state.now, gateway) == state.copy().causes(state.now, gateway)
        assert state.causes(state.now).total + state.causes(state.now).quiet == sum(
            standing.cause is not None
            for key in state.sessions
            if (standing := state.assessment(key, state.now))
        )


counts = st.lists(st.sampled_from(Cause), unique=True, min_size=1, max_size=12).flatmap(
    lambda causes: st.builds(
        lambda calling, numbers, quiet: CauseCounts(
            tuple(
                CauseCount(cause, number, at < calling, ("eu-2",))
                for at, (cause, number) in enumerate(zip(causes, numbers, strict=True))
            ),
            quiet,
        ),
        st.integers(0, len(causes)),
        st.lists(st.integers(1, 9_999), min_size=len(causes), max_size=len(causes)),
        st.integers(0, 500),
    )
)


@given(counts, st.integers(20, 200), st.integers(1, 2), st.booleans())
def test_what_is_told_fits_and_is_what_a_click_finds(
    found: CauseCounts, width: int, most: int, chosen: bool
) -> None:
    gateways = {each.name: each for each in (*WELL[:1], PAUSED)}
    first = found.causes[0].cause if chosen else None
    lines = summary_lines(found, gateways, NOW, chosen=first, width=width, most=most)
    assert 1 <= len(lines) <= most and all(width_of(line) <= width for line in lines)
    told = list(dict.fromkeys(piece.leads for line in lines for piece in line if piece.leads))
    assert told == [each.cause for each in found.causes][: len(told)], "the first of them, in their order"
    for line in lines:
        clicked = [leads_at(line, x) for x in range(width)]
        assert {*clicked} == {piece.leads for piece in line} and clicked[0] == ""


@given(counts)
def test_eighty_columns_tell_of_at_least_four_causes(found: CauseCounts) -> None:
    told = {piece.leads for line in summary_lines(found, {}, NOW, width=80) for piece in line if piece.leads}
    assert len(told) >= min(len(found.causes), 4)


def held(*those: tuple[str, Cause, str, int]) -> CauseCounts:
    counted = {Held(gateway, cause, voice): number for gateway, cause, voice, number in those}  # type: ignore[arg-type]
    return summary(counted, {each.name: each for each in (*WELL, DOWN)}, NOW)


DOWN = GatewayView(name="ap-1", url="http://ap-1:3000", state="down", since=ago(timedelta(minutes=2)))


def test_who_calls_comes_first_by_urgency_then_the_most() -> None:
    found = held(
        ("eu-1", Cause.STARTING, "mute", 3),
        ("eu-2", Cause.BROWSER_DIED, "mute", 500),
        ("eu-2", Cause.SCAN_QR, "calls", 2),
        ("eu-1", Cause.SCAN_QR, "calls", 1),
        ("us-1", Cause.BANNED, "calls", 1),
        ("us-1", Cause.FLAPPING, "quiet", 9),
        ("ap-1", Cause.GATEWAY_DOWN, "mute", 40),
    )
    assert [(each.cause, each.number, each.calls) for each in found.causes] == [
        (Cause.GATEWAY_DOWN, 40, True),
        (Cause.BANNED, 1, True),
        (Cause.SCAN_QR, 3, True),
        (Cause.BROWSER_DIED, 500, False),
        (Cause.STARTING, 3, False),
    ]
    assert (found.causes[2].gateways, found.quiet, found.total) == (("eu-1", "eu-2"), 9, 547)


def text(gateway: GatewayView) -> str:
    found = CauseCounts((CauseCount(Cause.HEALING_PAUSED, 6, False, (gateway.name,)),))
    gateways = {each.name: each for each in (WELL[0], gateway)}
    return "".join(piece.text for piece in summary_lines(found, gateways, NOW, width=80)[0])


def test_a_pause_is_told_as_long_as_it_stays() -> None:
    assert text(PAUSED) == " 6 starts fail (eu-2, healing paused 1m)"
    trial = msgspec.structs.replace(
        PAUSED, healing=GatewayHealingView(), attention=[need("healing_paused", "no session starts")]
    )
    assert text(trial) == " 6 starts fail (eu-2, healing paused)"
    assert text(WELL[1]) == " 6 starts fail (eu-2)"


def test_a_session_that_is_gone_is_counted_no_more() -> None:
    state = FleetState(clock)
    one = troubled("sales", "disconnected", reason="missing")
    state.apply(snapshot(sessions=[one], gateways=list(WELL)))
    assert state.causes(state.now).causes == (CauseCount(Cause.MISSING, 1, False, ("eu-1",)),)
    state.apply(Delta(removed=[one.key]))
    assert state.causes(state.now) == CauseCounts()


STAYS = msgspec.structs.replace(PAUSED, attention=[need("healing_paused", "no session starts", "see there")])
WAITS = troubled(
    "sales", "disconnected", "eu-2", reason="browser_died", healing=HealingView(state="waiting", next_at=NOW)
)
UNABLE = msgspec.structs.replace(WAITS, attention=NO_BROWSER)


@pytest.mark.parametrize(
    ("one", "gateway", "width", "told"),
    [
        (WAITS, PAUSED, 28, "starts fail · healing paused"),
        (WAITS, PAUSED, 45, "starts fail · healing paused 1m"),
        (WAITS, PAUSED, 54, "starts fail · healing paused 1m, it goes on by itself"),
        (WAITS, STAYS, 54, "starts fail · healing paused 1m, see its gateway"),
        (UNABLE, PAUSED, 28, "no browser · see its host"),
        (UNABLE, PAUSED, 45, "no browser · see its host, healing paused 1m"),
        (UNABLE, STAYS, 59, "no browser · allow user namespaces there, healing paused 1m"),
        (WAITS, WELL[1], 45, "browser died · retry 1 now"),
    ],
)
def test_a_row_says_that_healing_is_paused(
    one: SessionView, gateway: GatewayView, width: int, told: str
) -> None:
    pieces = why_pieces(why(one, Condition.DISCONNECTED, gateway, now=NOW), width)
    assert "".join(piece.text for piece in pieces) == told
