from __future__ import annotations

import pytest

from tests.tui.fleet import clock, snapshot
from wa_tui.tui.fleet.filters import parse
from wa_tui.tui.fleet.order import Order
from wa_tui.tui.fleet.state import FleetState


def names(text: str) -> set[str]:
    state = FleetState(clock)
    state.take(snapshot())
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
    ],
)
def test_filters(text: str, found: set[str]) -> None:
    assert names(text) == found


@pytest.mark.parametrize("text", ["", "   ", "!", "status:", "!gateway:"])
def test_an_unfinished_filter_shows_everything(text: str) -> None:
    assert not parse(text)
    assert len(names(text)) == 24
