"""What a session is worth that says connected: how strong it is proven, and whether it is silent, or a ghost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tests.needing import need
from tests.tui.fleet import NOW, ago, session
from tests.unit.test_causes import gateway
from wa_tui.filters.sessions import parse
from wa_tui.text.silence import proven_words
from wa_tui.text.why import why
from wa_tui.wire import (
    Cause,
    Condition,
    GhostView,
    HealingView,
    Priority,
    SessionView,
    SilentView,
    cause_of,
    claim_holds,
    condition,
    grade_of,
    priority,
    strongest_proof,
)

MINUTE = timedelta(minutes=1)
WINDOW_S = 600.0
CLAIMS = replace(gateway(), kind="evolution", proof="claimed")
GHOST = GhostView(since=ago(3 * MINUTE), detail="WhatsApp's server does not know its number")
SILENT = SilentView(since=ago(40 * MINUTE), usual_s=120)


def proven(client: float | None, server: float | None, delivered: float | None = None) -> SessionView:
    """A session that was last proven so many minutes ago."""
    at: dict[str, Any] = {
        name: None if minutes is None else ago(minutes * MINUTE)
        for name, minutes in (("proven_at", client), ("server_at", server), ("delivered_at", delivered))
    }
    return session("sales", proof="client", **at)


@pytest.mark.parametrize(
    ("one", "shown"),
    [
        (proven(1, None), "1m"),
        (proven(1, 4), "4m ✓"),
        (proven(1, 4, 9), "9m ✓✓"),
        (proven(1, 4, 11), "4m ✓"),
        (proven(1, 11, 11), "1m"),
        (proven(11, 11), "11m"),
    ],
)
def test_the_strongest_proof_that_counts_is_shown_with_its_own_age(one: SessionView, shown: str) -> None:
    best = strongest_proof(one, gateway(), NOW, WINDOW_S)
    assert one.proven_at is not None and proven_words(best, one.proven_at, NOW) == shown


def test_nothing_counts_that_is_older_than_its_gateways_return() -> None:
    returned = replace(gateway(), returned_at=NOW - timedelta(minutes=2))
    assert strongest_proof(proven(3, 3), returned, NOW, WINDOW_S) is None
    best = strongest_proof(proven(1, 3), returned, NOW, WINDOW_S)
    assert best is not None and best.grade == "client"


def test_a_ghost_is_trouble_whatever_its_status_is() -> None:
    one = session("sales", ghost=GHOST, proven_at=None)
    found = condition(one, gateway(), NOW, WINDOW_S)
    assert found is Condition.GHOST and one.condition_since == GHOST.since
    assert cause_of(one, found, gateway()) is Cause.GHOST
    assert priority(one, found, gateway(), NOW) is Priority.HEALS
    assert not claim_holds(one, CLAIMS), "nor is it fine where nothing can be proven"
    calling = replace(one, attention=need("ghost", "ghost: denied", "reconnect it"))
    assert priority(calling, found, gateway(), NOW) is Priority.CALLS


def test_what_is_said_of_a_ghost_and_of_a_silent_one() -> None:
    one = session("sales", ghost=GHOST, proven_at=None, healing=HealingView(state="starting"))
    said = why(one, Condition.GHOST, gateway(), now=NOW)
    assert (said.text, said.hints({})[0]) == (f"ghost: {GHOST.detail}", "retry 0 under way")
    silent = session("sales", silent=SILENT)
    said = why(silent, Condition.CONNECTED, gateway(), now=NOW)
    assert (
        said.text == "silent for 40m, usually 2m" and said.hints({})[0] == "nothing to do, it is looked into"
    )
    unacked = session("sales", silent=replace(SILENT, cause="unacked", usual_s=None))
    assert why(unacked, Condition.CLAIMED, CLAIMS, now=NOW).text == "sends not acknowledged for 40m"
    called = replace(silent, attention=need("silent", "silent for more than 40 min", "see on its phone"))
    assert why(called, Condition.CONNECTED, gateway(), now=NOW).text == "silent for 40m, usually 2m"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("proof:server", {"server"}),
        ("proof:>=server", {"server", "delivered"}),
        ("proof:>=client", {"client", "server", "delivered"}),
        ("proof:claimed", {"claimed", "silent"}),
        ("!proof:>=client", {"claimed", "silent", "ghost"}),
        ("silent:>30m", {"silent"}),
        ("silent:>1h", set()),
        ("silent", {"silent"}),
        ("ghost", {"ghost"}),
        ("status:ghost", {"ghost"}),
        ("status:connected", {"client", "server", "delivered"}),
    ],
)
def test_they_are_found(text: str, found: set[str]) -> None:
    fleet = {
        "client": proven(1, None),
        "server": proven(1, 4),
        "delivered": proven(1, 4, 9),
        "claimed": proven(None, None),
        "silent": replace(proven(None, None), silent=SILENT),
        "ghost": replace(proven(None, None), ghost=GHOST),
    }
    chosen = parse(text)
    assert chosen.problem is None and chosen.unfinished is None

    def admits(one: SessionView) -> bool:
        grade = grade_of(one, strongest_proof(one, gateway(), NOW, WINDOW_S))
        return chosen.admits(one, condition(one, gateway(), NOW, WINDOW_S), None, NOW, None, grade)

    assert {name for name, one in fleet.items() if admits(one)} == found


@pytest.mark.parametrize("text", ["proof:", "proof:>", "proof:>=", "silent:>"])
def test_what_may_be_typed_on_is_no_mistake(text: str) -> None:
    assert parse(text).unfinished is not None and parse(text).problem is None


def test_what_is_no_grade_is_told_with_what_there_is() -> None:
    assert parse("proof:sever").problem == "proof:sever is no grade of proof; server is"
