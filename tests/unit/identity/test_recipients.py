"""Whom a message goes to; `node_service/test/recipients.test.js` reads the same vectors."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wa_tui.identity.recipients import Kind, NotARecipient, Recipient, parse_phone, parse_recipient

VECTORS = json.loads((Path(__file__).parents[2] / "data/recipients.json").read_text())
KEYWORDS = ("not found", "reconnect", "closed", "not connected", "not ready")
"""What a refusal never says: a session would be marked disconnected for it."""

PIECES = [*"0123456789" * 2, *"+-()./ @:\u00a0\u2013\u200e", "15", "-1488324890", "@c.us", "@g.us", "@lid"]
TYPED = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)
IDS = st.from_regex(
    r"[0-9]{1,20}([:-][0-9]{1,10})?(@(c\.us|g\.us|lid|newsletter|s\.whatsapp\.net))?", fullmatch=True
)


def digits(text: str) -> str:
    return re.sub("[^0-9]", "", text)


@pytest.mark.parametrize(("text", "kind", "written"), VECTORS["accepted"])
def test_what_is_accepted(text: str, kind: str, written: str) -> None:
    recipient = parse_recipient(text)
    assert (recipient.kind, str(recipient)) == (kind, written)


@pytest.mark.parametrize(("text", "detail"), VECTORS["refused"])
def test_what_is_refused_and_how_it_is_said(text: str, detail: str) -> None:
    with pytest.raises(NotARecipient) as refusal:
        parse_recipient(text)
    assert str(refusal.value) == detail
    assert not any(word in detail for word in KEYWORDS)


def test_a_pairing_code_is_for_a_phone() -> None:
    for text, written in VECTORS["phones"]["accepted"]:
        assert parse_phone(text) == written
    for text, detail in VECTORS["phones"]["refused"]:
        with pytest.raises(NotARecipient) as refusal:
            parse_phone(text)
        assert str(refusal.value) == detail


@given(TYPED | IDS | st.text(max_size=40))
def test_what_is_accepted_keeps_every_digit(text: str) -> None:
    try:
        recipient = parse_recipient(text)
    except NotARecipient:
        return
    device = re.compile(r":[0-9]+@(c\.us|s\.whatsapp\.net)", re.IGNORECASE)
    assert digits(str(recipient)) == digits(device.sub("", text))
    assert parse_recipient(str(recipient)) == recipient
    if recipient.kind is Kind.PHONE:
        assert re.fullmatch("[1-9][0-9]{6,14}", recipient.name)
        assert parse_recipient(f"+{recipient}") == recipient


@given(st.sampled_from(Kind), st.from_regex("[1-9][0-9]{6,14}", fullmatch=True))
def test_written_and_parsed_it_is_the_same(kind: Kind, name: str) -> None:
    recipient = Recipient(kind, name)
    assert parse_recipient(str(recipient)) == recipient


def test_a_long_text_is_refused_at_once() -> None:
    for text in ("1 " * 100_000 + "x", "(" * 200_000, "1" * 200_000, " " * 200_000 + "x", "-" * 200_000):
        with pytest.raises(NotARecipient):
            parse_recipient(text)
