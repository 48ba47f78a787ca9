"""No web page of others is answered, by whatever name it calls us; programs with a key are, by any name."""

from __future__ import annotations

import socket

import httpx
import pytest
import websockets

from wa_tui.config import GatewayConfig
from wa_tui.daemon.serving.browsers import Names

from .inside import inside
from .running import CONTROL_KEY, KEY, WEBHOOK
from .waiting import webhook

EU = GatewayConfig("eu", "http://127.0.0.1:9", api_key=KEY)
STATUS = "/api/v1/status"


async def test_pages_are_refused_and_programs_are_not() -> None:
    async with inside(EU, hosts=("ops.example",)) as daemon:
        here = f"127.0.0.1:{daemon.config.listen[1]}"
        keyed = {"x-api-key": CONTROL_KEY}
        async with httpx.AsyncClient(base_url=f"http://{here}", trust_env=False, timeout=40) as web:
            for headers, status in (
                # Without a key: by a name that somebody gave to our address, and by ours.
                ({"host": "evil.example"}, 421),
                ({"host": "evil.example:8000", "origin": "http://evil.example:8000"}, 403),
                ({"host": "ops.example:8000"}, 401),
                ({"host": "a-proxy.example", "x-wa-tui-api": "3"}, 401),
                ({"host": "localhost:1"}, 401),
                # With one: by any name, but from no page elsewhere.
                (keyed | {"host": "a-proxy.example"}, 200),
                (keyed | {"host": "a-proxy.example", "origin": "https://a-proxy.example"}, 403),
                (keyed | {"origin": "https://evil.example"}, 403),
                (keyed | {"origin": "null"}, 403),
                (keyed | {"origin": f"http://{here}"}, 200),
            ):
                answer = await web.get(STATUS, headers=headers)
                assert answer.status_code == status, headers
                assert not [name for name in answer.headers if name.startswith("access-control")]
            asked = {"origin": "https://evil.example", "access-control-request-headers": "x-api-key"}
            answer = await web.options(STATUS, headers=asked)
            assert answer.status_code == 403
            # A gateway's webhooks have its key: it may call us what it likes.
            taken = await web.post(
                WEBHOOK,
                json=webhook("a", "connected"),
                headers={"x-api-key": KEY, "host": "host.docker.internal"},
            )
            assert taken.status_code == 200
        with pytest.raises(websockets.exceptions.InvalidStatus, match="403"):
            await websockets.connect(
                f"ws://{here}/api/v1/live",
                additional_headers=keyed,
                origin=websockets.Origin("http://evil.example"),
            )
        transport = httpx.AsyncHTTPTransport(uds=str(daemon.config.socket))
        async with httpx.AsyncClient(transport=transport, base_url="http://any-name") as web:
            assert (await web.get(STATUS)).status_code == 200
        refused = {each.kind: each.count for each in (await daemon.client.status()).daemon.refused}
        assert refused == {"web_page": 7, "control_key": 3}


@pytest.mark.parametrize(
    ("authority", "known"),
    [
        ("localhost", True),
        ("LOCALHOST:8000", True),
        ("wa.localhost:8000", True),
        ("127.0.0.1:8000", True),
        ("[::1]:8000", True),
        ("10.0.0.5", True),
        (socket.gethostname(), True),
        ("ops.example", True),
        ("ops.example.evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("localhost.evil.example", False),
        ("user@ops.example.", False),
        ("[::1", False),
        ("", False),
    ],
)
def test_names(authority: str, known: bool) -> None:
    assert (authority in Names(["ops.example"])) is known
