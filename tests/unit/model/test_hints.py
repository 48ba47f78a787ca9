"""Webhooks without a time of their own: reasons to check, but for a QR code and a logout (design §3, rule 1)."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.effort import MANY_EXAMPLES
from tests.unit.model.build import World, checked, deleted, healthy, ms, wanted, webhook
from wa_tui.model.facts import ClockStepped, Webhook
from wa_tui.model.registers import Proof, Reason, Status
from wa_tui.model.session import Session
from wa_tui.model.transition import Verdict


def hint(status: str, received: float, **more: Any) -> Webhook:
    return webhook(status, received, hint=True, **more)


def connected() -> World:
    world = World()
    world.take(checked("connected", 0))
    return world


def test_a_hint_of_an_unknown_session_makes_it_known_and_asks_for_a_check() -> None:
    world = World()
    outcome = world.take(hint("connected", 1))
    session = world.session()
    assert (session.status, session.credentials, session.proven_at) == ("unknown", "unknown", None)
    assert (outcome.verdict, outcome.check, world.kinds) == (Verdict.HINT, True, ["adopted"])
    world.take(checked("connected", 2))
    session = world.session()
    assert (session.status, session.credentials, session.hinted) == ("connected", "stored", None)


def test_a_hint_against_the_status_changes_it_not_and_is_said_once() -> None:
    world = connected()
    outcome = world.take(hint("disconnected", 20, detail="NAVIGATION"))
    assert (outcome.verdict, outcome.check) == (Verdict.HINT, True)
    assert world.session().status == "connected"
    [_, event] = world.events
    assert (event.kind, event.text, event.reason) == (
        "hint",
        "a webhook says disconnected, checking",
        "navigation",
    )
    before = world.session()
    for at in range(21, 60):
        outcome = world.take(hint("disconnected", at, detail="NAVIGATION"))
        assert (outcome.verdict, outcome.session, outcome.event) == (Verdict.UNCHANGED, None, None)
        assert outcome.check, "its brake is the check's"
    assert world.session() is before


def test_many_equal_hints_are_one_event() -> None:
    world = World()
    verdicts = [world.take(hint("initializing", at)).verdict for at in range(3)]
    world.take(checked("initializing", 3))
    verdicts += [world.take(hint("initializing", at)).verdict for at in range(4, 130)]
    assert verdicts == [Verdict.HINT] + [Verdict.UNCHANGED] * 128
    assert world.kinds == ["adopted", "status"]
    assert not world.take(hint("initializing", 200)).check


def test_a_check_decides_and_has_the_reason_from_the_hint() -> None:
    world = connected()
    world.take(hint("disconnected", 20, reason=Reason.CONFLICT, detail="stream errored (440)"))
    assert world.session().reason is None
    world.take(checked("disconnected", 21))
    session = world.session()
    assert (session.status, session.reason, session.detail) == (
        "disconnected",
        "conflict",
        "stream errored (440)",
    )
    assert session.hinted is None
    world.take(checked("connected", 30), checked("disconnected", 40))
    assert world.session().reason is None, "it is of before it was connected"


def test_a_reason_that_comes_after_the_check_is_taken_in_once() -> None:
    world = connected()
    world.take(checked("disconnected", 20))
    outcome = world.take(hint("disconnected", 21, reason=Reason.BANNED, detail="403"))
    assert (outcome.verdict, world.session().reason, world.kinds[-1]) == (
        Verdict.APPLIED,
        "banned",
        "changed",
    )
    outcome = world.take(hint("disconnected", 22, reason=Reason.BANNED, detail="403"))
    assert (outcome.verdict, outcome.session, outcome.check) == (Verdict.UNCHANGED, None, False)
    outcome = world.take(hint("disconnected", 23, reason=Reason.OTHER, detail="whatever"))
    assert (outcome.session, world.session().reason) == (None, "banned")


def test_what_was_proven_wrong_once_may_be_true_later_for_another_reason() -> None:
    world = connected()
    world.take(hint("disconnected", 20, detail="NAVIGATION"), checked("connected", 21))
    seen = len(world.events)
    assert world.take(hint("disconnected", 3600, reason=Reason.CONFLICT, detail="440")).check
    assert len(world.events) == seen
    assert world.take(hint("disconnected", 3601, reason=Reason.CONFLICT, detail="440")).session is None
    world.take(checked("disconnected", 3602))
    assert (world.session().reason, world.session().detail) == ("conflict", "440")


def test_a_qr_code_is_taken_as_of_its_receipt_and_one_without_a_code_is_a_hint() -> None:
    world = connected()
    world.take(hint("qr_pending", 20))
    assert world.session().status == "connected"
    outcome = world.take(hint("qr_pending", 21, qr="code"))
    session = world.session()
    assert (session.status, session.credentials, session.status_since) == ("qr_pending", "needs_scan", ms(21))
    assert world.qr().expires_at == ms(81) and outcome.check
    assert not world.take(hint("qr_pending", 22, qr="another")).check
    assert world.qr().code.payload == "another"


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("disconnected", {"detail": "LOGOUT"}),
        ("disconnected", {"reason": Reason.LOGOUT, "detail": "401"}),
        ("auth_failed", {}),
    ],
)
def test_a_logout_is_believed_and_checked(status: str, words: dict[str, Any]) -> None:
    world = connected()
    outcome = world.take(hint(status, 20, **words))
    session = world.session()
    assert (session.status, session.credentials, outcome.check) == (status, "needs_scan", True)
    world.take(hint("connected", 21))
    assert world.session().status == status, "who says otherwise has it checked"


def test_a_hint_is_dated_by_the_gateways_clock_whatever_that_shows() -> None:
    for clock in (-7200, 7200):
        world = connected()
        world.take(healthy(10, clock=clock))
        world.take(
            hint("disconnected", 20, detail="LOGOUT"), webhook("disconnected", 15 + clock, received=21)
        )
        session = world.session()
        assert (session.status, session.credentials, session.status_since) == (
            "disconnected",
            "needs_scan",
            ms(20),
        )
        assert world.kinds[-1] == "stale"


def test_a_code_scanned_within_seconds_is_checked_until_that_proves_its_credentials() -> None:
    world = World()
    world.take(hint("qr_pending", 0, qr="code"))
    assert world.take(checked("connected", 4)).check
    assert world.session().credentials == "needs_scan"
    assert not world.take(checked("connected", 11)).check
    assert world.session().credentials == "stored"


def test_a_check_under_way_when_a_hint_came_does_not_answer_it() -> None:
    world = connected()
    world.take(hint("disconnected", 20))
    assert world.take(checked("connected", 19.9, 20.1)).check
    assert stands(world)
    assert not world.take(checked("connected", 20.2)).check
    assert not stands(world)


def stands(world: World) -> bool:
    hinted = world.session().hinted
    return hinted is not None and hinted.stands


def test_what_a_client_proves_to_be_wrong_is_no_contradiction_and_no_second_event() -> None:
    world = connected()
    world.take(hint("disconnected", 20), checked("connected", 21))
    assert not stands(world)
    seen = len(world.events)
    assert world.take(hint("disconnected", 30)).check
    assert (len(world.events), stands(world)) == (seen, False)
    world.take(hint("connected", 31))
    assert world.session().hinted is None


def test_what_is_only_claimed_against_a_hint_contradicts_it_until_it_is_claimed_again() -> None:
    world = World()
    world.take(checked("connected", 0, proof=Proof.CLAIMED), hint("disconnected", 20))
    seen = len(world.events)
    for at in (30, 40, 50):
        world.take(checked("connected", at, proof=Proof.CLAIMED))
        assert stands(world)
        world.take(hint("disconnected", at + 5))
    assert len(world.events) == seen
    world.take(checked("connected", 60, proof=Proof.CLAIMED), checked("connected", 70, proof=Proof.CLAIMED))
    assert world.session().hinted is None


def test_a_deleted_session_is_heard_of_once() -> None:
    world = connected()
    world.take(deleted(10))
    verdicts = [world.take(hint("initializing", at)).verdict for at in range(11, 20)]
    assert set(verdicts) == {Verdict.TOMBSTONE} and world.kinds.count("tombstone") == 1
    world.take(hint("qr_pending", 30, qr="code"))
    assert world.session().deleted_at is not None and world.session().qr is None
    world.take(wanted("new", 40, "online", revive=True))
    assert world.session().hinted is None


def test_a_hint_tells_whose_session_it_is() -> None:
    world = connected()
    world.take(hint("connected", 20, user_id="7", phone_number="15550001"))
    session = world.session()
    assert (session.user_id, session.phone_number) == ("7", "15550001")
    assert world.take(hint("connected", 30, user_id="8", phone_number="15550001")).session is None


def test_a_step_of_our_clock_moves_when_a_hint_came() -> None:
    world = connected()
    world.take(hint("disconnected", 20), ClockStepped(ms(-3580), -3_600_000))
    world.take(checked("connected", -3575))
    assert not stands(world)


def test_a_proof_is_one_only_from_the_client_up() -> None:
    world = World()
    world.take(checked("connected", 0, proof=Proof.CLAIMED))
    session = world.session()
    assert (session.status, session.credentials) == ("connected", "stored")
    assert (session.proof, session.proven_at, session.proven_by) == ("claimed", None, None)
    world.take(checked("connected", 20, proof=Proof.SERVER))
    assert (world.session().proof, world.session().proven_by) == ("server", "sync")
    proven = world.session().proven_at
    world.take(checked("connected", 40, proof=Proof.CLAIMED))
    assert (world.session().proof, world.session().proven_at) == ("server", proven), "it gets old by itself"
    world.take(checked("disconnected", 60))
    assert world.session().proof is None


def test_the_table_of_the_gateways_kind_goes_before_its_words() -> None:
    world = World()
    world.take(webhook("disconnected", 0, reason=Reason.OTHER, detail="connection closed"))
    assert world.session().reason == "other"
    world.take(checked("disconnected", 20, reason=Reason.CONFLICT, detail="whatever"))
    assert (world.session().reason, world.session().detail) == ("conflict", "whatever")


STATUSES = ["initializing", "qr_pending", "authenticated", "connected", "disconnected"]
hints = st.lists(
    st.builds(
        hint,
        st.sampled_from(STATUSES),
        st.integers(1, 30),
        detail=st.sampled_from([None, "Health check detected disconnection"]),
    ),
    max_size=12,
)


def registers(session: Session) -> dict[str, object]:
    """All but what was heard of it."""
    kept = msgspec.structs.asdict(session)
    del kept["hinted"], kept["moved"]
    return kept


@settings(max_examples=MANY_EXAMPLES)
@given(st.sampled_from([None, "fresh", *STATUSES]), st.data())
def test_hints_leave_a_session_where_the_last_check_left_it(base: str | None, data: st.DataObject) -> None:
    world, untouched = World(), World()
    if base is not None:
        for each in (world, untouched):
            each.take(checked("connected", -100))
            if base != "fresh":
                each.take(checked(base, -50))
    first = data.draw(hints)
    facts = data.draw(
        st.permutations(first + data.draw(st.lists(st.sampled_from(first or [hint("connected", 1)]))))
    )
    for fact in facts:
        world.take(fact)
    if base is None and not facts:
        return
    if base is None:
        assert world.session().status is Status.UNKNOWN
        untouched.take(msgspec.structs.replace(facts[0], hint=True))
    assert registers(world.session()) == registers(untouched.session())
    for each in (world, untouched):
        each.take(checked("connected", 100))
    assert registers(world.session()) == registers(untouched.session())
    assert len(world.events) <= len(untouched.events) + len(facts)


def test_a_clock_that_is_better_known_since_reorders_no_hints() -> None:
    world = World()
    world.take(healthy(0, clock=-3.5, latency=8), checked("connected", 15))
    world.take(hint("qr_pending", 29.5, qr="a"))
    world.take(healthy(30, uptime=1030, clock=-6, latency=0.01))
    outcome = world.take(hint("auth_failed", 30.5, reason=Reason.LOGOUT))
    assert outcome.verdict is Verdict.APPLIED
    assert (world.session().status, world.session().reason) == (Status.AUTH_FAILED, Reason.LOGOUT)
