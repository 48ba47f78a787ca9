"""A logout from here, and one on the phone: a gateway tells both alike."""

from __future__ import annotations

import pytest

from tests.unit.model.build import KEY, World, checked, ms, wanted, webhook
from wa_tui.model.facts import ActionEnded, Webhook
from wa_tui.model.registers import Reason
from wa_tui.model.session import Session

WHO = "mira@ops"


def ended(at: float, outcome: str = "verified", *, action_id: str = "logout-10") -> ActionEnded:
    done = outcome == "verified"
    return ActionEnded(*KEY, ms(at), "logout", WHO, action_id, outcome, "", unlinked=done)


def logged_out(at: float) -> Webhook:
    return webhook("disconnected", at, detail="LOGOUT")


def unlinking() -> World:
    world = World()
    world.take(webhook("connected", 1), checked("connected", 2), wanted("logout", 10, "offline"))
    return world


def reason(session: Session) -> tuple[Reason | None, str | None]:
    return session.reason, session.detail


def test_who_unlinked_it_is_named_while_that_goes_on_and_until_it_is_linked_anew() -> None:
    world = unlinking()
    world.take(logged_out(11))
    assert reason(world.session()) == (Reason.UNLINKED, WHO)
    world.take(checked("disconnected", 12), ended(13), wanted("refresh_qr", 60, "online"))
    assert reason(world.session()) == (Reason.UNLINKED, WHO)
    world.take(webhook("qr_pending", 61, qr="code"))
    assert reason(world.session()) == (Reason.UNLINKED, WHO)
    assert Reason.LOGOUT not in {event.reason for event in world.events}
    world.take(webhook("connected", 80), logged_out(90))
    assert world.session().reason is Reason.LOGOUT


def test_it_needs_no_word_of_the_gateway() -> None:
    world = unlinking()
    world.take(checked("disconnected", 12), ended(13))
    assert reason(world.session()) == (Reason.UNLINKED, WHO)
    world.take(wanted("refresh_qr", 60, "online"), webhook("qr_pending", 61, qr="code"))
    assert reason(world.session()) == (Reason.UNLINKED, WHO)


def test_what_the_phone_did_before_stays_the_phones() -> None:
    world = World()
    world.take(webhook("connected", 1), logged_out(5), wanted("logout", 10, "offline"), ended(13))
    assert world.session().reason is Reason.LOGOUT


@pytest.mark.parametrize("outcome", ["no_effect", "failed"])
def test_a_logout_without_effect_explains_nothing(outcome: str) -> None:
    world = unlinking()
    world.take(ended(13, outcome), logged_out(40))
    assert world.session().reason is Reason.LOGOUT


def test_the_end_of_an_older_logout_ends_no_newer_one() -> None:
    world = unlinking()
    world.take(wanted("logout", 20, "offline"), ended(21, "failed"), logged_out(22))
    assert reason(world.session()) == (Reason.UNLINKED, WHO)


def test_who_switched_it_off_after_that_is_named() -> None:
    world = unlinking()
    world.take(checked("disconnected", 12), ended(13), wanted("disconnect", 50, "offline"))
    assert reason(world.session()) == (Reason.OPERATOR, WHO)
