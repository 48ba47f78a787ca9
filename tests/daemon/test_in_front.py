"""A proxy before a gateway, through the daemon: what is said is the proxy's doing, and what to do fits it."""

from __future__ import annotations

import pytest

from tests.unit.gateways.stub import Stub, answer, http, stub
from wa_tui.config import GatewayConfig
from wa_tui.gateways import Deadlines
from wa_tui.wire import AttentionCode, GatewayView, gateway_needs

from .inside import Inside, inside
from .waiting import until

HEALTH, LIST = "/health", "/api/session/list"
LONG = Deadlines(health=5, list=5, status=5, init=5, disconnect=5, send=5)


async def seen(daemon: Inside, state: str) -> GatewayView:
    """Return the gateway's view as soon as it is in a state."""

    async def found() -> GatewayView | None:
        [view] = (await daemon.client.status()).gateways
        return view if view.state == state else None

    return await until(found)


async def test_what_a_proxy_says_is_not_the_services_word() -> None:
    async with stub() as server:
        proxy_only(server, http(b"<h1>502</h1>", 502, "Server: nginx"))
        async with inside(GatewayConfig("eu-1", server.url, "k"), deadlines=LONG) as daemon:
            down = await seen(daemon, "down")
            assert (down.detail or "").startswith(
                "the proxy before eu-1 (nginx) answers 502 Bad Gateway: its service does not answer"
            )
            proxy_only(server, http(b"", 401, "Server: nginx", "WWW-Authenticate: Basic"))
            [need] = gateway_needs(await seen(daemon, "unauthorised"))
            assert need.code is AttentionCode.PROXY_REFUSES
            assert need.sentence == (
                "the proxy before eu-1 (nginx) asks for a user and password; "
                "set basic_user and basic_password_file of this gateway"
            )
            server.answers |= {
                HEALTH: answer({"success": True, "uptime": 100.0}),
                LIST: answer({"success": True, "sessions": []}),
            }
            assert gateway_needs(await seen(daemon, "up")) == []


@pytest.mark.parametrize(
    ("raw", "state", "detail"),
    [
        (http(b"", 401, "WWW-Authenticate: Basic"), "unauthorised", "set basic_user"),
        (http(b"", 401), "unauthorised", "set the api_key"),
        (http(b"<h1>502</h1>", 502, "Server: nginx"), "down", "where the proxy looks for it"),
    ],
    ids=["a log-in", "a wrong key", "no service"],
)
async def test_a_message_that_cannot_go_out_is_told_what_its_gateway_is(
    raw: bytes, state: str, detail: str
) -> None:
    async with stub() as server:
        proxy_only(server, raw)
        server.answers["/api/session/status/s1"] = raw
        async with inside(GatewayConfig("eu-1", server.url, "k"), deadlines=LONG) as daemon:
            await daemon.tell("s1", "connected")
            await seen(daemon, state)
            text = (await daemon.done("send", "s1", recipient="15550001", message="hi")).text
            assert detail in text and ("api_key" in text) == ("api_key" in detail), text
            assert "url is right" not in text, text


def proxy_only(server: Stub, raw: bytes) -> None:
    """Have a proxy answer everything."""
    server.answers |= {HEALTH: raw, LIST: raw}
