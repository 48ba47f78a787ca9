"""What goes through a real session is counted, and WhatsApp's server is asked about it, by the real library."""

from __future__ import annotations

from typing import Any

import pytest

from tests.daemon.waiting import until
from wa_tui.gateways import Place, ServerVerdict
from wa_tui.gateways.contract.client import NodeService
from wa_tui.model.traffic import FLOWS, Counters, Flow

from .phone import Phone
from .service import RunningService

NUMBER = "4915550001"
OTHER = "4915550002@c.us"


@pytest.fixture
async def paired(service: RunningService, phone: Phone) -> RunningService:
    """Return a service with one connected session, ``billing_1``."""
    await service.start()
    await service.init("billing_1")
    await phone.scan_when_shown(NUMBER)
    await service.status_until("billing_1", "connected")
    return service


async def counted(service: RunningService, *expected: int) -> Counters:
    """Return a session's counters, through the contract's adapter, once they are as expected: by flow, then queued."""
    gateway = NodeService(Place("default", service.url, service.api_key))
    seen: list[Any] = [None]

    async def found() -> Counters | None:
        [row] = await gateway.list()
        assert row.traffic is not None
        seen[0] = (*(row.traffic.counts[flow] for flow in FLOWS), row.traffic.queued)
        return row.traffic if seen[0] == expected else None

    try:
        return await until(found, 40, lambda: f"counted {seen[0]}, not {expected}:\n{service.log()}")
    finally:
        await gateway.close()


async def send(service: RunningService) -> str:
    sent = await service.post(
        "/api/message/send-text", sessionId="billing_1", recipient=OTHER, message="a secret"
    )
    assert sent["success"], sent
    return str(sent["messageId"])


async def test_messages_are_counted_and_the_server_is_asked(paired: RunningService, phone: Phone) -> None:
    await each_message_counts_once_at_each_level(paired, phone)
    await counts_outlive_their_browser(paired, phone)
    await the_servers_answer_is_never_one_of_before(paired, phone)
    assert "secret" not in paired.log()
    await a_logout_leaves_nobody_to_ask(paired, phone)


async def each_message_counts_once_at_each_level(paired: RunningService, phone: Phone) -> None:
    for number in range(2):
        await phone.incoming(NUMBER, sender=f"491555000{number}@c.us", body="a secret")
    mine = await send(paired)
    await counted(paired, 2, 1, 1, 0, 0, 0, 0)
    for ack in (3, 2, 1, 3, 4):
        await phone.acknowledge(NUMBER, mine, ack)
    await phone.typed(NUMBER, to=OTHER, message_id="TYPED", ack=0)
    await phone.acknowledge(NUMBER, "TYPED", 2)
    first = await counted(paired, 2, 2, 2, 2, 1, 0, 0)
    assert all(first.last[:5]) and first.last[5] is None

    gateway = NodeService(Place("default", paired.url, paired.api_key))
    assert await gateway.ask_message("billing_1", mine) == {*FLOWS} - {Flow.RECEIVED, Flow.FAILED}
    assert await gateway.ask_message("billing_1", "TYPED") == {Flow.SENT, Flow.ACKED, Flow.DELIVERED}
    assert await gateway.ask_message("billing_1", "NOBODYS") == set()
    await gateway.close()

    await phone.set(acks=False)
    unsent = await send(paired)
    await counted(paired, 2, 3, 2, 2, 1, 0, 1)
    await phone.acknowledge(NUMBER, unsent, -1)
    await counted(paired, 2, 3, 2, 2, 1, 1, 0)


async def counts_outlive_their_browser(paired: RunningService, phone: Phone) -> None:
    first = await counted(paired, 2, 3, 2, 2, 1, 1, 0)
    await paired.post("/api/session/restart", sessionId="billing_1")
    await phone.incoming(NUMBER, sender=OTHER, body="after the restart")
    again = await counted(paired, 3, 3, 2, 2, 1, 1, 0)
    assert again.boot == first.boot


async def the_servers_answer_is_never_one_of_before(paired: RunningService, phone: Phone) -> None:
    gateway = NodeService(Place("default", paired.url, paired.api_key))
    before = len((await phone.look()).look_ups)
    for asked in range(1, 4):
        assert (await gateway.ask_server("billing_1")).verdict is ServerVerdict.FINE
        questions = (await phone.look()).look_ups[before:]
        assert questions == [NUMBER] * asked, "each question reaches the server"
    await phone.set(unknown=[NUMBER])
    answer = await gateway.ask_server("billing_1")
    assert (answer.verdict, answer.detail) == (
        ServerVerdict.DENIED,
        f"WhatsApp's server has no account +{NUMBER}",
    )
    await phone.set(unknown=[])
    assert (await gateway.ask_server("billing_1")).verdict is ServerVerdict.FINE
    assert len((await phone.look()).look_ups) == before + 5
    await gateway.close()


async def a_logout_leaves_nobody_to_ask(paired: RunningService, phone: Phone) -> None:
    await phone.logout(NUMBER)
    await paired.status_until("billing_1", "not_found")
    refused = await paired.post("/api/session/server-check", sessionId="billing_1")
    assert refused == {"success": False, "message": "Client not found. Please reconnect the session."}


@pytest.mark.long
async def test_a_server_that_does_not_answer_proves_nothing(paired: RunningService, phone: Phone) -> None:
    gateway = NodeService(Place("default", paired.url, paired.api_key))
    await phone.set(silent=[NUMBER])
    answer = await gateway.ask_server("billing_1")
    assert (answer.verdict, answer.detail) == (ServerVerdict.NONE, "WhatsApp's server took longer than 10 s")
    await gateway.close()
    assert (await paired.status("billing_1"))["status"] == "connected"
