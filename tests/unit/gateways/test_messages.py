"""What each kind's webhooks about messages are counted as."""

from __future__ import annotations

from typing import Any

import pytest

from wa_tui.gateways.registry import ADAPTERS
from wa_tui.gateways.reports import Reading
from wa_tui.identity.kinds import GatewayKind
from wa_tui.model.traffic import Flow, Message

from . import posted
from .posted import AT, ID, NUMBER, WRITERS, acked, encoded, received, sent
from .recorded import bodies

KINDS = list(WRITERS)
REACHED = {
    -1: {Flow.FAILED},
    0: set(),
    1: {Flow.ACKED},
    2: {Flow.ACKED, Flow.DELIVERED},
    3: {Flow.ACKED, Flow.DELIVERED, Flow.READ},
    4: {Flow.ACKED, Flow.DELIVERED, Flow.READ},
}


def read(kind: GatewayKind, body: posted.Posted | bytes) -> Reading:
    webhooks = ADAPTERS[kind].webhooks
    assert webhooks is not None
    reading = webhooks.read(body if isinstance(body, bytes) else encoded(body))
    assert reading.reports == () and reading.ignored in webhooks.events
    assert NUMBER not in repr(reading)
    return reading


def messages(kind: GatewayKind, body: posted.Posted | bytes) -> tuple[Message, ...]:
    return read(kind, body).messages


@pytest.mark.parametrize("kind", KINDS)
def test_one_that_came_in_and_one_that_was_sent(kind: GatewayKind) -> None:
    assert messages(kind, received(kind)) == (Message("sales", Flow.RECEIVED, AT * 1000, ID),)
    assert messages(kind, sent(kind)) == (Message("sales", Flow.SENT, AT * 1000, ID),)


@pytest.mark.parametrize("level", REACHED)
@pytest.mark.parametrize("kind", KINDS)
def test_an_acknowledgement_says_all_that_comes_before_it(kind: GatewayKind, level: int) -> None:
    found = messages(kind, acked(kind, level))
    assert {message.flow for message in found} == REACHED[level]
    assert {message.id for message in found} <= {ID}
    # The time in it is the message's.
    assert AT * 1000 not in [message.at for message in found]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (GatewayKind.WWEBJS_API, posted.wwebjs("message_create", False)),
        (GatewayKind.WAHA, posted.waha("message", False)),
    ],
)
def test_one_that_is_said_twice_has_one_id(kind: GatewayKind, body: posted.Posted) -> None:
    assert messages(kind, body) == messages(kind, received(kind))


def test_one_by_the_phone_may_have_reached_the_server_before_it_is_told() -> None:
    for kind in (GatewayKind.WWEBJS_API, GatewayKind.WAHA, GatewayKind.WPPCONNECT):
        flows = [message.flow for message in messages(kind, sent(kind, ack=1))]
        assert flows == [Flow.SENT, Flow.ACKED]
    # WAHA says of some that a device has them, and does not know that yet.
    assert [message.flow for message in messages(GatewayKind.WAHA, sent(GatewayKind.WAHA, ack=2))] == [
        Flow.SENT
    ]


NOT_COUNTED: list[tuple[GatewayKind, posted.Posted]] = [
    (GatewayKind.WWEBJS_API, posted.wwebjs("message_ack", False, ack=3)),
    (GatewayKind.WWEBJS_API, posted.wwebjs("message_create", True, chat="status@broadcast")),
    (GatewayKind.WWEBJS_API, posted.wwebjs("message", False, isStatus=True)),
    (GatewayKind.WWEBJS_API, posted.wwebjs("message_create", False, type="e2e_notification")),
    (GatewayKind.WWEBJS_API, posted.wwebjs("media", False)),
    (GatewayKind.WWEBJS_API, posted.wwebjs("message_reaction", False)),
    (GatewayKind.EVOLUTION, posted.evolution("messages.update", False, status="READ")),
    (GatewayKind.EVOLUTION, posted.evolution("messages.update", True, status="DELETED")),
    (
        GatewayKind.EVOLUTION,
        posted.evolution("messages.update", True, status="SERVER_ACK", message={"a": "b"}),
    ),
    (GatewayKind.EVOLUTION, posted.evolution("messages.update", True, status="SERVER_ACK", pollUpdates=[{}])),
    (GatewayKind.EVOLUTION, posted.evolution("messages.upsert", False, chat="status@broadcast")),
    (GatewayKind.EVOLUTION, posted.evolution("messages.upsert", False, messageType="reactionMessage")),
    (GatewayKind.EVOLUTION, posted.evolution("messages.set", False)),
    (GatewayKind.EVOLUTION, posted.evolution("messages.delete", True)),
    (GatewayKind.WAHA, posted.waha("message.ack", False, ack=3)),
    (GatewayKind.WAHA, posted.waha("message.any", False, **{"from": "status@broadcast"})),
    (GatewayKind.WAHA, posted.waha("message.any", True, to="status@broadcast")),
    (GatewayKind.WAHA, posted.waha("message.ack", True, id="a_b", chat="status@broadcast", ack=3)),
    (GatewayKind.WAHA, posted.waha("message.any", False, _data={"type": "protocol"})),
    (GatewayKind.WAHA, posted.waha("message.reaction", False)),
    (GatewayKind.WPPCONNECT, posted.wppconnect("onack", False, ack=3)),
    (GatewayKind.WPPCONNECT, posted.wppconnect("onack", True, chat="status@broadcast", ack=3)),
    (GatewayKind.WPPCONNECT, posted.wppconnect("onmessage", False, **{"from": "status@broadcast"})),
    (GatewayKind.WPPCONNECT, posted.wppconnect("onmessage", False, type="e2e_notification")),
    (GatewayKind.WPPCONNECT, posted.wppconnect("onmessage", False, isMdHistoryMsg=True)),
    (GatewayKind.WPPCONNECT, posted.wppconnect("unreadmessages", False)),
    (GatewayKind.OPENWA, posted.openwa("message.received", False, **{"from": "status@broadcast"})),
    (GatewayKind.OPENWA, posted.openwa("message.reaction", False)),
    (GatewayKind.OPENWA, posted.openwa("message.ack", False, fromMe=False, status="read")),
]


@pytest.mark.parametrize(("kind", "body"), NOT_COUNTED)
def test_what_no_operator_calls_a_message(kind: GatewayKind, body: posted.Posted) -> None:
    assert messages(kind, body) == ()


def test_many_in_one_webhook_of_evolution() -> None:
    update = {
        "key": {"id": ID, "remoteJid": f"{NUMBER}@s.whatsapp.net", "fromMe": True},
        "update": {"status": 3},
    }
    second = {"key": {"id": "other", "remoteJid": "1@g.us", "fromMe": True}, "update": {"status": "ERROR"}}
    body = {"event": "MESSAGES_UPDATE", "instance": "sales", "data": [update, 7, None, second, [update]]}
    assert [(message.id, message.flow) for message in messages(GatewayKind.EVOLUTION, body)] == [
        (ID, Flow.ACKED),
        (ID, Flow.DELIVERED),
        ("other", Flow.FAILED),
    ]
    # Its engine counts one more than WhatsApp Web, and has 0 for an error.
    for number, flows in {0: {Flow.FAILED}, 1: set(), 2: {Flow.ACKED}, 4: REACHED[3], 5: REACHED[4]}.items():
        found = messages(GatewayKind.EVOLUTION, posted.evolution("messages.update", True, status=number))
        assert {message.flow for message in found} == flows


def test_one_in_a_group_has_the_same_id_however_its_writer_is_named() -> None:
    whole = posted.serialized(True, chat="1203@g.us")
    for id in (whole, f"{whole}_{NUMBER}@c.us", {"fromMe": True, "id": ID, "remote": "1203@g.us"}):
        body = posted.waha("message.ack.group", True, ack=1)
        body["payload"]["id"] = id
        assert [message.id for message in messages(GatewayKind.WAHA, body)] == [ID]


def test_of_waha_of_2026_an_acknowledgement_has_its_time() -> None:
    body = acked(GatewayKind.WAHA, 1) | {"id": "evt_1", "timestamp": AT * 1000 + 5}
    assert [message.at for message in messages(GatewayKind.WAHA, body)] == [AT * 1000 + 5]


def test_one_that_failed_at_openwa() -> None:
    body = posted.openwa("message.failed", True, error="no such number")
    assert [message.flow for message in messages(GatewayKind.OPENWA, body)] == [Flow.FAILED]


@pytest.mark.parametrize(("capture", "id"), [("evolution", "3EB0F53FDE0ABA1529D9BD"), ("wwebjs-api", ID)])
def test_what_real_servers_posted(capture: str, id: str) -> None:
    webhooks = ADAPTERS[GatewayKind(capture)].webhooks
    assert webhooks is not None
    found = [message for body in bodies(capture) for message in webhooks.read(body).messages]
    assert [(message.flow, message.id) for message in found] == [(Flow.SENT, id)]


ODD: list[Any] = [None, True, 7, -1.5, "", "x" * 70_000, [], {}, [[{"a": 1}]], {"fromMe": {"id": []}}, 10**30]


@pytest.mark.parametrize("kind", KINDS)
def test_a_field_of_another_type_costs_no_more_than_that_message(kind: GatewayKind) -> None:
    def damaged(value: Any, odd: Any) -> Any:
        """Yield a body once for each place in it, with something odd there."""
        items = value.items() if isinstance(value, dict) else ()
        for key, within in items:
            yield value | {key: odd}
            yield from ({**value, key: other} for other in damaged(within, odd))

    webhooks = ADAPTERS[kind].webhooks
    assert webhooks is not None
    for body in (received(kind), sent(kind), acked(kind, 3)):
        for odd in ODD:
            for each in damaged(body, odd):
                try:
                    reading = webhooks.read(encoded(each))
                except ValueError:
                    continue
                assert all(message.session_id for message in reading.messages)


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_strict_decoder_refuses_beside_it_costs_nothing(kind: GatewayKind) -> None:
    whole = encoded(received(kind))
    expected = messages(kind, whole)
    for beside in (b'"\\ud83d"', b"NaN", b"1e999", b'"\xff"', b"[" * 900 + b"]" * 900, b"-" + b"9" * 400):
        assert messages(kind, whole.replace(b'"hi"', beside)) == expected
    assert messages(kind, b"\xef\xbb\xbf" + whole) == expected
