"""The contract's counters, as the list and the batched webhook tell them, and what WhatsApp's server answered."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.odd import BAD, body
from tests.unit.gateways.stub import Stub, answer, http, stub
from wa_tui.gateways import Garbled, Place, RefusalCause, Refused, ServerAnswer, ServerVerdict
from wa_tui.gateways.contract.client import NodeService
from wa_tui.gateways.contract.traffic import batch_of
from wa_tui.gateways.reading.loose import Unreadable
from wa_tui.model.registers import Status
from wa_tui.model.traffic import Counters, Flow, FlowCounts

LIST = "/api/session/list"
ASK = "/api/session/server-check"
AT = 1_795_398_127_250
COUNTED: dict[str, Any] = {
    "received": 7,
    "sent": 5,
    "acked": 4,
    "delivered": 3,
    "read": 2,
    "failed": 1,
    "queued": 1,
    "receivedAt": AT,
    "sentAt": AT + 1,
    "ackedAt": None,
}
TRAFFIC = {"boot": "b-1", **COUNTED}


def counters(session_id: str) -> Counters:
    last = (AT, AT + 1, None, None, None, None)
    return Counters(session_id, "b-1", FlowCounts(7, 5, 4, 3, 2, 1), last, 1)


@pytest.fixture
async def server() -> AsyncIterator[Stub]:
    async with stub() as it:
        yield it


@pytest.fixture
async def gateway(server: Stub) -> AsyncIterator[NodeService]:
    it = NodeService(Place("eu-1", server.url, "the-key"))
    yield it
    await it.close()


async def test_a_list_tells_what_a_service_counted(server: Stub, gateway: NodeService) -> None:
    rows = [{"sessionId": "a", "status": "connected", "traffic": TRAFFIC}, {"sessionId": "b"}]
    server.answers[LIST] = answer({"success": True, "sessions": rows})
    assert [row.traffic for row in await gateway.list()] == [counters("a"), None]
    server.answers[LIST] = answer({"success": True, "sessions": rows[::-1]})
    assert [row.traffic for row in await gateway.list()] == [None, counters("a")]
    assert not gateway.decoration


async def test_a_bad_count_costs_itself_alone(server: Stub, gateway: NodeService) -> None:
    for field in (*TRAFFIC, "more"):
        for what, value in BAD.items():
            told = {each: json.dumps(one) for each, one in TRAFFIC.items()} | {field: value}
            row = b'{"sessionId":"odd","status":"connected","traffic":%b}' % body(told)
            well = b'{"sessionId":"well","status":"connected","traffic":%b}' % json.dumps(TRAFFIC).encode()
            server.answers[LIST] = http(b'{"success":true,"sessions":[%b,%b]}' % (well, row))
            rows = await gateway.list()
            assert [(each.session_id, each.status) for each in rows] == [
                ("well", Status.CONNECTED),
                ("odd", Status.CONNECTED),
            ], (field, what)
            assert rows[0].traffic == counters("well")
            if (found := rows[1].traffic) is None:
                assert field == "boot", what
            elif field not in ("sent", "more"):
                assert found.counts.sent == 5, (field, what)


async def test_a_batch_is_read_like_the_list() -> None:
    odd: Counter[str] = Counter()
    rows = [{"sessionId": "a", **COUNTED}, {"sessionId": "b", **COUNTED}]
    batch = {"boot": "b-1", "sessions": rows}
    assert batch_of(json.dumps(batch).encode(), odd) == ([counters("a"), counters("b")], 0)
    assert not odd
    rows += [
        {"sessionId": ""},
        {"sent": 3},
        {"sessionId": "c", "sent": "9", "received": "many", "sentAt": "soon"},
    ]
    found, unreadable = batch_of(json.dumps(batch).encode(), odd)
    assert found[:2] == [counters("a"), counters("b")]
    assert found[2:] == [Counters("c", "b-1", FlowCounts(sent=9))]
    assert (unreadable, set(odd)) == (2, {"sent", "received", "sentAt"})


@pytest.mark.parametrize(
    "garbage", [b"", b"[]", b"{}", b'{"boot":"b"}', b'{"boot":[],"sessions":[]}', b"\xff"]
)
async def test_what_is_no_batch_is_refused(garbage: bytes) -> None:
    with pytest.raises(Unreadable):
        batch_of(garbage, Counter())


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"answer": "fine"}, ServerAnswer(ServerVerdict.FINE)),
        ({"answer": "denied", "detail": "no account"}, ServerAnswer(ServerVerdict.DENIED, "no account")),
        ({"answer": "none", "detail": "10 s"}, ServerAnswer(ServerVerdict.NONE, "10 s")),
        ({"answer": " Denied ", "detail": 7}, ServerAnswer(ServerVerdict.DENIED, "7")),
    ],
)
async def test_whatsapps_answer_is_one_of_three(
    server: Stub, gateway: NodeService, told: dict[str, Any], expected: ServerAnswer
) -> None:
    server.answers[ASK] = answer({"success": True, "sessionId": "s-1", **told})
    assert await gateway.ask_server("s-1") == expected


async def test_any_other_answer_is_none_of_whatsapps(server: Stub, gateway: NodeService) -> None:
    for told in ({}, {"answer": "maybe"}, {"answer": None}):
        server.answers[ASK] = answer({"success": True, **told})
        with pytest.raises(Garbled):
            await gateway.ask_server("s-1")
    server.answers[ASK] = answer({"success": False, "message": "Client not found"})
    with pytest.raises(Refused) as caught:
        await gateway.ask_server("s-1")
    assert caught.value.cause is RefusalCause.NOT_FOUND


async def test_what_became_of_a_message_is_told_by_its_id(server: Stub, gateway: NodeService) -> None:
    path = "/api/session/message-check"
    server.answers[path] = answer({"success": True, "sessionId": "s-1", "flows": ["sent", "acked", "new", 7]})
    assert await gateway.ask_message("s-1", "3EB0A") == {Flow.SENT, Flow.ACKED}
    for told in ({}, {"flows": None}, {"flows": "acked"}):
        server.answers[path] = answer({"success": True, **told})
        with pytest.raises(Garbled):
            await gateway.ask_message("s-1", "3EB0A")
