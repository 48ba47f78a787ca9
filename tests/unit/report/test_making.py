"""What a report says of gateways, gaps, deeds and sessions that are gone; and how much it holds."""

from __future__ import annotations

from datetime import timedelta

from tests.needing import BANNED, DOWN, FLAPPING, need
from wa_tui.report import make_report, markdown
from wa_tui.report import making as report_making
from wa_tui.report.fold import MOST
from wa_tui.wire import AcknowledgedView, AttentionCode, GatewayView, Receipt, SessionView, TrafficView

from .memory import Memory, at


def up(name: str = "eu", **fields: object) -> GatewayView:
    return GatewayView(name=name, url="http://x", **({"state": "up", "since": at(0)} | fields))  # type: ignore[arg-type]


def connected(session_id: str, **fields: object) -> SessionView:
    known = {"status": "connected", "status_since": at(0), "connected_at": at(0)} | fields
    return SessionView(gateway="eu", session_id=session_id, **known)  # type: ignore[arg-type]


def deed(id: str, second: float, action: str, **fields: object) -> Receipt:
    known = {
        "gateway": "eu",
        "session_id": "a",
        "who": "anna",
        "outcome": "verified",
        "ended_at": at(second + 1),
    }
    return Receipt(id=id, action=action, accepted_at=at(second), **(known | fields))  # type: ignore[arg-type]


async def test_a_gateway_that_was_down_before_and_one_that_still_is() -> None:
    memory = Memory(
        at(5000), gateways=[up("eu", since=at(2100)), up("us", state="down", since=at(500), detail="refused")]
    )
    memory.say(800, "eu", None, "gateway", before="up", after="down", detail="timed out")
    memory.say(2000, "eu", None, "gateway", before="down", after="restarting")
    memory.say(2100, "eu", None, "gateway", before="restarting", after="up")
    made = await make_report(memory, at(1000))
    us, eu = made.outages
    assert (us.gateway, us.begin, us.end, us.cause, us.detail) == (
        "us",
        at(500),
        None,
        "gateway_down",
        "refused",
    )
    assert (eu.gateway, eu.begin, eu.end, eu.cause, eu.detail) == (
        "eu",
        at(800),
        at(2100),
        "gateway_down",
        "timed out",
    )
    assert (us.down_s, eu.down_s) == (4000, 1100)
    assert [(need.code, need.needed_s) for need in made.needs] == [
        (AttentionCode.GATEWAY_DOWN, 4000),
        (AttentionCode.GATEWAY_DOWN, 1000),
    ]
    assert [(each.gateway, each.outages, each.down_s) for each in made.by_gateway] == [
        ("eu", 1, 1100),
        ("us", 1, 4000),
    ]
    assert [each.gateway for each in made.open] == ["us"]
    narrow = await make_report(memory, at(1000), gateway="eu")
    assert {each.gateway for each in narrow.outages} == {"eu"} and narrow.open == []


async def test_what_nobody_watched_is_named_and_counted_apart() -> None:
    memory = Memory(
        at(5000), views=[connected("a", status="disconnected", status_since=at(1500), reason="logout")]
    )
    memory.say(900, None, None, "daemon", text="started", until=at(1200))
    memory.say(1500, "eu", "a", "status", before="connected", after="disconnected", reason="logout")
    memory.say(2000, None, None, "daemon", text="started again", until=at(2600))
    memory.say(4000, None, None, "daemon", text="the clock was set back")
    made = await make_report(memory, at(1000))
    assert [(each.at, each.until) for each in made.daemon] == [
        (at(900), at(1200)),
        (at(2000), at(2600)),
        (at(4000), None),
    ]
    (outage,) = made.outages
    assert (outage.down_s, outage.unwatched_s) == (3500, 600)
    assert "10 min of it not watched" in markdown(made)


async def test_a_report_that_ends_earlier_knows_nothing_of_what_came_after() -> None:
    memory = Memory(
        at(5000), views=[connected("a", status_since=at(3000)), connected("b", status_since=at(4000))]
    )
    memory.say(100, "eu", "b", "adopted", after="connected")
    memory.say(900, "eu", "b", "status", before="connected", after="disconnected", reason="browser_died")
    memory.say(1500, "eu", "a", "status", before="connected", after="disconnected", reason="browser_died")
    memory.say(3000, "eu", "a", "status", before="disconnected", after="connected")
    memory.say(4000, "eu", "b", "status", before="disconnected", after="connected")
    made = await make_report(memory, at(1000), at(2000))
    assert [(each.session_id, each.begin, each.ended, each.down_s) for each in made.outages] == [
        ("b", at(900), "open", 1000),
        ("a", at(1500), "open", 500),
    ]


async def test_what_is_gone_ends_when_it_was_deleted_or_unseen() -> None:
    memory = Memory(at(5000))
    for second, name in ((1500, "a"), (1600, "b"), (1700, "c")):
        memory.say(second, "eu", name, "status", before="connected", after="disconnected", reason="logout")
    memory.say(1900, "eu", "c", "removed")
    memory.receipts = [deed("1", 2000, "delete")]
    made = await make_report(memory, at(1000))
    assert [(each.session_id, each.end, each.ended) for each in made.outages] == [
        ("a", at(2001), "removed"),
        ("b", None, "removed"),
        ("c", at(1900), "removed"),
    ]
    assert "not known: it is gone" in markdown(made)


async def test_deeds_messages_and_attempts() -> None:
    memory = Memory(
        at(5000), views=[connected("a", instance_name="sales", status="qr_pending", status_since=at(1500))]
    )
    memory.say(1500, "eu", "a", "status", before="connected", after="qr_pending")
    memory.receipts = [
        deed("1", 1400, "snooze", who="early"),
        deed("2", 1600, "acknowledge"),
        deed("3", 1700, "snooze", who="bert"),
        *(deed(f"h{n}", 1800 + n, "reconnect", who="heal", outcome="no_effect") for n in range(7)),
        *(deed(f"m{n}", 1900 + n, "send", who="api") for n in range(3)),
        deed("9", 9000, "reconnect"),
    ]
    made = await make_report(memory, at(1000))
    assert [(each.who, each.action, each.instance_name) for each in made.actions] == [
        ("early", "snooze", "sales"),
        ("anna", "acknowledge", "sales"),
        ("bert", "snooze", "sales"),
    ]
    assert [(each.who, each.action, each.outcome, each.number) for each in made.counts] == [
        ("api", "send", "verified", 3),
        ("heal", "reconnect", "no_effect", 7),
    ]
    (need,) = made.needs
    assert (need.taken_by, need.taken_at) == ("anna", at(1600))


async def test_ten_thousand_events_of_five_thousand_sessions_come_in_pages_and_are_bounded() -> None:
    names = [f"s{number}" for number in range(5000)]
    memory = Memory(at(50_000), views=[connected(name, user_id=str(n % 50)) for n, name in enumerate(names)])
    for number, name in enumerate(names):
        memory.say(
            number, "eu", name, "status", before="connected", after="disconnected", reason="browser_died"
        )
    for number, name in enumerate(names):
        memory.say(10_000 + number, "eu", name, "status", before="disconnected", after="connected")
    made = await make_report(memory, at(-10))
    assert (len(made.outages), made.left_out, memory.largest) == (5000, {}, 500)
    # Those that were down when it begins are looked up, up to a bound, and the others are said to be.
    late = await make_report(memory, at(9_000))
    assert len(late.outages) == 5000
    assert late.not_looked_up == 5000 - report_making.LOOKED_UP
    assert sum(each.begin is None for each in late.outages) == late.not_looked_up
    assert f"{late.not_looked_up} sessions were not connected before" in markdown(late)
    for lap in range(1, 3):
        for number, name in enumerate(names):
            memory.say(15_000 * lap + number, "eu", name, "status", before="connected", after="initializing")
            memory.say(
                15_000 * lap + number + 60, "eu", name, "status", before="initializing", after="connected"
            )
    full = await make_report(memory, at(-10))
    assert len(full.outages) == MOST and full.left_out == {"outages": 10_000}
    assert sum(each.session_outages for each in full.by_gateway) == MOST + full.left_out["outages"]
    assert len(markdown(full).splitlines()) < 400


async def test_times_are_told_with_their_day_where_there_are_several() -> None:
    memory = Memory(at(90_000), views=[connected("a")])
    memory.say(50, "eu", "a", "status", before="connected", after="disconnected", reason="browser_died")
    memory.say(86_500, "eu", "a", "status", before="disconnected", after="connected")
    made = await make_report(memory, memory.now - timedelta(days=2))
    (outage,) = made.outages
    assert outage.down_s == 86_450
    assert "1 d" in markdown(made)


async def test_what_is_open_says_who_takes_care_of_it_or_of_its_gateway() -> None:
    taken = AcknowledgedView(who="bo@ops", at=at(0))
    views = [
        connected("lost", status="disconnected", reason="missing", attention=DOWN),
        connected("banned", status="disconnected", reason="banned", attention=BANNED),
        connected("mine", status="disconnected", attention=DOWN, acknowledged=taken),
    ]
    snoozed = up("eu", state="down", snoozed_until=at(9000))
    made = await make_report(Memory(at(5000), gateways=[snoozed], views=views), at(1000))
    assert {each.session_id: each.quiet for each in made.open} == {
        None: "snoozed until 2026-11-23 14:30",
        "lost": "covered by its gateway: snoozed until 2026-11-23 14:30",
        "banned": "",
        "mine": "bo@ops takes care of it",
    }


async def test_what_drops_without_a_word_while_its_gateway_restarts_drops_for_that() -> None:
    memory = Memory(at(5000), gateways=[up("eu", since=at(2100))], views=[connected("a"), connected("b")])
    memory.say(1500, "eu", None, "gateway", before="up", after="restarting")
    memory.say(1600, "eu", "a", "status", before="connected", after="initializing")
    memory.say(1700, "eu", "a", "status", before="initializing", after="connected")
    memory.say(2100, "eu", None, "gateway", before="restarting", after="up")
    memory.say(2200, "eu", "b", "status", before="connected", after="initializing")
    memory.say(2300, "eu", "b", "status", before="initializing", after="connected")
    made = await make_report(memory, at(1000))
    assert [(each.session_id, each.cause) for each in made.outages] == [
        (None, "gateway_restarting"),
        ("a", "gateway_restarting"),
        ("b", None),
    ]


async def test_a_daemon_that_starts_again_and_again_is_told_as_often_as_somebody_reads() -> None:
    memory = Memory(at(90_000))
    for number in range(1500):
        memory.say(10 * number, None, None, "daemon", text="started", until=at(10 * number + 5))
    made = await make_report(memory, at(5_000))
    assert len(made.daemon) == 1000 and made.daemon[0].until == at(5_000 + 5)
    assert made.left_out == {}
    whole = await make_report(memory, at(0))
    assert whole.left_out == {"daemon": 500}
    early = await make_report(memory, at(0), at(95))
    assert len(early.daemon) == 10
    assert "- 1400 earlier starts and gaps: --format json has more." in markdown(whole)


async def test_who_starts_a_session_anew_is_the_cause_of_its_outage() -> None:
    memory = Memory(at(5000), views=[connected("a"), connected("b")])
    for second, name in ((1500, "a"), (1600, "b"), (3000, "a")):
        memory.say(second, "eu", name, "status", before="connected", after="initializing")
        memory.say(second + 9, "eu", name, "status", before="initializing", after="connected")
    memory.receipts = [
        deed("1", 1499, "reconnect", ended_at=at(1510)),
        deed("2", 2990, "snooze", ended_at=at(3100)),
    ]
    made = await make_report(memory, at(1000))
    assert [(each.session_id, each.cause, each.detail) for each in made.outages] == [
        ("a", "action", "reconnect by anna"),
        ("b", None, ""),
        ("a", None, ""),
    ]
    assert "| reconnect by anna |" in markdown(made)


async def test_what_is_open_now_is_among_what_needed_a_person_or_said_to_be_undated() -> None:
    unable = need("browser_unable", "browser cannot start: disk full on vm", "free some space")
    views = [
        connected("unable", status="initializing", status_since=at(1500), attention=unable),
        connected("banned", status="disconnected", status_since=at(1600), reason="banned", attention=BANNED),
        connected("flaps", status_since=at(1700), attention=FLAPPING),
    ]
    paused = need("healing_paused", "disk full on vm: no session starts, healing stays paused")
    memory = Memory(at(5000), gateways=[up("eu", attention=[paused])], views=views)
    memory.say(1400, "eu", "unable", "status", before="connected", after="disconnected", reason="navigation")
    memory.say(1500, "eu", "unable", "status", before="disconnected", after="initializing")
    memory.say(1600, "eu", "banned", "status", before="connected", after="disconnected", reason="banned")
    made = await make_report(memory, at(1000))
    assert [(each.session_id, each.code, each.begin, each.end) for each in made.needs] == [
        ("unable", AttentionCode.BROWSER_UNABLE, at(1500), None),
        ("banned", AttentionCode.BANNED, at(1600), None),
    ]
    assert {each.code: each.since for each in made.open}[AttentionCode.HEALING_PAUSED] is None
    shown = markdown(made)
    assert "## Open now: 4 need a person" in shown and "## Needed a person: 2" in shown
    assert "2 more of what is open now: since when it needs a person is not stored." in shown
    assert shown.count("| no browser |") == 2, "one word for it, that of `:needs`"
    assert "2 more of what" not in markdown(await make_report(memory, at(1000), at(2000)))


async def test_messages_are_summed_by_gateway_in_whole_hours() -> None:
    memory = Memory(at(7 * 3600 + 1800), gateways=[up("eu"), up("us")])
    hours = [1000] * 20 + [1, 20, 300, 4000]
    memory.views = [
        connected("a", traffic=TrafficView(hours=hours)),
        connected("b", traffic=TrafficView(hours=hours)),
        connected("untold", traffic=TrafficView(received=3)),
    ]
    now = memory.now
    newest = now.replace(minute=0, second=0, microsecond=0)
    whole = await make_report(memory, newest - timedelta(minutes=70))
    [eu] = whole.traffic
    assert (eu.gateway, eu.messages, eu.sessions) == ("eu", 2 * 4320, 2)
    assert eu.since == newest - timedelta(hours=2)
    assert "## Messages" in markdown(whole) and "| `eu` | 8640 | 2 |" in markdown(whole)
    [ended] = (
        await make_report(memory, newest - timedelta(minutes=70), newest - timedelta(minutes=5))
    ).traffic
    assert ended.messages == 2 * 320
    assert (await make_report(memory, newest - timedelta(days=2))).traffic == [], "half a sum misleads"


async def test_what_was_unlinked_from_here_is_no_outage_and_its_new_code_needs_a_person() -> None:
    memory = Memory(at(5000), gateways=[up()])
    memory.views = [connected("a", status_since=at(4000))]
    changes = [
        ("connected", "disconnected"),
        ("disconnected", "qr_pending"),
        ("qr_pending", "connected"),
    ]
    for second, (before, after) in zip((2000, 3000, 4000), changes, strict=True):
        reason = None if after == "connected" else "unlinked"
        memory.say(second, "eu", "a", "status", before=before, after=after, reason=reason, detail="anna")
    made = await make_report(memory, at(1000))
    assert made.outages == []
    assert [(each.code, each.begin, each.end) for each in made.needs] == [
        (AttentionCode.SCAN_QR, at(3000), at(4000))
    ]
