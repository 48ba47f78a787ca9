"""What goes through the sessions: the busiest, the silent, the failing."""

from __future__ import annotations

import pytest

from tests.tui.fake import FakeDaemon
from tests.tui.fleet import HOUR, MINUTE, ago, session, snapshot
from tests.tui.places import At, at
from wa_tui.tui.views import Place
from wa_tui.wire import GhostView, SessionView, SilentView, TrafficSeries, TrafficView

TRAFFIC = Place("traffic")


def fleet() -> list[SessionView]:
    busy = TrafficView(received=120, sent=30, failed=1, received_at=ago(MINUTE), hours=[0] * 22 + [4, 8])
    failing = TrafficView(received=0, sent=9, failed=7, sent_at=ago(5 * MINUTE), hours=[1] * 24)
    quiet = TrafficView(received=0, sent=0, failed=0, sent_at=ago(2 * HOUR), hours=[0] * 24)
    return [
        session("busy", traffic=busy),
        session("failing", traffic=failing),
        session("quiet", traffic=quiet, silent=SilentView(since=ago(HOUR), usual_s=120)),
        session("gone", "eu-2", traffic=quiet, ghost=GhostView(since=ago(2 * HOUR), detail="denied")),
        session("untold", "eu-2"),
    ]


def named(screen: At) -> list[str]:
    """The sessions of the rows, in their order."""
    names = {one.label for one in fleet()}
    return [word for line in screen.lines for word in line.split()[:4] if word in names]


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_busiest_the_silent_and_the_failing_are_a_key_apart(size: tuple[int, int]) -> None:
    async with at(TRAFFIC, size, FakeDaemon(snapshot(sessions=fleet()))) as screen:
        await screen.shows("Traffic · 5 sessions, in the last hour: 120 in, 39 out")
        assert named(screen)[:2] == ["busy", "failing"] and "untold" not in named(screen)
        assert screen.line("busy").split()[3:7] == ["120", "30", "1", "<1m"]
        await screen.press("tab")
        await screen.shows("silent for 59m", "2 Silent   3 Failing   · 2")
        assert named(screen) == ["gone", "quiet"] and "ghost" in screen.line("gone")
        await screen.press("3")
        await screen.shows("FAILED/H")
        assert named(screen) == ["failing", "busy"]
        await screen.press("enter")
        await screen.shows("Timeline")


async def test_the_filter_works_on_what_is_shown_and_on_the_sums() -> None:
    async with at(TRAFFIC, daemon=FakeDaemon(snapshot(sessions=fleet()))) as screen:
        await screen.shows("Traffic · 5 sessions")
        await screen.press("slash", *"failing", "enter")
        await screen.shows("Traffic · 1 session, in the last hour: 0 in, 9 out")
        assert named(screen)[-1:] == ["failing"]
        await screen.press("2")
        await screen.shows("no session is silent against its habit that the filter admits")
        await screen.press("escape")
        await screen.shows("Traffic · 5 sessions", "quiet")


async def test_where_nothing_is_told_that_is_said() -> None:
    async with at(TRAFFIC, daemon=FakeDaemon(snapshot(sessions=[session("a")]))) as screen:
        await screen.shows("nothing is told", "no gateway tells how many messages go through its sessions")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_details_have_a_day_of_each_flow_below_the_ribbon(size: tuple[int, int]) -> None:
    daemon = FakeDaemon(snapshot(sessions=fleet()))
    daemon.series = TrafficSeries(
        since=ago(24 * HOUR), step_s=60, counts={"received": [0] * 1380 + [2] * 60, "sent": [1] * 1440}
    )
    async with at(Place("details", fleet()[0].key), size, daemon) as screen:
        if size[0] < 96:
            await screen.shows("Timeline")
            await screen.press("4")
        await screen.shows("In 24 h", "Last")
        ribbon, received, sent = (screen.line(label) for label in ("  24 h", "In 24 h", "Out 24 h"))
        assert received.split()[3:5] == ["█", "120"] and sent.split()[4] == "1440"
        assert received.index("█") == ribbon.index("▆") + 23 == sent.rindex("█")
        assert screen.line("Acked 24 h").split()[3] == "–", "not told is no 0"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("busy", "a message every 3 min at this hour; the last one less than a minute ago"),
        ("quiet", "a message every 2 min at this hour; silent for 59 min"),
    ],
)
@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
async def test_details_say_what_is_usual_in_plain_words(size: tuple[int, int], name: str, words: str) -> None:
    daemon = FakeDaemon(snapshot(sessions=fleet()))
    daemon.series = TrafficSeries(since=ago(24 * HOUR), step_s=60, usual_s=200)
    one = next(each for each in fleet() if each.session_id.endswith(name))
    async with at(Place("details", one.key), size, daemon) as screen:
        await screen.shows("Timeline")
        if size[0] < 96:
            await screen.press("4")
            await screen.shows("In 24 h")
            await screen.press("end")
            words = words.partition(" less")[0]
        await screen.shows("Usually", words)


async def test_details_say_where_nothing_is_told() -> None:
    async with at(Place("details", fleet()[-1].key), daemon=FakeDaemon(snapshot(sessions=fleet()))) as screen:
        await screen.shows("not told by its gateway")
