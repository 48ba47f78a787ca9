"""Events and actions of a time, a gateway, a source: from the daemon's store, in pages."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from tests.ranges import is_in
from wa_tui.client import Client, Refused
from wa_tui.client.paging import events_backward, events_forward
from wa_tui.wire import ActionRequest, EventRange, EventView

from .running import TESTER, RunningDaemon


async def all_of(client: Client, wanted: EventRange, page: int = 7) -> list[EventView]:
    """Return a range's events, read forward; backward they are the same."""
    forward = [event async for events in events_forward(client, wanted, page=page) for event in events]
    backward: list[EventView] = []
    async for events in events_backward(client, wanted, page=page):
        backward = events + backward
    last = forward[-1].id if forward else 0
    assert forward == [event for event in backward if event.id <= last], "what came in meanwhile is newer"
    return forward


async def test_events_of_a_time_a_source_a_gateway(daemon: RunningDaemon) -> None:
    begin = datetime.now(UTC)
    await asyncio.gather(*(daemon.connected(f"s{number}") for number in range(20)))
    for number in range(20):
        at = begin + timedelta(seconds=1 + number)
        await daemon.post_webhook(f"s{number}", "disconnected", at=at, reason="NAVIGATION")
    everything = await all_of(daemon.client, EventRange())
    assert len({event.id for event in everything}) == len(everything) >= 40
    times = sorted(event.at for event in everything)
    since, until = times[len(times) // 3], times[-2]
    for wanted in (
        EventRange(since=since),
        EventRange(until=until),
        EventRange(since=since, until=until, sources=("webhook", "health")),
        EventRange(gateway="default", sources=("webhook",)),
        EventRange(gateway="elsewhere"),
        EventRange(since=times[-1] + timedelta(hours=1)),
        EventRange(until=times[0] - timedelta(days=3)),
        EventRange(session_id="s3", until=until),
    ):
        expected = [event for event in everything if is_in(event, wanted)]
        found = [event for event in await all_of(daemon.client, wanted) if event.id <= everything[-1].id]
        assert found == expected, wanted


async def test_a_long_answer_is_whole_though_it_goes_out_in_pieces(daemon: RunningDaemon) -> None:
    await asyncio.gather(*(daemon.connected(f"s{number}") for number in range(250)))
    whole = await daemon.client.events(limit=5000)
    assert len(whole) >= 250
    assert [event.id for event in whole] == sorted({event.id for event in whole})


async def test_actions_of_a_time(daemon: RunningDaemon) -> None:
    await daemon.connected("a", "b")
    ids = []
    for session_id in ("a", "b", "a"):
        request = ActionRequest(action="snooze", gateway="default", session_id=session_id, minutes=5)
        receipt = await daemon.client.act(request)
        ids.append(receipt.id)
        await daemon.client.receipt(receipt.id, wait=5)
    found = await daemon.client.actions("default")
    assert [receipt.id for receipt in found] == ids[::-1]
    assert {receipt.who for receipt in found} == {TESTER}
    assert [each.id for each in await daemon.client.actions(before=ids[2])] == ids[1::-1]
    assert await daemon.client.actions("elsewhere") == []
    middle = found[1].accepted_at
    assert [each.id for each in await daemon.client.actions(since=middle, until=middle)] == [ids[1]]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("events?since=yesterday", "since is no instant: write it in ISO 8601"),
        ("events?until=9999-99-99", "until is no instant"),
        ("events?source=heel", "'heel' is not a valid Source; there are webhook"),
        ("actions?limit=many", "limit are numbers"),
        ("actions?since=-", "since is no instant"),
    ],
)
async def test_a_range_that_is_none_is_refused(daemon: RunningDaemon, query: str, said: str) -> None:
    with pytest.raises(Refused) as refusal:
        await daemon.client._http.get(f"/{query}", msgspec.Raw)
    assert refusal.value.status == 400 and said in str(refusal.value)
