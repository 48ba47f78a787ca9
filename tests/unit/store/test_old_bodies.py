"""Names that older versions gave to fields and facts, in whatever they stand."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from wa_tui.model.events import Event
from wa_tui.model.facts import Checked, HealingSaid
from wa_tui.store.old_bodies import Renaming, body_decoder, fields_of
from wa_tui.store.rows import backlog_body, event_row, gateway_row, session_row

from .samples import EVENTS, FULL_GATEWAY, NOW, WORDS, full_session

FIELDS = {"session_id": "account", "at": "when", "state": "condition", "name": "title"}
TAGS = {"webhook": "report", "wanted": "wish"}
renamed = Renaming(FIELDS, TAGS)


class Report(msgspec.Struct, tag="report"):
    account: str | None = None


class Wish(msgspec.Struct, tag="wish"):
    pass


class Body(msgspec.Struct):
    fact: Report | Wish


TRICKS = [
    '"at":1',
    '{"at":1}',
    "at",
    '"at"',
    '\\"at\\":',
    '"type":"webhook"',
    "webhook",
    "wanted\\",
    '\\\\"at":',
    WORDS,
]


def expected(value: Any) -> Any:
    """The same with other names, by a walk through it."""
    if isinstance(value, list):
        return [expected(each) for each in value]
    if not isinstance(value, dict):
        return value
    found = {FIELDS.get(name, name): expected(each) for name, each in value.items()}
    if "type" in found:
        found["type"] = TAGS.get(found["type"], found["type"])
    return found


def bodies() -> list[bytes]:
    session = full_session()
    facts = [
        *(HealingSaid("eu", NOW, text, session_id=text) for text in TRICKS),
        *(Checked("eu", text, NOW, NOW, None) for text in TRICKS),
    ]
    return [
        *(event_row(each.id, each, None)[-2].encode() for each in EVENTS),
        *(msgspec.json.encode(msgspec.structs.replace(EVENTS[0], fact=fact)) for fact in facts),
        session_row(session)[-1].encode(),
        gateway_row(FULL_GATEWAY)[-1].encode(),
        backlog_body([session, session], [session.key]),
        msgspec.json.encode({"sessions": [session], "gateways": [FULL_GATEWAY]}),
    ]


def test_names_are_brought_up_to_date_and_texts_are_left_alone() -> None:
    for body in bodies():
        assert json.loads(renamed(body)) == expected(json.loads(body))


@pytest.mark.parametrize("body", [b"", b"\xff", b"[]", b'"at"', b'{"at":'])
def test_what_is_no_body_stays_none(body: bytes) -> None:
    renamed(body)
    assert fields_of(body) == {}
    with pytest.raises(msgspec.MsgspecError):
        body_decoder(Event, renamed)(body)


def test_a_decoder_reads_old_and_new_alike() -> None:
    class Account(msgspec.Struct):
        account: str
        when: int = 0

    decode = body_decoder(Account, renamed)
    assert decode(b'{"session_id":"\\"at\\":1","at":7}') == Account('"at":1', 7)
    assert decode(b'{"account":"at","when":7}') == Account("at", 7)


def test_a_decoder_reads_facts_by_their_old_tags() -> None:
    decode = body_decoder(Body, renamed)
    for name in (b"session_id", b"account"):
        assert decode(b'{"fact":{"type":"webhook","%s":"\\"type\\":"}}' % name) == Body(Report('"type":'))
    assert decode(b'{"fact":{"type":"wanted"}}') == decode(b'{"fact":{"type":"wish"}}') == Body(Wish())
