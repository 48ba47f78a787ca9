"""What messages tell of a session: acknowledgements that prove it, silences and ghosts beside its status."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.effort import MANY_EXAMPLES
from tests.unit.model.build import KEY, World, checked, deleted, healthy, ms, wanted, webhook
from wa_tui.daemon.eligibility import trouble_since
from wa_tui.model.facts import (
    CheckFailed,
    Fact,
    GhostFound,
    MessageAcked,
    SilenceEnded,
    SilenceNoted,
    Webhook,
)
from wa_tui.model.registers import MINUTE, Proof, Source, Status
from wa_tui.model.session import Session
from wa_tui.model.silence import SilenceCause

DENIED = "WhatsApp's server does not answer for its own number"


def acked(happened: float, *, at: float | None = None, proof: Proof = Proof.SERVER) -> MessageAcked:
    return MessageAcked(*KEY, at=ms(happened if at is None else at), happened=ms(happened), proof=proof)


def silent(at: float, since: float, *, calls: bool = False) -> SilenceNoted:
    return SilenceNoted(*KEY, ms(at), ms(since), SilenceCause.QUIET, usual_ms=2 * MINUTE, calls=calls)


def ghost(began: float, at: float | None = None) -> GhostFound:
    return GhostFound(*KEY, began=ms(began), at=ms(began if at is None else at), detail=DENIED)


def connected(*facts: Fact) -> World:
    """A session that a webhook says is connected since second 10, and what came after."""
    world = World()
    world.take(healthy(0), webhook("connected", 10), *facts)
    return world


def proof_of(session: Session) -> tuple[int | None, Proof | None, Source | None]:
    return session.proven_at, session.proof, session.proven_by


class TestAcknowledgements:
    def test_one_proves_a_session_that_is_only_claimed(self) -> None:
        world = connected(checked("connected", 20, proof=Proof.CLAIMED))
        before = len(world.events)
        world.take(acked(30))
        assert proof_of(world.session()) == (ms(30), Proof.SERVER, Source.TRAFFIC)
        assert len(world.events) == before, "it is no event"

    def test_a_check_after_it_does_not_hide_that_the_server_spoke(self) -> None:
        world = connected(acked(30, proof=Proof.DELIVERED), acked(40), checked("connected", 50))
        session = world.session()
        assert proof_of(session) == (session.check and session.check.at, Proof.CLIENT, Source.SYNC)
        assert (session.server_at, session.delivered_at) == (ms(40), ms(30))

    def test_an_older_one_does_not_pass_as_fresh(self) -> None:
        world = connected(checked("connected", 50), acked(30))
        assert world.session().proof is Proof.CLIENT and world.session().server_at == ms(30)

    def test_one_from_before_the_session_was_last_down_proves_nothing(self) -> None:
        world = connected(acked(30), webhook("disconnected", 40))
        assert proof_of(world.session()) == (None, None, None)
        world.take(acked(35))
        assert world.session().status is Status.DISCONNECTED and world.session().server_at is None
        world.take(webhook("connected", 50), acked(45))
        assert proof_of(world.session()) == (None, None, None)
        world.take(acked(55))
        assert proof_of(world.session()) == (ms(55), Proof.SERVER, Source.TRAFFIC)

    def test_it_is_dated_by_the_gateways_corrected_clock(self) -> None:
        world = World()
        world.take(healthy(0, clock=3600), webhook("connected", 3610, received=10))
        world.take(acked(3630, at=40))
        assert world.session().proven_at == ms(30)
        world.take(acked(3600 + 999, at=50))
        assert world.session().proven_at == ms(30), "dated ahead: nobody knows when that was"

    def test_a_check_that_denies_withdraws_it(self) -> None:
        world = connected(acked(30), checked("disconnected", 40))
        assert world.session().proof is None and world.session().server_at is None

    def test_one_for_a_deleted_session_changes_nothing(self) -> None:
        world = connected(deleted(30), acked(40))
        assert world.session().vouched is None


class TestSilence:
    def test_it_is_a_condition_beside_the_status_and_ends_with_traffic(self) -> None:
        world = connected(checked("connected", 20), silent(2400, 20))
        session = world.session()
        assert session.status is Status.CONNECTED and session.proof is Proof.CLIENT
        assert session.silent is not None and session.silent.since == ms(20)
        assert world.events[-1].text == "silent for 39 min 40 s, usually 2 min"
        world.take(silent(2460, 20), silent(7600, 20, calls=True))
        assert world.kinds[-2:] == ["silent", "silent"], (
            "the same again is told once; that a person is called too"
        )
        world.take(SilenceEnded(*KEY, ms(7700), resumed=ms(7690)))
        assert world.session().silent is None
        assert (world.kinds[-1], world.events[-1].text) == ("silent", "messages go through it again")

    @pytest.mark.parametrize(
        "end",
        [webhook("disconnected", 50), deleted(50), acked(50), checked("connected", 50, proof=Proof.SERVER)],
    )
    def test_what_explains_or_disproves_it_ends_it(self, end: Fact) -> None:
        world = connected(silent(40, 20), end)
        assert world.session().silent is None

    def test_one_that_is_not_connected_is_not_silent(self) -> None:
        world = connected(webhook("disconnected", 30), silent(40, 20))
        assert world.session().silent is None


class TestGhosts:
    def test_its_status_stays_and_its_proof_is_withdrawn(self) -> None:
        world = connected(checked("connected", 20), ghost(30), checked("connected", 40))
        session = world.session()
        assert session.status is Status.CONNECTED and proof_of(session) == (None, None, None)
        assert session.ghost is not None and session.ghost.detail == DENIED
        assert world.events[-1].kind.value == "ghost" and world.events[-1].text == f"ghost: {DENIED}"

    @pytest.mark.parametrize("proof", [acked(50), checked("connected", 50, proof=Proof.SERVER)])
    def test_a_newer_word_of_the_server_ends_it(self, proof: Fact) -> None:
        world = connected(acked(20), ghost(30), proof)
        session = world.session()
        assert session.ghost is None and session.proof is Proof.SERVER
        assert (world.kinds[-1], world.events[-1].text) == ("ghost", "WhatsApp answers for it")

    def test_an_older_word_does_not_and_a_denial_that_is_older_makes_none(self) -> None:
        assert connected(ghost(30, at=35), acked(29)).session().ghost is not None
        assert connected(acked(31), ghost(30, at=35)).session().ghost is None

    def test_it_ends_with_traffic_by_going_down_and_with_its_deletion(self) -> None:
        for end in (SilenceEnded(*KEY, ms(50), resumed=ms(45)), webhook("disconnected", 50), deleted(50)):
            assert connected(ghost(30), end).session().ghost is None
        assert connected(ghost(30), SilenceEnded(*KEY, ms(50))).session().ghost is not None

    def test_messages_that_go_again_have_it_checked(self) -> None:
        world = connected(ghost(30))
        assert world.take(SilenceEnded(*KEY, ms(50), resumed=ms(45))).check


facts = st.one_of(
    st.builds(
        acked,
        st.integers(0, 40),
        at=st.just(60),
        proof=st.sampled_from([Proof.SERVER, Proof.DELIVERED]),
    ),
    st.builds(ghost, st.integers(10, 40), at=st.just(60)),
)


@settings(max_examples=MANY_EXAMPLES)
@given(st.data(), st.lists(facts, max_size=10))
def test_acknowledgements_and_denials_converge_in_any_order_and_duplication(
    data: st.DataObject, told: list[Fact]
) -> None:
    again = data.draw(
        st.permutations(
            told + data.draw(st.lists(st.sampled_from(told), max_size=5) if told else st.just([]))
        )
    )
    one, other = connected(*told).session(), connected(*again).session()
    for name in ("vouched", "server_at", "delivered_at", "ghost", "proven_at", "proof", "proven_by"):
        assert getattr(one, name) == getattr(other, name), name


def test_what_healing_wants_is_not_touched_by_a_silence() -> None:
    world = connected(wanted("snooze", 20, snoozed_until=ms(900)), silent(40, 20), ghost(50))
    assert world.session().snoozed_until == ms(900)


def test_an_acknowledgement_makes_no_check_prove_that_only_repeats_what_its_gateway_believes() -> None:
    world = connected(checked("connected", 20, proof=Proof.CLAIMED), acked(30))
    world.take(CheckFailed(*KEY, ms(40), ms(45), "no answer within 5 s"))
    assert world.session().proof is Proof.SERVER and not world.session().is_provable
    assert trouble_since(world.session()) is None, "no answer denies no claim"
    world = connected(checked("connected", 20), acked(30))
    world.take(CheckFailed(*KEY, ms(40), ms(45), "no answer within 5 s"))
    assert trouble_since(world.session()) == ms(40), "its client hangs, whatever it could do before"


webhooks = st.builds(
    webhook, st.sampled_from(["connected", "disconnected", "initializing"]), st.integers(11, 40)
)


@settings(max_examples=MANY_EXAMPLES)
@given(st.data(), st.lists(st.one_of(facts, webhooks), min_size=1, max_size=10))
def test_what_proves_converges_with_the_status_in_any_order(data: st.DataObject, told: list[Fact]) -> None:
    again = data.draw(st.permutations(told + data.draw(st.lists(st.sampled_from(told), max_size=5))))
    one, other = connected(*told).session(), connected(*again).session()
    assert (one.status, one.claims, one.vouched) == (other.status, other.claims, other.vouched)
    # Since when it is connected depends on what was seen between, and so does what counts.
    if (one.status_since, one.ghost) == (other.status_since, other.ghost):
        assert (one.server_at, one.delivered_at) == (other.server_at, other.delivered_at)


@pytest.mark.parametrize(
    "end", [acked(50), SilenceEnded(*KEY, ms(50), resumed=ms(45)), webhook("disconnected", 50)]
)
def test_who_took_care_of_a_ghost_need_not_once_it_is_none(end: Fact) -> None:
    world = connected(ghost(30), wanted("acknowledge", 40, acknowledged=True, exclusive=False))
    assert world.session().acknowledged is not None
    world.take(end)
    if isinstance(end, Webhook):
        world.take(webhook("connected", 60))
    assert world.session().acknowledged is None
    flaps = connected(
        wanted("acknowledge", 20, acknowledged=True, until_calm=True, exclusive=False), ghost(30), end
    )
    assert flaps.session().acknowledged is not None, "that is of something else"
