"""Decoration never costs the fact: each side field with each bad value, and the status is taken in all the same."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import Any

import httpx
import pytest

from tests.odd import BAD, body
from tests.unit.gateways.stub import http, stub
from wa_tui.config import GatewayConfig
from wa_tui.gateways.contract.webhooks import decode, status_of
from wa_tui.model.registers import GatewayState, SessionKey, Status

from .inside import Inside, inside
from .running import KEY, WEBHOOK
from .waiting import until, webhook

KEYED = {"x-api-key": KEY}
NOWHERE = GatewayConfig(name="default", url="http://127.0.0.1:9", api_key=KEY)

WEBHOOK_FIELDS = (
    *(
        "timestamp",
        "userId",
        "phoneNumber",
        "qrCode",
        "qr",
        "reason",
        "error",
        "eventId",
        "sequence",
        "bootId",
    ),
    "somethingElse",
)


def told(session_id: str, **fields: str) -> bytes:
    known = {name: json.dumps(value) for name, value in webhook(session_id, "disconnected").items()}
    return body(known | fields)


async def test_a_webhooks_status_is_taken_in_whatever_stands_beside_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with (
        inside(NOWHERE) as daemon,
        httpx.AsyncClient(base_url=_base(daemon), trust_env=False, verify=False) as web,
    ):
        number = 0
        for field in WEBHOOK_FIELDS:
            for what, value in BAD.items():
                number += 1
                content = told(f"s-{number}", **{field: value})
                answer = await web.post(WEBHOOK, content=content, headers=KEYED)
                assert answer.status_code == 200, (field, what, answer.text)
                session = daemon.session(f"s-{number}")
                # Without a time that is one it starts a check.
                said = session.status if session.hinted is None else session.hinted.status
                assert said is Status.DISCONNECTED, (field, what)
                assert session.hinted is None or field == "timestamp"
        gateway = (await daemon.client.status()).gateways[0]
        assert gateway.webhooks["applied"] + gateway.webhooks["hint"] == number and gateway.attention == []
        assert gateway.decoration["phoneNumber"] > 10 and "somethingElse" not in gateway.decoration
        await daemon.restart()
        assert len(await daemon.client.sessions()) == number, "and all can be read again"
        assert len(await daemon.client.events(limit=5000)) >= number
    assert not [record for record in caplog.records if record.exc_info and record.name.startswith("wa_tui")]


def _base(daemon: Inside) -> str:
    host, port = daemon.config.listen
    return f"http://{host}:{port}"


@pytest.mark.parametrize(
    ("field", "value", "attribute", "read"),
    [
        ("phoneNumber", "15550001234", "phone_number", "15550001234"),
        ("phoneNumber", "1.5550001234e10", "phone_number", "15550001234"),
        ("phoneNumber", '{"server":"c.us","user":"1555"}', "phone_number", "1555"),
        ("phoneNumber", '{"server":"lid","user":"1555"}', "phone_number", None),
        ("reason", '{"message":"LOGOUT","code":7}', "reason", "LOGOUT"),
        ("reason", '{"why":["a",1]}', "reason", '{"why":["a",1]}'),
        ("reason", "428", "reason", "428"),
        ("reason", '"\\ud800gone"', "reason", "�gone"),
        ("reason", "true", "reason", None),
        ("timestamp", "1795398127.25", "timestamp", 1795398127250),
        ("timestamp", "[1]", "timestamp", None),
        ("sequence", "9" * 5000, "sequence", None),
        ("sequence", "12.0", "sequence", 12),
        ("sequence", '"12"', "sequence", 12),
        ("sequence", str(2**70), "sequence", None),
        ("bootId", "77", "boot_id", "77"),
        ("userId", "[7]", "user_id", None),
        ("qrCode", "{}", "qr_code", None),
    ],
)
def test_a_field_is_read_for_what_it_plainly_is(field: str, value: str, attribute: str, read: Any) -> None:
    found, odd = decode(told("a", **{field: value}))
    assert (found.session_id, found.status) == ("a", "disconnected")
    assert getattr(found, attribute) == read
    assert odd == [field]


def test_what_is_as_agreed_is_not_counted() -> None:
    usual = {
        "qrCode": json.dumps("A" * 20_000),
        "sequence": "7",
        "userId": "7",
        "reason": '"LOGOUT"',
        "error": "null",
    }
    found, odd = decode(told("a", **usual))
    assert odd == [] and found.reason == "LOGOUT" and found.qr_code == "A" * 20_000
    assert decode(b"\xef\xbb\xbf" + told("a"))[1] == []
    assert decode(told("a", status='"connected"', more="[" * 3000 + "]" * 3000))[0].status == "connected"


def test_a_status_is_the_same_word_in_any_case() -> None:
    assert status_of("Connected ") is status_of("connected") is Status.CONNECTED
    assert status_of("connected!") is status_of("unknown") is status_of("") is None


async def test_a_compressed_webhook_is_taken_in_and_a_bomb_is_not() -> None:
    content = told("a", reason='"LOGOUT"')
    bomb = told("b", reason=json.dumps("x" * 20_000_000))
    raw = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    async with (
        inside(NOWHERE) as daemon,
        httpx.AsyncClient(base_url=_base(daemon), trust_env=False, verify=False) as web,
    ):
        for encoding, packed, status in (
            ("gzip", gzip.compress(content), 200),
            ("deflate", zlib.compress(content), 200),
            ("deflate", raw.compress(content) + raw.flush(), 200),
            ("identity", content, 200),
            ("gzip", gzip.compress(bomb), 413),
            ("gzip, gzip", gzip.compress(gzip.compress(bomb)), 413),
            ("gzip", gzip.compress(content)[:-20], 415),
            ("gzip", content, 415),
            ("br", content, 415),
        ):
            headers = KEYED | {"content-encoding": encoding}
            answer = await web.post(WEBHOOK, content=packed, headers=headers)
            assert answer.status_code == status, (encoding, answer.text)
        gateway = (await daemon.client.status()).gateways[0]
        assert (gateway.webhooks["too_large"], gateway.webhooks["encoded"]) == (2, 3)
        assert "gzip or deflate" in gateway.attention[0].action


async def test_a_gateway_all_of_whose_side_fields_are_odd_is_up_and_its_sessions_are_proven() -> None:
    odd = {"phoneNumber": "15550001234", "qrCode": "{}", "isReady": "null", "error": "7"}
    session = {"success": "true", "sessionId": '"a"', "status": '"connected"'} | odd
    async with stub() as service:
        service.answers["/health"] = http(
            body({"success": "true", "uptime": '"7 days"', "timestamp": '"11/23/2026, 1:41:27 AM"'})
        )
        service.answers["/api/session/list"] = http(
            body({"success": "true", "sessions": f"[{body(session).decode()}]"})
        )
        service.answers["/api/session/status/a"] = http(body(session))
        async with inside(GatewayConfig(name="default", url=service.url, api_key=KEY)) as daemon:

            async def proven() -> bool:
                found = daemon.daemon.parts.fleet.session(SessionKey("default", "a"))
                if daemon.daemon.parts.fleet.gateway("default").state is not GatewayState.UP:
                    return False
                return found is not None and found.proven_at is not None and found.status is Status.CONNECTED

            await until(proven)
            view = (await daemon.client.status()).gateways[0]
            assert (view.state, view.sessions) == ("up", 1)
            assert {"uptime", "timestamp", "phoneNumber", "qrCode"} <= view.decoration.keys()
            [found] = await daemon.client.sessions()
            assert found.phone_number == "15550001234" and found.unanswered is None
