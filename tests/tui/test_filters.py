from __future__ import annotations

import pytest

from tests.tui.fleet import clock, session, snapshot
from tests.tui.hands import SIZE, Hands
from tests.tui.until import until
from wa_tui.filters.sessions import parse
from wa_tui.tui.fleet.order import Order
from wa_tui.tui.fleet.state import FleetState


def names(text: str) -> set[str]:
    state = FleetState(clock)
    state.apply(snapshot())
    keys = state.rows(parse(text), Order.INSTANCE, state.now)
    return {state.sessions[key].instance_name or "" for key in keys}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("sales", {"sales-eu", "us-sales-1", "us-sales-2"}),
        ("SALES !us", {"sales-eu"}),
        ("connected gateway:eu-1 book", {"booking-de"}),
        (
            "!connected !claimed gateway:eu-1",
            {"onboarding", "sales-eu", "billing-old", "alerts-ops", "archive-2024"},
        ),
        ("status:auth_failed", {"billing-old"}),
        ("status:down", {"sales-eu", "courier-2", "billing-old"}),
        ("status:qr", {"support-fr", "onboarding"}),
        ("scan qr", {"support-fr", "onboarding"}),
        ("status:scan", {"support-fr", "onboarding"}),
        ("gateway:us-1 !status:claimed", set()),
        ("gateway:us-1 !ops", {"us-sales-1", "us-sales-2"}),
        ("instance:booking", {"booking-de", "booking-fr"}),
        ("phone:+34", {"courier-2"}),
        ("0122", {"crm-north"}),
        ("id:user_7_instance_hr", {"hr-bot"}),
        ("reason:logged", {"support-fr"}),
        ("target", {"sales-eu"}),
        ("user_7_instance_hr-bot", {"hr-bot"}),
        ("instance", set()),
        ("東京", {"東京サポート"}),
        ("nothing-like-it", set()),
        ("http://x", set()),
        ("-f sls status:disc", {"sales-eu"}),
        ("-f sls disc", {"sales-eu"}),
        ("-f cr2 reason:navigation", {"courier-2"}),
        ("for:>1h30m status:auth", {"billing-old"}),
        ("status:auth for:>2h30m", set()),
        ("cause:scan_qr", {"support-fr", "onboarding"}),
        ("cause:scan-qr !support", {"onboarding"}),
        ("cause:browser", {"sales-eu"}),
        ("cause:gateway_down", {"us-sales-1", "us-sales-2", "us-ops"}),
        ("!cause:gateway gateway:us-1", set()),
        ("cause:starting", {"alerts-ops", "crm-south"}),
    ],
)
def test_filters(text: str, found: set[str]) -> None:
    assert names(text) == found


@pytest.mark.parametrize("text", ["", "   "])
def test_an_empty_filter_shows_everything(text: str) -> None:
    assert not parse(text) and parse(text).unfinished is None
    assert len(names(text)) == 24


@pytest.mark.parametrize(
    "text", ["!", "status:", "!gateway:", "cause:", "for:>5", "for:5", "for:", "proven:<1h3", "-f", "sales !"]
)
def test_an_unfinished_filter_shows_everything_and_knows_what_it_lacks(text: str) -> None:
    assert parse(text).unfinished is not None and parse(text).problem is None
    assert names(text) == names(text.partition(" ")[0] if " " in text else "")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("! sales", "! belongs to the word after it; write !sales"),
        ("!-f sales", "-f stands before the words it is for; write -f !sales"),
        ("fro:>5m", "fro: is no field; for: is"),
        ("for:>5x", "for:>5x is no age"),
        ("for:1234567m", "for:1234567m is no age"),
        ("cause:scn_qr", "cause:scn_qr is no cause; scan_qr is"),
        ("cuase:scan_qr", "cuase: is no field; cause: is"),
    ],
)
def test_what_is_wrong_is_said(text: str, told: str) -> None:
    assert (parse(text).problem or "").startswith(told)


def test_the_whole_name_of_a_gateway_is_that_gateway() -> None:
    fleet = [session("a", "eu-1"), session("b", "eu-10")]
    state = FleetState(clock)
    state.apply(snapshot(sessions=fleet))

    def found(text: str) -> set[str]:
        chosen = parse(text, ["eu-1", "eu-10"])
        return {key[0] for key in state.rows(chosen, Order.INSTANCE, state.now)}

    assert found("gateway:eu-1") == {"eu-1"}
    assert found("gateway:eu-10") == {"eu-10"}
    assert found("gateway:eu") == {"eu-1", "eu-10"}, "as it is typed"


async def test_an_unfinished_word_is_said_on_enter_and_can_be_typed_on() -> None:
    under = Hands()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await pilot.press("slash", *"for:>5", "enter")
        await until(pilot, lambda: under.said.startswith("for:>5 is not finished; write for:>5m"))
        assert len(under.grid.keys) == 24
        await pilot.press("m", "enter")
        await until(pilot, lambda: len(under.grid.keys) < 24 and under.grid.has_focus)
        assert not under.said


async def test_what_is_wrong_with_a_filter_goes_with_the_filter() -> None:
    under = Hands()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        for typed, wrong in (("for:>5", "for:>5 is not finished"), ("cause:zz", "cause:zz is no cause")):
            await pilot.press("slash", *typed, "enter")
            await until(pilot, lambda wrong=wrong: under.said.startswith(wrong))  # type: ignore[misc]
            await pilot.press("escape")
            await until(pilot, lambda: not under.said)
