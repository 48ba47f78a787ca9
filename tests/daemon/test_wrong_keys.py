"""Who shows many wrong keys is told to come again later; a right key from the same address is never held."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from wa_tui.config import GatewayConfig
from wa_tui.daemon.receiving.wrong_keys import ADDRESSES, BURST, WrongKeys
from wa_tui.identity.kinds import GatewayKind

from .fake_store import FixedClock
from .inside import inside
from .running import ACTIVE, CONTROL_KEY, WEBHOOK
from .waiting import webhook

EU = GatewayConfig("eu", "http://127.0.0.1:9", api_key="eu-key")
WAHA = GatewayConfig("waha", "http://127.0.0.1:7", api_key="k", webhook_key="s", kind=str(GatewayKind.WAHA))
STATUS = "/api/v1/status"
WRONG = [
    ("GET", STATUS),
    ("GET", ACTIVE),
    ("POST", WEBHOOK),
    ("POST", "/api/v1/sessions/traffic/"),
    ("POST", "/api/v1/gateways/waha/webhook"),
]


async def test_a_flood_of_wrong_keys_holds_no_right_one_of_the_same_address() -> None:
    async with inside(EU, WAHA) as daemon:
        base = f"http://127.0.0.1:{daemon.config.listen[1]}"
        ended = asyncio.Event()

        async def attack(web: httpx.AsyncClient) -> set[int]:
            seen = set()
            for number in range(200):
                method, path = WRONG[number % len(WRONG)]
                body = webhook("a", "connected") if method == "POST" else None
                answer = await web.request(method, path, json=body, headers={"x-api-key": f"guess-{number}"})
                assert answer.status_code != 429 or int(answer.headers["retry-after"]) >= 1
                seen.add(answer.status_code)
            ended.set()
            return seen

        async def work(web: httpx.AsyncClient) -> int:
            done = 0
            while not ended.is_set() or not done:
                body = webhook(f"s_{done}", "connected")
                assert (
                    await web.post(WEBHOOK, json=body, headers={"x-api-key": "eu-key"})
                ).status_code == 200
                assert (await web.get(ACTIVE, headers={"x-api-key": "eu-key"})).status_code in (200, 503)
                assert (await web.get(STATUS, headers={"x-api-key": CONTROL_KEY})).status_code == 200
                done += 1
            return done

        async with httpx.AsyncClient(base_url=base, trust_env=False, timeout=40) as web:
            seen, done = await asyncio.gather(attack(web), work(web))
            assert seen == {401, 403, 429} and done
            # Its bucket is empty now, for every route; that of the right key is not there.
            for method, path in WRONG:
                answer = await web.request(method, path, headers={"x-api-key": "guess"})
                assert answer.status_code == 429, path
            await work(web)
            daemon.clock.forward(2)
            assert (await web.get(STATUS)).status_code == 401


def test_a_bucket_is_an_addresss_own_and_fills_again() -> None:
    clock = FixedClock()
    wrong = WrongKeys(clock)
    assert {wrong.note("10.0.0.1") for _ in range(BURST)} == {None}
    assert wrong.note("10.0.0.1") == 1
    assert wrong.note("10.0.0.2") is None
    clock.at += 500
    assert wrong.note("10.0.0.1") == 1
    clock.at += 500
    assert wrong.note("10.0.0.1") is None and wrong.note("10.0.0.1") == 1
    clock.at += 3_600_000
    assert {wrong.note("10.0.0.1") for _ in range(BURST)} == {None} and wrong.note("10.0.0.1") == 1


@pytest.mark.parametrize(("one", "other", "same"), [
    ("2001:db8::1", "2001:db8::2", True),
    ("2001:db8::1", "2001:db8:0:1::1", False),
    ("::ffff:10.0.0.1", "::ffff:10.0.0.2", False),
    ("a proxy", "a proxy", True),
])  # fmt: skip
def test_who_has_an_ipv6_network_has_one_bucket(one: str, other: str, same: bool) -> None:
    wrong = WrongKeys(FixedClock())
    for _ in range(BURST):
        wrong.note(one)
    assert (wrong.note(other) is not None) is same


def test_many_addresses_take_no_more_room_than_some() -> None:
    wrong = WrongKeys(FixedClock())
    for number in range(ADDRESSES + 10):
        wrong.note(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
    assert len(wrong._left) == ADDRESSES
