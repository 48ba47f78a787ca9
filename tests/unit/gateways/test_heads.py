"""What a body says at its beginning is read without its end."""

from __future__ import annotations

import json

import pytest

from wa_tui.gateways.reading.heads import closed
from wa_tui.gateways.reading.loose import Unreadable
from wa_tui.gateways.registry import ADAPTERS
from wa_tui.identity.kinds import GatewayKind
from wa_tui.model.traffic import Flow

from . import posted
from .posted import AT, ID, encoded

FILE = "A" * 8000
BODY = '{"a": "q,\\"}{", "b": {"c": [1, {"d": null}, "é,"], "e": {"f": true}, "g": "x"}, "h": [[], {}, 3]}'


def test_any_beginning_is_made_whole_or_refused() -> None:
    whole = BODY.encode()
    found = []
    for end in range(len(whole) + 1):
        try:
            found.append(json.loads(closed(whole[:end])))
        except Unreadable:
            assert not found
    assert found[0] == {"a": 'q,"}{'}
    assert found[-1] == json.loads(BODY) | {"h": [[], {}]}


@pytest.mark.parametrize(
    "head",
    [b"", b"{", b"[1, 2", b'"a, b', b"}}", b'{"a": 1', b"nonsense, here", b"{]", b"{" * 5000, b"\xff\xfe,{"],
)
def test_what_says_nothing_at_its_beginning(head: bytes) -> None:
    with pytest.raises(Unreadable):
        closed(head)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (GatewayKind.EVOLUTION, posted.evolution("messages.upsert", False, message={"base64": FILE})),
        (GatewayKind.WAHA, posted.waha("message.any", False, body=FILE)),
        (GatewayKind.WPPCONNECT, posted.wppconnect("onmessage", False, body=FILE)),
    ],
)
def test_a_message_with_a_file_is_known_by_its_beginning(kind: GatewayKind, body: posted.Posted) -> None:
    webhooks = ADAPTERS[kind].webhooks
    assert webhooks is not None
    [message] = webhooks.read(closed(encoded(body)[:4096])).messages
    assert (message.session_id, message.flow, message.id) == ("sales", Flow.RECEIVED, ID)
    assert message.at in (None, AT * 1000)
