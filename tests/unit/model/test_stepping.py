"""A step of our own clock changes nothing but dates: order, ages and what follows from them stay."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.effort import MANY_EXAMPLES
from tests.unit.model.build import KEY, World, checked, healthy, listed, ms, wanted, webhook
from wa_tui.model.acknowledgement import Acknowledged
from wa_tui.model.claims import Claim, Claims
from wa_tui.model.events import Event
from wa_tui.model.facts import ClockStepped, Fact, HostSlept, QrCode, QrExpired, Webhook
from wa_tui.model.fleet import Fleet
from wa_tui.model.gateway import Gateway
from wa_tui.model.registers import DAY, HOUR, MINUTE, SECOND, Status, length
from wa_tui.model.replay import replay
from wa_tui.model.session import Check, Qr, Session
from wa_tui.model.silence import Ghost, SilenceCause, Silent, Vouched
from wa_tui.model.stepping import moved_gateway, moved_session

STEPS = [sign * by for sign in (-1, 1) for by in (5 * SECOND, 10 * MINUTE, HOUR, 3650 * DAY)]

GATEWAYS_OWN = {"timestamp", "epoch", "sequence"}
"""What a gateway's own clock and counter say."""


def filled(numbers: Iterator[int]) -> Session:
    """Return a session every instant of which is set, each to another."""

    def claim() -> Claim:
        return Claim(1, 1, next(numbers), next(numbers), next(numbers), Status.CONNECTED)

    session = Session(
        *KEY,
        created_at=next(numbers),
        claims=Claims(**{field.name: claim() for field in msgspec.structs.fields(Claims)}),
        check=Check(next(numbers), next(numbers), Status.CONNECTED),
        unasked_qr=claim(),
        qr=Qr(QrCode("digest"), next(numbers)),
        acknowledged=Acknowledged("mira", next(numbers)),
        vouched=Vouched(next(numbers), next(numbers), next(numbers)),
        silent=Silent(next(numbers), next(numbers), SilenceCause.QUIET, called_at=next(numbers)),
        ghost=Ghost(next(numbers), "denied"),
    )
    instants = [
        field.name
        for field in msgspec.structs.fields(Session)
        if field.type in (int, int | None) and field.name != "created_at"
    ]
    return msgspec.structs.replace(session, **{name: next(numbers) for name in instants})


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every value that a struct holds, with where it stands."""
    if isinstance(value, msgspec.Struct):
        for field in msgspec.structs.fields(type(value)):
            yield from leaves(getattr(value, field.name), f"{path}.{field.name}")
    else:
        yield path, value


@pytest.mark.parametrize("by", STEPS)
def test_every_instant_of_a_session_moves_and_nothing_else_does(by: int) -> None:
    session = filled(itertools.count(ms(0)))
    for (path, before), (_, after) in zip(leaves(session), leaves(moved_session(session, by)), strict=True):
        is_instant = isinstance(before, int) and before >= ms(0) and path.split(".")[-1] not in GATEWAYS_OWN
        assert after == (before + by if is_instant else before), path


@pytest.mark.parametrize("by", STEPS)
def test_every_instant_of_a_gateway_moves_and_its_clock_is_never_taken_to_date_into_the_past(by: int) -> None:
    numbers = itertools.count(ms(0))
    durations = {"clock_offset", "clock_uncertainty", "epoch", "failures", "latency", "restarts"}
    names: list[str] = [f.name for f in msgspec.structs.fields(Gateway) if f.type in (int, int | None)]
    dates: dict[str, Any] = {name: next(numbers) for name in names if name not in durations}
    taken = Acknowledged("mira", next(numbers))
    gateway = Gateway("eu-1", clock_offset=70, acknowledged=taken, **dates)
    moved = moved_gateway(gateway, by)
    for name in names:
        if name not in durations:
            assert getattr(moved, name) == getattr(gateway, name) + by, name
    assert moved.acknowledged == Acknowledged("mira", taken.at + by)
    here_too, elsewhere = ms(100) + 70 + by, ms(100) + 70
    for timestamp in (here_too, elsewhere):
        assert moved.corrected(timestamp) >= ms(100) + by


def test_what_was_never_stays_never() -> None:
    session = moved_session(Session(*KEY, created_at=ms(0)), HOUR)
    assert session == Session(*KEY, created_at=ms(0) + HOUR)
    assert moved_gateway(Gateway("eu-1"), HOUR) == Gateway("eu-1")


STATUSES = ["initializing", "qr_pending", "authenticated", "connected", "disconnected", "auth_failed"]


def tick(index: int, kind: str, status: str) -> Fact:
    at = 20.0 * (index + 1)
    match kind:
        case "webhook":
            return webhook(status, at, qr=f"code-{index}" if status == "qr_pending" else None)
        case "check":
            return checked(status, at)
        case "list":
            return listed(status, at)
        case "expire":
            return QrExpired(*KEY, ms(at))
    return wanted("reconnect" if index % 2 else "disconnect", at, "online" if index % 2 else "offline")


def later(fact: Fact, by: int, *, same_host: bool) -> Fact:
    """Return a fact as it is dated after our clock was set; the gateway's clock is set too on the same host."""
    names = [name for name in ("at", "began", "received") if name in fact.__struct_fields__]
    changes: dict[str, Any] = {name: getattr(fact, name) + by for name in names}
    if isinstance(fact, Webhook) and same_host:
        changes["timestamp"] = fact.timestamp + by
    return msgspec.structs.replace(fact, **changes)


histories = st.lists(
    st.tuples(
        st.sampled_from(["webhook", "webhook", "check", "list", "expire", "wish"]), st.sampled_from(STATUSES)
    ),
    min_size=1,
    max_size=20,
)


def registers(session: Session | None, by: int = 0) -> dict[str, Any] | None:
    if session is None:
        return None
    back = moved_session(session, -by)
    names = ("status", "status_since", "reason", "credentials", "desired", "proven_at", "observed_at")
    return {name: getattr(back, name) for name in names} | {"qr": back.qr}


@settings(max_examples=MANY_EXAMPLES)
@given(histories, st.integers(0, 20), st.sampled_from(STEPS), st.booleans())
def test_a_step_of_our_clock_changes_no_register_and_no_age(
    history: list[tuple[str, str]], cut: int, by: int, same_host: bool
) -> None:
    facts = [healthy(0.0), *(tick(index, *step) for index, step in enumerate(history))]
    steady, stepped = World(), World()
    steady.take(*facts)
    before, after = facts[: cut + 1], facts[cut + 1 :]
    stepped.take(*before)
    between = ms(20 * (cut + 0.5))
    stepped.take(ClockStepped(between + by, by), *(later(fact, by, same_host=same_host) for fact in after))
    assert registers(stepped.fleet.session(KEY), by) == registers(steady.fleet.session(KEY))


@settings(max_examples=MANY_EXAMPLES)
@given(histories, st.integers(0, 20), st.sampled_from(STEPS))
def test_a_step_is_replayed(history: list[tuple[str, str]], cut: int, by: int) -> None:
    facts = [healthy(0.0), *(tick(index, *step) for index, step in enumerate(history))]
    facts = [*facts[: cut + 1], ClockStepped(ms(20 * (cut + 0.5)) + by, by)]
    facts += [later(tick(index, *step), by, same_host=False) for index, step in enumerate(history[cut:], cut)]
    world = World()
    world.take(*facts)
    events = msgspec.json.decode(msgspec.json.encode(world.events), type=list[Event])
    rebuilt = replay(Fleet(), events)
    for session in world.fleet.everything():
        copy = rebuilt.session(session.key)
        assert copy is not None
        assert (copy.status, copy.status_since, copy.credentials) == (
            session.status,
            session.status_since,
            session.credentials,
        )


def test_a_step_is_told_once_and_every_gateway_begins_a_new_epoch() -> None:
    world = World()
    world.take(healthy(0), webhook("connected", 10))
    epoch = world.fleet.gateway(KEY.gateway).epoch
    seen = len(world.events)
    world.take(ClockStepped(ms(20) - HOUR, -HOUR))
    assert world.fleet.gateway(KEY.gateway).epoch == epoch + 1
    (event,) = world.events[seen:]
    assert event.text == "this host's clock was set back by 1 h: ages stay what they were"


def test_a_sleep_is_time_that_nobody_observed() -> None:
    world = World()
    world.take(HostSlept(ms(3600), ms(0)))
    (event,) = world.events
    assert (event.at, event.recorded) == (ms(0), ms(3600))
    assert event.text == "this host slept for 1 h: everything is checked at once"


@pytest.mark.parametrize(
    ("span", "detail"),
    [(5 * SECOND, "5 s"), (10 * MINUTE, "10 min"), (HOUR + 61 * SECOND, "1 h 1 min"), (3650 * DAY, "3650 d")],
)
def test_lengths_are_told_in_two_units_at_most(span: int, detail: str) -> None:
    assert length(span) == detail
