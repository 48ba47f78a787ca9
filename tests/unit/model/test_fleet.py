"""The fleet's indexes say what a scan of all its sessions says, whatever was swapped in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wa_tui.model.facts import QrCode
from wa_tui.model.fleet import Draft, Fleet
from wa_tui.model.registers import SessionKey
from wa_tui.model.session import Qr, Session

GATEWAYS = ("eu-1", "eu-2", "us-1")
IDS = ("a", "b", "c")
USERS = (None, "7", "8")

codes = st.builds(
    lambda text, expired: Qr(QrCode(text, text), 60_000, expired), st.sampled_from("xy"), st.booleans()
)
sessions = st.builds(
    lambda gateway, id, user, qr, deleted, listed: Session(
        gateway, id, 0, user_id=user, qr=qr, deleted_at=deleted, listed=listed
    ),
    st.sampled_from(GATEWAYS),
    st.sampled_from(IDS),
    st.sampled_from(USERS),
    st.none() | codes,
    st.none() | st.just(5),
    st.none() | st.just("absent"),
)
removals = st.builds(SessionKey, st.sampled_from(GATEWAYS), st.sampled_from(IDS))
batches = st.lists(st.lists(sessions | removals, max_size=5), max_size=8)


@given(st.lists(sessions, max_size=9), batches)
def test_every_index_says_what_a_scan_says(
    first: list[Session], batches: list[list[Session | SessionKey]]
) -> None:
    fleet = Fleet(first)
    _agrees(fleet)
    for batch in batches:
        draft = Draft(fleet)
        for change in batch:
            if isinstance(change, Session):
                draft.sessions[change.key] = change
                draft.removed.discard(change.key)
            else:
                draft.sessions.pop(change, None)
                draft.removed.add(change)
        draft.swap()
        _agrees(fleet)


@given(st.lists(sessions, max_size=9), st.lists(sessions | removals, max_size=5))
def test_a_draft_that_is_not_swapped_in_changes_nothing(
    first: list[Session], batch: list[Session | SessionKey]
) -> None:
    fleet = Fleet(first)
    before = [*fleet.everything()]
    draft = Draft(fleet)
    for change in batch:
        if isinstance(change, Session):
            draft.sessions[change.key] = change
        else:
            draft.removed.add(change)
    assert [*fleet.everything()] == before
    _agrees(fleet)


def _agrees(fleet: Fleet) -> None:
    everything = [*fleet.everything()]
    there = [session for session in everything if session.deleted_at is None]
    assert fleet.sessions() == there
    for gateway in GATEWAYS:
        theirs = [session for session in there if session.gateway == gateway]
        assert {each.key: each for each in fleet.sessions(gateway)} == {each.key: each for each in theirs}
        assert {*fleet.keys(gateway)} == {each.key for each in everything if each.gateway == gateway}
        assert fleet.extent(gateway) == (len(theirs), sum(each.listed is not None for each in theirs))
    for id in IDS:
        assert fleet.owners(id) == sorted(each.gateway for each in everything if each.session_id == id)
    for user in USERS[1:]:
        assert {each.key for each in fleet.sessions_of(user)} == {
            each.key for each in there if each.user_id == user
        }
    shown = {each.key for each in there if each.qr is not None and not each.qr.expired}
    assert {each.key for each in fleet.with_code()} == shown
