"""What the model's events say: words of the trade, none of ours."""

from __future__ import annotations

import pytest

from tests.unit.model.build import KEY, World, checked, ms, webhook
from wa_tui.model.facts import ActionEnded, Attempted, Described
from wa_tui.model.registers import Reason


@pytest.mark.parametrize(
    ("outcome", "detail", "said"),
    [
        ("sent", "sent to 15550100", "message sent: to 15550100"),
        ("not_sent", "connection refused", "message not sent: connection refused"),
    ],
)
def test_an_attempt_to_send(outcome: str, detail: str, said: str) -> None:
    world = World()
    world.take(webhook("connected", 1), Attempted(*KEY, ms(2), "send-1", outcome, detail))
    assert world.events[-1].text == said


def test_an_outcome() -> None:
    world = World()
    world.take(
        webhook("connected", 1), ActionEnded(*KEY, ms(2), "send_media", "ann", "a1", "no_effect", "no client")
    )
    assert world.events[-1].text == "send media no effect: no client"


def test_what_changed_besides_the_status() -> None:
    world = World()
    world.take(webhook("connected", 1), Described(*KEY, ms(2), instance_name="one_two"))
    assert world.events[-1].text == "name one_two", "a name is as it was given"
    world.take(webhook("disconnected", 3, detail="TIMEOUT"), webhook("disconnected", 4, detail="LOGOUT"))
    assert world.session().reason is Reason.LOGOUT
    assert world.events[-1].text == "credentials: stored → needs scan, reason: other → logout"
    world.take(webhook("connected", 5), checked("connected", 30))
    assert not [event.text for event in world.events if "None" in event.text or "_scan" in event.text]
