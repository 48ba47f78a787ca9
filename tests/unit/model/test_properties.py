"""Properties of `apply`: webhooks converge in any order, and events rebuild the fleet."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.effort import MANY_EXAMPLES
from tests.unit.model.build import KEY, World, checked, healthy, listed, ms, refused, wanted, webhook
from wa_tui.model.events import Event
from wa_tui.model.facts import (
    ActionAccepted,
    Fact,
    GatewayCalmed,
    GhostFound,
    MessageAcked,
    QrExpired,
    SilenceEnded,
    SilenceNoted,
    Webhook,
)
from wa_tui.model.fleet import Fleet
from wa_tui.model.registers import Proof
from wa_tui.model.replay import replay
from wa_tui.model.session import Session
from wa_tui.model.silence import SilenceCause

STATUSES = ["initializing", "qr_pending", "authenticated", "connected", "disconnected", "auth_failed"]
WORDS = [None, "LOGOUT", "NAVIGATION", "Health check detected disconnection", "Protocol error"]


def make(status: str, at: int, detail: str | None, **more: Any) -> Webhook:
    down = status in ("disconnected", "auth_failed")
    return webhook(
        status,
        at,
        received=1000,
        qr=f"code-{at}" if status == "qr_pending" else None,
        detail=detail if down else None,
        phone_number=f"4915{at}" if status == "connected" else None,
        **more,
    )


events = st.builds(make, st.sampled_from(STATUSES), st.integers(0, 30), st.sampled_from(WORDS))


@st.composite
def shuffled(draw: st.DrawFn) -> tuple[list[Webhook], list[Webhook]]:
    """One epoch's webhooks twice: as drawn, and in another order with some duplicated."""
    first = draw(st.lists(events, min_size=1, max_size=12))
    if draw(st.booleans()):
        first = [
            msgspec.structs.replace(fact, sequence=index, boot_id="boot") for index, fact in enumerate(first)
        ]
    again = draw(st.lists(st.sampled_from(first), max_size=6))
    return first, draw(st.permutations(first + again))


def registers(session: Session) -> dict[str, object]:
    """What must converge; when a status began depends on what was seen between, and is no register."""
    return {
        "status": session.status,
        "reason": session.reason,
        "detail": session.detail,
        "credentials": session.credentials,
        "desired": session.desired,
        "phone": session.phone_number,
        "qr": session.qr.code.digest if session.qr else None,
        "claims": session.claims,
    }


base = st.sampled_from(["fresh", "stored", "stopped", "proven"])


def world_of(kind: str) -> World:
    world = World()
    match kind:
        case "stored":
            world.take(webhook("connected", -100))
        case "stopped":
            world.take(webhook("connected", -100), wanted("disconnect", -50, "offline"))
        case "proven":
            world.take(webhook("connected", -100), checked("connected", 12))
    return world


@settings(max_examples=MANY_EXAMPLES)
@given(base, shuffled())
def test_each_register_converges_under_any_order_and_duplication(
    kind: str, orders: tuple[list[Webhook], list[Webhook]]
) -> None:
    one, other = world_of(kind), world_of(kind)
    one.take(*orders[0])
    other.take(*orders[1])
    assert registers(one.session()) == registers(other.session())


@settings(max_examples=MANY_EXAMPLES)
@given(base, shuffled())
def test_a_batch_taken_in_twice_changes_nothing_more(
    kind: str, orders: tuple[list[Webhook], list[Webhook]]
) -> None:
    world = world_of(kind)
    world.take(*orders[0])
    before = registers(world.session())
    world.take(*orders[0])
    assert registers(world.session()) == before


def quieting(at: float, number: int) -> ActionAccepted:
    """Somebody quiets the gateway, or takes that back."""
    asked = (
        {"snoozed_until": ms(at + number) if number % 2 else 0}
        if number % 3
        else {"acknowledged": number % 2 == 0}
    )
    return ActionAccepted(KEY.gateway, "", ms(at), "quiet", "mira@ops", f"quiet-{at}", **asked)


def traffic(kind: str, at: float, back: int) -> Fact:
    """What messages, or a question to WhatsApp's server, tell."""
    match kind:
        case "acked":
            return MessageAcked(
                *KEY, at=ms(at), happened=ms(at - back), proof=Proof.DELIVERED if back % 2 else Proof.SERVER
            )
        case "silent":
            return SilenceNoted(*KEY, ms(at), ms(at - back), SilenceCause.QUIET)
        case "resumed":
            return SilenceEnded(*KEY, ms(at), resumed=ms(at) if back % 2 else None)
        case _:
            return GhostFound(*KEY, ms(at - back), ms(at), "denied")


def tick(index: int, kind: str, status: str, detail: str | None, back: int) -> Fact:
    at = 20.0 * index
    match kind:
        case "webhook" | "hint":
            happened = at - back
            qr = f"code-{index}" if status == "qr_pending" and back % 3 else None
            return webhook(status, happened, received=at, detail=detail, qr=qr, hint=kind == "hint")
        case "check":
            proof = Proof.CLAIMED if back % 2 else Proof.CLIENT
            return checked(None if status == "auth_failed" else status, at - back, ended=at, proof=proof)
        case "list":
            return listed(status, at)
        case "expire":
            return QrExpired(*KEY, ms(at))
        case "health":
            return healthy(at, uptime=5 if detail == "LOGOUT" else 1000 + at, clock=float(back))
        case "refused":
            return refused(at)
        case "quiet":
            return quieting(at, back)
        case "acked" | "silent" | "resumed" | "ghost":
            return traffic(kind, at, back)
        case "calm":
            return GatewayCalmed(KEY.gateway, ms(at))
    return wanted("reconnect" if back % 2 else "disconnect", at, "online" if back % 2 else "offline")


QUIETING = ["quiet", "calm"]
TRAFFIC = ["acked", "silent", "resumed", "ghost"]

histories = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "webhook",
                "webhook",
                "hint",
                "check",
                "list",
                "expire",
                "health",
                "refused",
                "wish",
                *QUIETING,
                *TRAFFIC,
            ]
        ),
        st.sampled_from(STATUSES),
        st.sampled_from(WORDS),
        st.integers(0, 50),
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=MANY_EXAMPLES)
@given(histories, st.integers(0, 25))
def test_snapshot_plus_tail_rebuilds_the_fleet(
    history: list[tuple[str, str, str | None, int]], cut: int
) -> None:
    world = World()
    facts = [tick(index, *step) for index, step in enumerate(history)]
    snapshot: list[Session] = []
    gateways = world.fleet.gateways()
    seen = 0
    for index, fact in enumerate(facts):
        if index == cut:
            snapshot, gateways = list(world.fleet.everything()), world.fleet.gateways()
            seen = len(world.events)
        world.take(fact)
    encoded = msgspec.json.encode(world.events[seen:])
    rebuilt = replay(Fleet(snapshot, gateways), msgspec.json.decode(encoded, type=list[Event]))
    for session in world.fleet.everything():
        copy = rebuilt.session(session.key)
        assert copy is not None
        assert visible(copy) == visible(session)
    for gateway in world.fleet.gateways():
        copied = rebuilt.gateway(gateway.name)
        for name in ("state", "epoch", "clock_offset", "snoozed_until", "acknowledged"):
            assert getattr(copied, name) == getattr(gateway, name), name


def visible(session: Session) -> dict[str, object]:
    """The registers, without evidence that moved silently after the last event."""
    shown = registers(session) | {"since": session.status_since, "action": session.action}
    shown |= {"ghost": session.ghost, "silent": session.silent}
    del shown["claims"]
    return shown
