"""The fleet by user, and the sessions of one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tui.fake import FakeDaemon
from tests.tui.fleet import clock, session, snapshot, troubled
from tests.tui.places import At, at
from tests.tui.until import until
from wa_tui.filters.fields import quoted
from wa_tui.filters.sessions import parse
from wa_tui.tui.fleet.order import Order
from wa_tui.tui.fleet.state import FleetState
from wa_tui.tui.fleet.users import Users
from wa_tui.tui.screens.main import MainScreen
from wa_tui.tui.views import Place
from wa_tui.wire import Delta, SessionView, TrafficView

USERS = Place("users")


def fleet() -> list[SessionView]:
    return [
        session("a1", user_id="7", is_primary=True),
        session("a2", user_id="7"),
        session("b1", user_id="007"),
        troubled("c1", "disconnected", user_id="acme gmbh"),
        session("d1", user_id=None),
        session("d2", user_id=None),
    ]


def names(screen: At) -> set[str]:
    root = screen.app.screen_stack[0]
    assert isinstance(root, MainScreen)
    return {key[1].rpartition("_")[2] for key in root.grid.keys}


def rows(screen: At) -> list[str]:
    return [" ".join(line.split()) for line in screen.lines if "▌" in line or line.startswith(" ")]


def cells(screen: At, user: str) -> list[str]:
    """The cells of a user's row."""
    rows = (line.strip("▌ ").split() for line in screen.lines)
    return next(row for row in rows if row[:1] == [user])


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_each_user_has_a_row_and_who_needs_a_person_is_on_top(size: tuple[int, int]) -> None:
    async with at(USERS, size, FakeDaemon(snapshot(sessions=fleet()))) as screen:
        await screen.shows("Users · 3 · 1 with trouble")
        begun = [" ".join(line.strip("▌ ").split()[:4]) for line in screen.lines if line[1:3].strip()]
        order = [row for row in begun if row.split()[0] in ("acme", "7", "007", "no")]
        assert [row.split()[0] for row in order] == ["acme", "007", "7", "no"]
        assert screen.line(" 7 ").split()[1:4] == ["2", "2", "0"] and "● a1" in screen.line(" 7 ")
        assert screen.line("no user id").split()[3:6] == ["2", "2", "0"]
        assert "none" in screen.line("acme")


@pytest.mark.parametrize(("size", "shows_sent"), [((80, 24), False), ((120, 40), True)])
async def test_messages_of_the_last_hour_are_summed_by_user(size: tuple[int, int], shows_sent: bool) -> None:
    sessions = [
        session("a1", user_id="7", traffic=TrafficView(received=20, sent=3)),
        session("a2", user_id="7", traffic=TrafficView(received=9)),
        session("b1", user_id="8"),
    ]
    async with at(USERS, size, FakeDaemon(snapshot(sessions=sessions))) as screen:
        await screen.shows("Users · 2")
        titles = screen.line("NEED YOU").replace("NEED YOU", "NEED").split()
        place = titles.index("IN/H")
        assert ("OUT/H" in titles) == shows_sent
        seven, eight = cells(screen, "7"), cells(screen, "8")
        assert (seven[place], eight[place]) == ("29", "–"), "what is not told is not 0"
        if shows_sent:
            assert (seven[place + 1], eight[place + 1]) == ("3", "–")
        gone = next(key for key in screen.app.state.sessions if key[1].endswith("a2"))
        screen.daemon.push(Delta(removed=[gone]))
        await until(screen.pilot, lambda: cells(screen, "7")[place] == "20")


async def test_rows_follow_what_comes_in() -> None:
    async with at(USERS, daemon=FakeDaemon(snapshot(sessions=fleet()))) as screen:
        await screen.shows("no user id")
        key = next(key for key in screen.app.state.sessions if key[1].endswith("d1"))
        screen.daemon.change(key, user_id="new")
        await screen.shows("Users · 4")
        assert screen.line("no user id").split()[3] == "1"
        other = next(key for key in screen.app.state.sessions if key[1].endswith("d2"))
        screen.daemon.push(Delta(removed=[other]))
        await screen.hides("no user id")


@pytest.mark.parametrize(
    ("user", "theirs"),
    [("acme gmbh", {"c1"}), ("007", {"b1"}), ("7", {"a1", "a2"}), (None, {"d1", "d2"})],
)
async def test_enter_shows_the_sessions_of_that_user_alone(user: str | None, theirs: set[str]) -> None:
    async with at(USERS, daemon=FakeDaemon(snapshot(sessions=fleet()))) as screen:
        await screen.shows("no user id")
        order = ["acme gmbh", "007", "7", None]
        await screen.press(*["down"] * order.index(user), "enter")
        await until(
            screen.pilot, lambda: screen.view == Place("sessions") and len(names(screen)) == len(theirs)
        )
        assert names(screen) == theirs
        await screen.press("escape")
        await until(screen.pilot, lambda: len(names(screen)) == 6)


async def test_its_id_is_copied_and_the_commands_know_it() -> None:
    async with at(Place("sessions"), daemon=FakeDaemon(snapshot(sessions=fleet()))) as screen:
        await screen.type(":", detail="users")
        await screen.shows("Users · 3")
        await screen.press("c")
        assert "acme gmbh" in screen.said


odd = st.text(alphabet=st.sampled_from('7 "!:aA_-\\é'), min_size=1, max_size=6).filter(str.strip)


@given(st.lists(st.none() | odd, min_size=1, max_size=6))
def test_what_is_quoted_finds_that_user_and_no_other(users: list[str | None]) -> None:
    state = FleetState(clock)
    state.apply(snapshot(sessions=[session(f"s{n}", user_id=user) for n, user in enumerate(users)]))
    grouped = Users().rows(state, ())
    assert {key[0] for key in grouped} == set(users)
    for (user,), row in grouped.items():
        found = state.rows(parse(quoted("user", user or "")), Order.INSTANCE, state.now)
        assert [state.sessions[key].user_id for key in found] == [user] * row.sessions
        others = state.rows(parse(f"!{quoted('user', user or '')}"), Order.INSTANCE, state.now)
        assert len(others) == len(users) - row.sessions


@pytest.mark.parametrize("text", ['user:"', 'user:"a', 'user:"a""', 'user:"a b'])
def test_a_quote_without_its_end_is_unfinished(text: str) -> None:
    assert parse(text).unfinished is not None


steps = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.sampled_from(["connected", "disconnected", "qr_pending", "gone"]),
        st.sampled_from([None, "7", "007", "b"]),
        st.booleans(),
    ),
    min_size=1,
    max_size=12,
)


@given(steps)
def test_what_is_kept_up_is_what_would_be_counted_anew(
    taken: list[tuple[int, str, str | None, bool]],
) -> None:
    state, users = FleetState(clock), Users()
    state.apply(snapshot(sessions=[]))
    for number, status, user, primary in taken:
        one = session(f"s{number}", status=status, user_id=user, is_primary=primary)
        state.apply(Delta(removed=[one.key]) if status == "gone" else Delta(sessions=[one]))
        kept, anew = users.rows(state, state.drain()), Users().rows(state, ())
        assert list(kept.items()) == list(anew.items())
    assert sum(row.sessions for row in users.rows(state, ()).values()) == len(state.sessions)
