"""Counters that the bundled service posts: by its key, as often as it likes, and nothing is adopted for them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from wa_tui.wire import TrafficView

from .inside import Inside, nth, world

ROUTE = "/api/v1/sessions/traffic/"


def counters(boot: str, session_id: str, **counted: Any) -> dict[str, Any]:
    return {"boot": boot, "sessions": [{"sessionId": session_id, **counted}]}


async def post(daemon: Inside, body: Any, *, key: str | None = None, route: str = ROUTE) -> httpx.Response:
    host, port = daemon.config.listen
    given: dict[str, Any] = {"content": body} if isinstance(body, bytes) else {"json": body}
    headers = {"x-api-key": key or daemon.config.gateways[0].api_key or ""}
    async with httpx.AsyncClient(base_url=f"http://{host}:{port}", trust_env=False) as web:
        return await web.post(route, headers=headers, **given)


async def traffic(daemon: Inside, session_id: str) -> TrafficView | None:
    return (await daemon.view(session_id)).traffic


@pytest.mark.parametrize("route", [ROUTE, ROUTE[:-1], "/api/v1/gateways/default/traffic/"])
async def test_what_grew_is_counted_once(route: str) -> None:
    async with world(1) as (_, daemon):
        await daemon.proven(nth(0))
        for received, sent in ((5, 1), (7, 2), (7, 2), (6, 2)):
            answer = await post(daemon, counters("b", nth(0), received=received, sent=sent), route=route)
            assert answer.status_code == 200, answer.text
        found = await traffic(daemon, nth(0))
        assert found is not None and (found.received, found.sent) == (2, 1), "since the first of them"
        await post(daemon, counters("next", nth(0), received=1))
        found = await traffic(daemon, nth(0))
        assert found is not None and found.received == 3, "a new boot begins at zero"
        await post(daemon, counters("b", nth(0), received=9))
        found = await traffic(daemon, nth(0))
        assert found is not None and found.received == 3, "of the one before nothing new can come"


async def test_what_no_account_can_have_is_not_counted_and_hides_nothing() -> None:
    async with world(1) as (_, daemon):
        await daemon.proven(nth(0))
        for received in (5, 2**63 - 1, 7):
            assert (await post(daemon, counters("b", nth(0), received=received))).status_code == 200
        found = await traffic(daemon, nth(0))
        assert found is not None and found.received == 2


async def test_nobody_else_can_post_and_nobody_is_adopted() -> None:
    async with world(1) as (_, daemon):
        await daemon.proven(nth(0))
        assert (await post(daemon, counters("b", nth(0)), key="wrong")).status_code == 403
        assert (
            await post(daemon, counters("b", nth(0)), route="/api/v1/gateways/x/traffic")
        ).status_code == 404
        assert (await post(daemon, counters("b", "nobody", received=1))).status_code == 200
        assert [view.session_id for view in await daemon.client.sessions()] == [nth(0)]
        assert await daemon.events("adopted", "nobody") == []


@pytest.mark.parametrize(
    "body", [b"", b"[", b"[]", b"{}", b'{"boot":1}', b"\xff", b'{"boot":"b","sessions":3}']
)
async def test_what_is_none_is_refused_and_said(body: bytes) -> None:
    async with world(1) as (_, daemon):
        await daemon.proven(nth(0))
        answer = await post(daemon, body)
        assert answer.status_code == 400 and "Malformed counters" in answer.text
        assert (await post(daemon, counters("b", nth(0)) | {"more": "x" * 2_000_000})).status_code == 413
        [gateway] = (await daemon.client.status()).gateways
        assert (gateway.webhooks["malformed"], gateway.webhooks["too_large"]) == (1, 1)
