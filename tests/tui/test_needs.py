"""What needs a person, in order of urgency."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from tests.needing import BANNED, CONFLICT, DOWN, EXHAUSTED, FLAPPING, ORPHAN, SCAN_QR, UNWANTED, need
from tests.tui.fake import FakeDaemon
from tests.tui.fleet import HOUR, MINUTE, NOW, ago, busy, clock, session, snapshot, troubled
from tests.tui.places import at
from tests.tui.until import until
from wa_tui.tui.fleet.needs import MANY, Care, Group, Need, Row, grouped, needs
from wa_tui.tui.fleet.state import FleetState
from wa_tui.tui.views import Place
from wa_tui.wire import (
    AcknowledgedView,
    Attention,
    AttentionCode,
    Delta,
    GatewayView,
    GhostView,
    HealingView,
    RefusedView,
    SessionView,
    Snapshot,
)

NEEDS = Place("needs")
CRM = ("eu-2", "user_7_instance_crm-west")


def needs_of(first: Snapshot) -> list[Row]:
    """The rows of a fleet, none open."""
    state = FleetState(clock)
    state.apply(first)
    return list(grouped(needs(state, NOW), ()).values())


def found(*sessions: SessionView) -> list[tuple[str, AttentionCode]]:
    state = FleetState(clock)
    state.apply(snapshot(sessions=list(sessions), gateways=[]))
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
        assert screen.line("onboarding").endswith("waiting for the phone · o shows the code")
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
        detail = [line[2:17].strip() for line in screen.lines[2:8]]
        assert detail == ["cannot store", "gateway down", "wrong key", "refused", "job stopped", "banned"]
        assert "the disk is full; make room" in screen.line("cannot store")
        assert "3 webhooks refused: wrong key; set it" in screen.line("✖ refused")
        assert "2000 requests refused from 10.0.0.9: wro" in "\n".join(screen.lines)
        await screen.press(*["down"] * 3, "enter")
        await screen.shows("eu-1 · http", "3 webhooks refused: wrong key", "To do        set it")


@pytest.mark.parametrize(
    ("code", "reason", "restarted", "words"),
    [
        ("conflict", "opened elsewhere (CONFLICT)", False, "opened elsewhere"),
        ("ghost", "ghost, restarted in vain: WhatsApp's server has no such account", True, "ghost"),
    ],
)
async def test_narrow_the_reason_and_what_to_do_are_whole(
    code: str, reason: str, restarted: bool, words: str
) -> None:
    attention = need(code, reason, "compare it with its phone, then link it anew")
    ghost = GhostView(since=NOW, restarted_at=NOW if restarted else None)
    one = session("desk-0", attention=attention, ghost=ghost if code == "ghost" else None)
    async with at(NEEDS, (80, 24), FakeDaemon(snapshot(sessions=[one], gateways=[]))) as screen:
        line = screen.line("desk-0").rstrip()
        assert "…" not in line and words in line
        assert line.endswith("see its phone" if restarted else "close the other"), "a restart helps no more"


async def test_narrow_care_stands_before_the_reason() -> None:
    async with at(NEEDS, (80, 24)) as screen:
        assert "bo@ops 4m · opened elsewhere" in screen.line("crm-west")


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (120, 40)])
async def test_what_is_said_to_do_is_what_the_grid_says_in_every_width(size: tuple[int, int]) -> None:
    full = need("browser_unable", "browser cannot start: disk full on db-3.example", "free some space")
    daemon = FakeDaemon(snapshot(sessions=[troubled("desk-0", "disconnected", attention=full)], gateways=[]))
    async with at(NEEDS, size, daemon) as screen:
        assert " browser" in screen.line("desk-0")
        assert screen.line("desk-0").rstrip().endswith("… · free some space")


async def test_the_number_to_call_stays_on_the_narrowest_screen_and_nothing_stands_empty() -> None:
    scans = [troubled(f"desk-{number}", "qr_pending", attention=SCAN_QR) for number in range(2)]
    daemon = FakeDaemon(snapshot(sessions=scans, gateways=[]))
    async with at(NEEDS, (80, 24), daemon) as screen:
        assert screen.line("NEED").split() == ["NEED", "WHO", "GATEWAY", "PHONE", "WHY"]
        assert "+491525550" in screen.line("desk-0") and "+491525550" in screen.line("desk-1")
        daemon.push(
            Delta(sessions=[msgspec.structs.replace(scans[0], phone_number=None, snoozed_until=NOW + HOUR)])
        )
        await screen.shows("snoozed 1h")
        assert "PHONE" in screen.line("NEED") and "+49" not in screen.line("desk-0")
        daemon.push(Delta(sessions=[msgspec.structs.replace(scans[1], phone_number=None)]))
        await screen.hides("PHONE", "+49")


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


def shops(number: int, first: int = 0) -> list[SessionView]:
    """Sessions that flap, on two gateways; each name differs from the others at its end alone."""
    return [
        troubled(
            f"customer-support-berlin-{each:02}",
            "disconnected",
            "eu-2" if each % 3 == 0 else "eu-1",
            attention=FLAPPING,
            reason="navigation",
            status_since=ago(each * MINUTE),
        )
        for each in range(first, first + number)
    ]


def stormy() -> list[SessionView]:
    """88 that flap, some that wait for their owners, and one that is banned."""
    scans = [
        troubled(
            f"branch-{each}", "disconnected", attention=SCAN_QR, reason="logout", credentials="needs_scan"
        )
        for each in range(3)
    ]
    return [*shops(88), *scans, troubled("old", "auth_failed", reason="banned", attention=BANNED)]


def test_many_of_one_cause_are_one_row_and_others_are_not() -> None:
    unable = [
        troubled(
            f"u{each}", "disconnected", attention=need("browser_unable", f"it fails on eu-{1 + each % 2}")
        )
        for each in range(12)
    ]
    taken = [
        msgspec.structs.replace(each, acknowledged=AcknowledgedView(who="bo@ops", at=NOW))
        for each in shops(6, 50)
    ]
    rows = needs_of(snapshot(sessions=[*unable, *shops(20), *taken, *shops(4, 80)], gateways=[]))
    assert [len(row.members) for row in rows if isinstance(row, Group)] == [6, 6, 24, 6]
    assert [row for row in rows if isinstance(row, Need)] == []
    few = needs_of(snapshot(sessions=shops(MANY - 1), gateways=[]))
    assert all(isinstance(row, Need) for row in few) and len(few) == MANY - 1


async def test_88_that_flap_are_one_row_until_it_is_opened() -> None:
    async with at(NEEDS, (120, 40), FakeDaemon(snapshot(sessions=stormy()))) as screen:
        await screen.shows("Needs you · 93")
        assert len([line for line in screen.lines if "flapping" in line]) == 1
        assert "▸ 88 sessions" in screen.line("flapping") and "eu-1 +1" in screen.line("flapping")
        await screen.press("end", "enter")
        await screen.shows("▾ 88 sessions", "rt-berlin-87", "rt-berlin-86", "enter Close")
        assert screen.line("88 sessions").startswith("▌"), "the cursor stays on the cause"
        await screen.press("down", "down", "r")
        assert screen.daemon.asked[-1].session_id == "user_7_instance_customer-support-berlin-86"
        await screen.press("up", "up", "enter")
        await screen.shows("▸ 88 sessions")
        await screen.hides("rt-berlin-87")


async def test_a_cause_out_of_sight_counts_for_all_of_its_sessions() -> None:
    banned = [troubled(f"old-{each}", "auth_failed", reason="banned", attention=BANNED) for each in range(4)]
    scans = [troubled(f"desk-{each}", "qr_pending", attention=SCAN_QR) for each in range(4)]
    sessions = [*banned, *scans, *shops(88)]
    async with at(NEEDS, (80, 12), FakeDaemon(snapshot(sessions=sessions, gateways=[]))) as screen:
        await screen.shows("Needs you · 96", "88 need you below")
        await screen.press("end", "enter")
        await screen.shows("above", "▼ 83 below")
        assert sum("rlin-" in line for line in screen.lines) == 5, "some of those that were opened are seen"


async def test_names_are_told_apart_by_their_ends_where_they_are_cut() -> None:
    async with at(NEEDS, (80, 24), FakeDaemon(snapshot(sessions=shops(3), gateways=[]))) as screen:
        names = [line[14:28].split()[0] for line in screen.lines[2:5]]
        assert len(set(names)) == 3 and all("…" in name for name in names)


async def test_a_and_z_on_a_cause_are_about_all_of_its_sessions_and_ask_first() -> None:
    async with at(NEEDS, (120, 40), FakeDaemon(snapshot(sessions=shops(7), gateways=[]))) as screen:
        await screen.press("a")
        await screen.shows("Acknowledge 7 sessions?")
        await screen.press("escape")
        await screen.shows("cancelled, nothing done")
        assert not screen.daemon.asked
        await screen.press("z")
        await screen.shows("Snooze 7 sessions")
        await screen.type(enter=True)
        await screen.shows("Snooze 7 sessions?")
        await screen.type("7")
        await until(screen.pilot, lambda: len(screen.daemon.asked) == 7)
        assert {(one.action, one.minutes) for one in screen.daemon.asked} == {("snooze", 120)}
        assert len({one.session_id for one in screen.daemon.asked}) == 7


async def test_what_is_for_one_session_is_not_offered_for_a_cause() -> None:
    async with at(NEEDS, (120, 40), FakeDaemon(snapshot(sessions=stormy(), gateways=[]))) as screen:
        await screen.shows("o QR", "enter Details")
        await screen.press("end")
        await screen.shows("enter Open")
        await screen.hides("o QR")
        await screen.press("o")
        assert "no session is under the cursor" in screen.said


async def test_sessions_that_a_quieted_gateway_covers_come_after_those_that_call() -> None:
    sessions = [
        troubled("gone", "disconnected", "us-1", attention=DOWN, reason="missing"),
        troubled("left", "disconnected", "us-1", attention=SCAN_QR, reason="logout"),
    ]
    gateway = GatewayView(name="us-1", url="", state="down", snoozed_until=NOW + HOUR)
    async with at(NEEDS, (120, 40), FakeDaemon(snapshot(sessions=sessions, gateways=[gateway]))) as screen:
        await screen.shows("Needs you · 1 · 1 snoozed · 1 covered")
        assert "scan QR" in screen.lines[2] and "left" in screen.lines[2]
        assert "snoozed 1h" in screen.lines[3] and "us-1" in screen.lines[3]
        assert "gone" in screen.lines[4] and "covered 1h" in screen.lines[4]
        await screen.press("end", "enter")
        await screen.shows("Covered", "by gateway us-1: snoozed 1h")


@pytest.mark.parametrize(("width", "told"), [(120, "mend gateway us-1 first"), (80, "mend its gateway")])
async def test_a_scan_waits_for_its_gateway(width: int, told: str) -> None:
    waiting = session("sales", "us-1", status="qr_pending", credentials="needs_scan", attention=SCAN_QR)
    expired = msgspec.structs.replace(waiting, reason="qr_expired")
    async with at(NEEDS, (width, 30), daemon=FakeDaemon(snapshot(sessions=[expired]))) as screen:
        await screen.shows("scan QR", told)
        await screen.press("end", "enter")
        await screen.shows("once gateway us-1", "answers")
        await screen.hides("starts a new code")
        await screen.press("o")
        await screen.shows("This code has expired. us-1: connection refused.", "To do: see that us-1 runs.")
