"""What needs a person, in order of urgency."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from tests.needing import BANNED, CONFLICT, DOWN, EXHAUSTED, FLAPPING, ORPHAN, SCAN_QR, UNWANTED
from tests.tui.fake import FakeDaemon
from tests.tui.fleet import HOUR, NOW, ago, busy, clock, session, snapshot, troubled
from tests.tui.places import at
from wa_tui.tui.fleet.state import FleetState
from wa_tui.tui.fleet.urgency import Care, needs
from wa_tui.tui.views import Place
from wa_tui.wire import (
    AcknowledgedView,
    Attention,
    AttentionCode,
    Delta,
    HealingView,
    RefusedView,
    SessionView,
)

NEEDS = Place("needs")
CRM = ("eu-2", "user_7_instance_crm-west")


def found(*sessions: SessionView) -> list[tuple[str, AttentionCode]]:
    state = FleetState(clock)
    state.take(snapshot(sessions=list(sessions), gateways=[]))
    return [(each.key[2].rpartition("_")[2], each.code) for each in needs(state, NOW).values()]


def test_the_most_urgent_first() -> None:
    sessions = [
        session("orphan", orphan=True, attention=ORPHAN),
        session("contradicted", contradiction="the gateway's list says disconnected"),
        session("unwanted", desired="offline", attention=UNWANTED),
        troubled(
            "flapping",
            "disconnected",
            attention=FLAPPING,
            healing=HealingView(state="flapping"),
        ),
        troubled(
            "exhausted",
            "disconnected",
            attention=EXHAUSTED,
            healing=HealingView(state="exhausted"),
        ),
        troubled("down", "disconnected", attention=DOWN),
        troubled("scan", "qr_pending", attention=SCAN_QR),
        troubled("conflict", "disconnected", reason="conflict", attention=CONFLICT),
        troubled("banned", "auth_failed", reason="banned", attention=BANNED),
        troubled("healed", "disconnected", healing=HealingView(state="waiting")),
        session("well"),
    ]
    names = [name for name, _ in found(*sessions)]
    assert names == [
        "banned",
        "conflict",
        "scan",
        "exhausted",
        "flapping",
        "down",
        "unwanted",
        "orphan",
        "contradicted",
    ], "what calls nobody comes last"


def test_what_is_taken_on_comes_after_and_what_is_snoozed_last() -> None:
    taken = AcknowledgedView(who="bo@ops", at=NOW)
    sessions = [
        troubled(
            "snoozed",
            "auth_failed",
            reason="banned",
            attention=BANNED,
            snoozed_until=NOW + HOUR,
        ),
        troubled(
            "taken",
            "disconnected",
            reason="conflict",
            attention=CONFLICT,
            acknowledged=taken,
        ),
        troubled(
            "new",
            "disconnected",
            attention=DOWN,
            status_since=ago(HOUR),
        ),
        troubled(
            "old",
            "disconnected",
            attention=DOWN,
            status_since=ago(2 * HOUR),
        ),
        troubled(
            "woken",
            "qr_pending",
            attention=SCAN_QR,
            snoozed_until=NOW - timedelta(seconds=1),
        ),
    ]
    assert [name for name, _ in found(*sessions)] == ["woken", "old", "new", "taken", "snoozed"]


async def test_the_screen_says_who_needs_what_and_who_takes_care() -> None:
    async with at(NEEDS) as screen:
        await screen.shows("Needs you · 8 · 1 taken care of · 1 snoozed · 2 to know of")
        names = [line[18:30].split()[0] for line in screen.lines[2:14]]
        assert names == ["us-1", "ap-1", "billing-old", "support-fr", "onboarding", "worker-9", "courier-2",
                         "ghost", "crm-west", "promo", "field-team", "this"]  # fmt: skip
        assert "gateway down" in screen.line("us-1") and "wrong key" in screen.line("ap-1")
        assert screen.line("onboarding").endswith("waiting for the phone · o shows the QR")
        assert "bo@ops 4m" in screen.line("crm-west") and "snoozed 2h" in screen.line("promo")
        assert "3 sessions" in screen.line("us-1")
        assert "97 % full" in screen.line("this daemon")


async def test_what_gateways_and_the_daemon_need_is_between_them_by_urgency() -> None:
    refused = Attention(
        code=AttentionCode.WEBHOOKS_REFUSED, text="3 webhooks refused: wrong key", action="set it"
    )
    stopped = Attention(code=AttentionCode.JOB_STOPPED, text="The job health began last 5 min ago")
    full = Attention(code=AttentionCode.STORE_FAILED, text="the disk is full", action="make room")
    stranger = RefusedView(peer="10.0.0.9", kind="control_key", count=2000, last_at=NOW)
    async with at(NEEDS) as screen:
        state = screen.app.state
        assert state.daemon is not None
        screen.daemon.push(
            Delta(
                gateways=[msgspec.structs.replace(state.gateways["eu-1"], attention=[refused])],
                daemon=msgspec.structs.replace(state.daemon, attention=[stopped, full], refused=[stranger]),
            )
        )
        await screen.shows("Needs you · 11", "3 to know of")
        words = [line[2:17].strip() for line in screen.lines[2:8]]
        assert words == ["cannot store", "gateway down", "wrong key", "refused", "job stopped", "banned"]
        assert "the disk is full; make room" in screen.line("cannot store")
        assert "3 webhooks refused: wrong key; set it" in screen.line("✖ refused")
        assert "2000 requests refused from 10.0.0.9: wro" in "\n".join(screen.lines)
        await screen.press(*["down"] * 3, "enter")
        await screen.shows("eu-1 · http", "3 webhooks refused: wrong key", "To do        set it")


async def test_narrow_care_stands_before_the_reason() -> None:
    async with at(NEEDS, (80, 24)) as screen:
        assert "bo@ops 4m · opened elsewhere" in screen.line("crm-west")


async def test_the_session_under_the_cursor_can_be_acted_on() -> None:
    async with at(NEEDS) as screen:
        await screen.press(*["down"] * 5, "r")
        assert [(one.action, one.session_id) for one in screen.daemon.asked] == [
            ("reconnect", "user_7_instance_worker-9")
        ]
        await screen.press("a")
        assert screen.daemon.asked[-1].action == "acknowledge"
        await screen.press("enter")
        assert screen.view == Place("details", ("eu-1", "user_7_instance_worker-9"))
        await screen.press("escape", "y")
        assert screen.view == Place("raw", ("eu-1", "user_7_instance_worker-9"))


async def test_a_gateway_opens_its_own_views_and_takes_no_action() -> None:
    async with at(NEEDS) as screen:
        assert screen.line("us-1").startswith("▌")
        await screen.press("r")
        assert "no session is under the cursor" in screen.said and not screen.daemon.asked
        await screen.press("enter")
        assert screen.view == Place("gateways", gateway="us-1")
        await screen.press("escape", "l")
        assert screen.view == Place("log", gateway="us-1")


async def test_the_cursor_follows_as_needs_come_and_go() -> None:
    async with at(NEEDS) as screen:
        await screen.press(*["down"] * 4)
        assert screen.line("onboarding").startswith("▌")
        screen.daemon.push(
            Delta(
                sessions=[
                    troubled(
                        "worst",
                        "auth_failed",
                        reason="banned",
                        attention=BANNED,
                    )
                ]
            )
        )
        screen.daemon.change(CRM, acknowledged=None)
        await screen.shows("Needs you · 10 · 1 snoozed · 2 to know of")
        assert screen.line("onboarding").startswith("▌")
        screen.daemon.change(("eu-1", "user_7_instance_onboarding"), status="connected", attention=None,
                             proven_at=NOW)  # fmt: skip
        await screen.hides("onboarding")
        assert screen.line("worker-9").startswith("▌")


async def test_nothing_needs_a_person() -> None:
    well = snapshot(sessions=[session("well")], gateways=[], events=[])
    async with at(NEEDS, daemon=FakeDaemon(well)) as screen:
        await screen.shows("nothing needs a person")
        screen.daemon.push(busy())
        await screen.shows("billing-old")


async def test_header_list_and_status_count_the_same() -> None:
    async with at(NEEDS) as screen:
        counts = screen.app.state.counts(screen.app.state.now)
        listed = needs(screen.app.state, screen.app.state.now).values()
        assert counts.needs_person == sum(need.care is Care.CALLS for need in listed) == 8
        assert counts.acknowledged == sum(need.care is Care.TAKEN for need in listed)
        assert counts.snoozed == sum(need.care is Care.SNOOZED for need in listed)
