from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from tests.tui.fleet import EVENTS, NOW, ago, clock, event, session, snapshot, troubled
from wa_tui.filters.sessions import Filter, parse
from wa_tui.tui.fleet.order import Order
from wa_tui.tui.fleet.state import FleetState
from wa_tui.wire import (
    Condition,
    Delta,
    GatewayView,
    Receipt,
    SessionKey,
    SessionTraffic,
    Snapshot,
    TrafficView,
)

SALES: SessionKey = ("eu-1", "user_7_instance_sales-eu")
BILLING: SessionKey = ("eu-1", "user_7_instance_billing")


def state(first: Snapshot | None = None) -> FleetState:
    fleet = FleetState(clock)
    fleet.apply(first or snapshot())
    return fleet


def names(fleet: FleetState, order: Order = Order.TROUBLE) -> list[str]:
    return [fleet.sessions[key].instance_name or "" for key in fleet.rows(Filter(), order, fleet.now)]


def test_counts_add_up() -> None:
    fleet = state()
    counts = fleet.counts(fleet.now)
    assert counts.total == sum(counts.by_condition.values()) == 24
    assert counts.by_condition[Condition.CONNECTED] == 12
    assert counts.by_gateway["us-1"] == {Condition.CLAIMED: 3}
    assert list(counts.needs.items()) == [("scan_qr", 2), ("banned", 1), ("flapping", 1)]
    assert (counts.gateways, counts.daemon) == (1, 0)
    assert counts.needs_person == 5


def test_who_needs_a_person_comes_first_then_the_newest_trouble() -> None:
    assert names(state())[:13] == [
        "billing-old", "onboarding", "support-fr", "courier-2",
        "warehouse",
        "sales-eu", "field-team", "crm-south", "alerts-ops",
        "us-ops", "us-sales-1", "us-sales-2", "trial-77",
    ]  # fmt: skip
    assert names(state())[-1] == "archive-2024"


def test_other_orders() -> None:
    assert names(state(), Order.INSTANCE) == sorted(names(state()), key=str.casefold)
    assert names(state(), Order.AGE)[0] == "crm-south"
    assert names(state(), Order.UPTIME)[0] == "onboarding"
    gateways = [key[0] for key in state().rows(Filter(), Order.GATEWAY, NOW)]
    assert gateways == sorted(gateways)


def test_a_delta_counts_and_sorts_like_a_snapshot() -> None:
    fleet = state()
    fleet.counts(fleet.now), names(fleet)
    fallen = troubled("billing", "disconnected", status_since=ago(timedelta(seconds=1)), reason="logout")
    fleet.apply(Delta(sessions=[fallen, session("newcomer")], removed=[SALES]))
    fresh = state(snapshot(sessions=list(fleet.sessions.values())))
    assert fleet.counts(fleet.now) == fresh.counts(fresh.now)
    assert names(fleet) == names(fresh)
    assert names(fleet)[5] == "billing", "the newest of those that heal"
    assert SALES not in fleet.sessions


def test_the_order_is_the_same_list_while_nothing_moved() -> None:
    fleet = state()
    before = fleet.rows(Filter(), Order.TROUBLE, fleet.now)
    proven = msgspec.structs.replace(fleet.sessions[BILLING], proven_at=NOW)
    fleet.apply(Delta(sessions=[proven]))
    assert fleet.rows(Filter(), Order.TROUBLE, fleet.now) is before


def test_what_changed_is_told_once() -> None:
    fleet = state()
    assert len(fleet.drain()) == 24
    assert fleet.drain() == set()
    fleet.apply(Delta(sessions=[session("billing", proven_at=NOW)], removed=[SALES]))
    assert fleet.drain() == {BILLING, SALES}
    fleet.apply(Delta(gateways=[GatewayView(name="us-1", url="http://x", state="up", returned_at=NOW)]))
    assert fleet.drain() == {key for key in fleet.sessions if key[0] == "us-1"}
    healthy = msgspec.structs.replace(fleet.gateways["eu-1"], seen_at=NOW, latency_ms=9)
    fleet.apply(Delta(gateways=[healthy]))
    assert fleet.drain() == set(), "a health check changes no row"
    receipt = Receipt(id="a9", action="reconnect", outcome="accepted", gateway=SALES[0], session_id=SALES[1],
                      accepted_at=NOW)  # fmt: skip
    fleet.apply(Delta(receipts=[receipt]))
    assert fleet.drain() == {SALES}
    assert fleet.receipts["a9"] is receipt


def test_a_gateway_that_falls_takes_the_proof_with_it() -> None:
    fleet = state()
    assert fleet.condition(BILLING, fleet.now) is Condition.CONNECTED
    fleet.apply(Delta(gateways=[GatewayView(name="eu-1", url="http://x", state="down", since=NOW)]))
    assert fleet.condition(BILLING, fleet.now) is Condition.CLAIMED
    assert fleet.counts(fleet.now).by_gateway["eu-1"].get(Condition.CONNECTED) is None


def test_a_lost_daemon_leaves_the_fleet_but_proves_nothing() -> None:
    fleet = state()
    fleet.drain()
    fleet.lose("the daemon has gone")
    assert (fleet.connected, fleet.lost_reason, fleet.lost_at) == (False, "the daemon has gone", NOW)
    assert fleet.condition(BILLING, fleet.now) is Condition.CLAIMED
    assert Condition.CONNECTED not in fleet.counts(fleet.now).by_condition
    assert fleet.drain() == set(fleet.sessions)
    fleet.apply(snapshot())
    assert fleet.condition(BILLING, fleet.now) is Condition.CONNECTED
    assert fleet.lost_reason is None
    assert fleet.drain() == set(fleet.sessions)


def test_a_loss_is_counted_from_its_beginning() -> None:
    instants = [NOW]
    fleet = FleetState(lambda: instants[0])
    fleet.apply(snapshot())
    fleet.lose("gone")
    instants[0] = NOW + timedelta(minutes=3)
    fleet.lose("still gone")
    assert (fleet.lost_at, fleet.lost_reason) == (NOW, "still gone")


def test_proofs_age_with_the_clock() -> None:
    instants: list[datetime] = [NOW]
    fleet = FleetState(lambda: instants[0])
    fleet.apply(snapshot())
    assert fleet.condition(BILLING, fleet.now) is Condition.CONNECTED
    instants[0] = NOW + timedelta(minutes=11)
    assert fleet.condition(BILLING, fleet.now) is Condition.CLAIMED
    assert fleet.counts(fleet.now).by_condition.get(Condition.CONNECTED) is None


def test_a_snapshot_replaces_everything() -> None:
    fleet = state()
    fleet.apply(Delta(events=[event(99, timedelta(0), "sync", "status")]))
    assert [one.id for one in fleet.events][-1] == 99
    fleet.apply(snapshot(sessions=[session("only")]))
    assert names(fleet) == ["only"]
    assert list(fleet.events) == EVENTS
    assert fleet.counts(fleet.now).total == 1


def test_events_are_bounded() -> None:
    fleet = FleetState(clock, max_events=5)
    fleet.apply(snapshot())
    assert [one.id for one in fleet.events] == [5, 6, 7, 8, 9]


def test_a_filter_follows_what_changes() -> None:
    fleet = state()
    down = parse("status:disconnected")

    def shown() -> set[str | None]:
        return {fleet.sessions[key].instance_name for key in fleet.rows(down, Order.TROUBLE, fleet.now)}

    assert shown() == {"sales-eu", "courier-2"}
    fleet.apply(Delta(sessions=[troubled("billing", "disconnected"), session("sales-eu")]))
    assert shown() == {"billing", "courier-2"}


def test_traffic_moves_with_the_minute_and_newer_views_of_a_session_win() -> None:
    now = NOW
    fleet = FleetState(lambda: now)
    fleet.apply(snapshot())
    fleet.drain()
    busy, old = TrafficView(received=7), TrafficView(received=1)
    fleet.apply(
        Delta(
            traffic=[
                SessionTraffic(gateway=key[0], session_id=key[1], traffic=one)
                for key, one in ((SALES, busy), (BILLING, old), (("eu-1", "unknown"), busy))
            ]
        )
    )
    fleet.apply(Delta(sessions=[msgspec.structs.replace(fleet.sessions[BILLING], traffic=busy)]))
    assert fleet.drain() == {BILLING} and fleet.sessions[SALES].traffic is None
    now += timedelta(minutes=1)
    assert fleet.rows(Filter(), Order.RECEIVED, fleet.now)[:2] == [BILLING, SALES]
    assert fleet.drain() == {SALES} and fleet.sessions[SALES].traffic == busy
    assert fleet.sessions[BILLING].traffic == busy
