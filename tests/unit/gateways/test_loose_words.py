"""What is said of a body that is no JSON: what it is, in words that nobody has to look up."""

from __future__ import annotations

import pytest

from wa_tui.gateways.reading.loose import Unreadable, loads


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", "it is empty"),
        (b" \r\n", "it is empty"),
        (b"<!doctype html><html>", "it is a web page or XML, not JSON"),
        (b"sessionId=user_7&status=connected", "it is no JSON"),
        (b'{"sessionId": "user_7", "sta', "its JSON is cut off"),
        (b'{"sessionId": "user_7",', "its JSON is cut off"),
        (b'{"sessionId": "user_7"', "its JSON is cut off"),
        (b"[1, 2", "its JSON is cut off"),
        (b'{"sessionId": user_7}', "it is no JSON from character 15 on"),
        (b"{'sessionId': 'user_7'}", "it is no JSON from character 2 on"),
    ],
)
def test_a_body_that_is_no_json(body: bytes, detail: str) -> None:
    with pytest.raises(Unreadable, match=f"^{detail}$"):
        loads(body)
