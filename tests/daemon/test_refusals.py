"""What is refused is counted and said; who is mute by it needs a person, and no stranger calls one."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections import Counter
from typing import Any

import httpx
import pytest

from tests.simulated import simulated
from wa_tui.cli import exits
from wa_tui.daemon.receiving.addresses import Addresses, canonical
from wa_tui.daemon.receiving.advice import advice
from wa_tui.daemon.receiving.refusals import PEERS, Refusals
from wa_tui.daemon.receiving.summing import LINES
from wa_tui.store import StoreError
from wa_tui.wire import AttentionCode, RefusalKind, needs_person

from .conftest import NewDaemon
from .inside import Inside, ShiftedClock, nth, world
from .running import ACTIVE, CONTROL_KEY, KEY, WEBHOOK, RunningDaemon
from .waiting import until, webhook

HERE = "127.0.0.1"
BODY = webhook(nth(0), "connected")
KEYED = {"x-api-key": KEY}


def _own() -> str:
    """Return an address of this machine that others know it by, if it has one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
        probe.connect(("192.0.2.1", 9))  # nothing is sent
        return str(probe.getsockname()[0])
    return ""


OWN = _own()

Way = tuple[str, dict[str, Any], str, str]
"""Method and path, the rest of the request, and what is said of cause and cure."""

WAYS: dict[str, Way] = {
    "an old key": (f"POST {WEBHOOK}", {"json": BODY, "headers": {"x-api-key": "old"}}, "wrong key", "webhook_key"),
    "no key": (f"POST {WEBHOOK}", {"json": BODY}, "wrong key", "webhook_key"),
    "an old key by route": ("POST /api/v1/gateways/default/webhook/", {"json": BODY}, "wrong key", "webhook_key"),
    "a proxy's prefix": (
        f"POST /wa{WEBHOOK}", {"json": BODY, "headers": KEYED}, "wrong path", f"have it pass /wa{WEBHOOK} on"
    ),
    "a proxy's prefix and no key": (f"POST /wa{WEBHOOK}", {"json": BODY}, "wrong path", "a proxy before wa-tui"),
    "another path": (
        "POST /api/v1/session/webhook", {"json": BODY, "headers": KEYED}, "wrong path", f"end in {WEBHOOK}"
    ),
    "the root": ("POST /", {"json": BODY, "headers": KEYED}, "wrong path", f"end in {WEBHOOK}"),
    "a redirect": (f"GET {WEBHOOK}", {"headers": KEYED}, "wrong method", "makes GET of its POST"),
    "a gateway that is none": (
        "POST /api/v1/gateways/eu/webhook/", {"json": BODY, "headers": KEYED}, "unknown gateway", "gateways/default/"
    ),
    "no JSON": (f"POST {WEBHOOK}", {"content": b"a=1", "headers": KEYED}, "malformed", "see what its service sends"),
    "no session": (f"POST {WEBHOOK}", {"json": {"status": "connected"}, "headers": KEYED}, "malformed", "see what"),
    "a new status": (
        f"POST {WEBHOOK}", {"json": BODY | {"status": "banana"}, "headers": KEYED}, "unknown status", "'banana'"
    ),
    "too much": (
        f"POST {WEBHOOK}", {"json": BODY | {"qrCode": "A" * 600_000}, "headers": KEYED}, "too large", "at most"
    ),
    "what to restore": (f"GET {ACTIVE}", {"headers": {"x-api-key": "old"}}, "what to restore", "webhook_key"),
    "what to restore, elsewhere": (f"GET /wa{ACTIVE}", {"headers": KEYED}, "wrong path", f"as {ACTIVE}"),
}  # fmt: skip


async def test_each_way_in_which_webhooks_are_refused_needs_a_person_until_one_is_taken() -> None:
    async with (
        world(sessions=1) as (_, daemon),
        httpx.AsyncClient(base_url=_base(daemon), trust_env=False, verify=False) as web,
    ):
        await _calm(daemon)
        for name, (request, rest, cause, cure) in WAYS.items():
            method, path = request.split()
            for _ in range(2):
                answer = await web.request(method, path, **rest)
                assert answer.status_code >= 400 and answer.json()["message"], name
            view = await daemon.client.status()
            found = view.gateways[0].attention
            assert needs_person(view) == 1 and [each.code for each in found] == ["webhooks_refused"], name
            assert found[0].text.startswith("2 ") and cause in found[0].text, (name, found)
            assert cure in found[0].action, (name, found)
            answer = await web.post(WEBHOOK, json=webhook(nth(0), "connected"), headers=KEYED)
            assert answer.status_code == 200, answer.text
            assert needs_person(await daemon.client.status()) == 0, name


def _base(daemon: Inside) -> str:
    host, port = daemon.config.listen
    return f"http://{host}:{port}"


async def _calm(daemon: Inside) -> None:
    async def up() -> bool:
        return needs_person(await daemon.client.status()) == 0

    await until(up)


async def test_status_fails_and_says_why_until_a_webhook_is_taken(new_daemon: NewDaemon) -> None:
    daemon = new_daemon()
    async with simulated(sessions=1) as sim:
        await daemon.start(sim)
        await daemon.gateway_until(lambda gateway: gateway.state == "up")
        for _ in range(3):
            assert (await daemon.post_webhook(nth(0), "connected", key="old")).status_code == 403
        done = await daemon.wa_tui("status")
        assert done.returncode == exits.FAILED, done
        assert "3 webhooks refused: wrong key; set the key that its service sends" in done.stdout
        assert "1 needs a person" in done.stdout
        assert (await daemon.post_webhook(nth(0), "connected", key=sim.api_key)).status_code == 200
        done = await daemon.wa_tui("status")
        assert done.returncode == exits.OK, done


async def test_doubled_slashes_are_one(daemon: RunningDaemon) -> None:
    for path in (f"/{WEBHOOK}", WEBHOOK.replace("/", "//"), f"{WEBHOOK}/"):
        answer = await daemon.web.post(httpx.URL(daemon.url + path), json=BODY, headers=KEYED)
        assert answer.status_code == 200, (path, answer.text)
    asked = await daemon.web.get(httpx.URL(f"{daemon.url}/{ACTIVE}"), headers=KEYED)
    assert asked.status_code == 200
    listed = await daemon.web.get(
        httpx.URL(f"{daemon.url}//api/v1/status"), headers={"x-api-key": CONTROL_KEY}
    )
    assert listed.status_code == 200


async def test_a_path_that_does_not_exist_is_404_and_names_the_right_one(daemon: RunningDaemon) -> None:
    for path, right in (
        ("/wa/api/v1/status", "it is /api/v1/status"),
        ("/api/v1/statuses", "it may be /api/v1/status"),
        ("/api/v2/webhook", f"webhooks are POSTed to {WEBHOOK}"),
        ("/active-sessions", f"what to restore is at {ACTIVE}"),
        ("/nothing/like/active-sessions/", f"what to restore is at {ACTIVE}"),
        ("/favicon.ico", "the API is /api/v1/status"),
        ("/" + "a" * 5000, "the API is /api/v1/status"),
    ):
        answer = await daemon.web.get(path)
        assert answer.status_code == 404 and right in answer.json()["error"], answer.text
        assert len(answer.text) < 1200
    assert (await daemon.web.get("/api/v1/status/")).status_code == 401


async def test_what_strangers_are_refused_calls_nobody_and_fills_no_log(daemon: RunningDaemon) -> None:
    """Who browses, or guesses the API's key, is no gateway, though it may be on a gateway's host."""
    import websockets

    async def guess() -> None:
        answer = await daemon.web.get("/api/v1/status", headers={"x-api-key": "guess"})
        # Who guesses for long is told to come again later.
        assert answer.status_code in (401, 429)

    for _ in range(20):
        await asyncio.gather(*(guess() for _ in range(10)))
    for path in ("/", "/favicon.ico", WEBHOOK):
        await daemon.web.get(path)
    for _ in range(5):
        with pytest.raises(websockets.exceptions.InvalidStatus):
            await websockets.connect(daemon.url.replace("http", "ws") + "/api/v1/live")
    view = await daemon.client.status()
    assert view.gateways[0].attention == []
    counted = {each.kind: each.count for each in view.daemon.refused}
    assert counted == {"control_key": 205, "not_found": 2, "wrong_method": 1}
    said = [line for line in daemon.log().splitlines() if "refused" in line or "reject" in line]
    assert len(said) <= LINES and not [line for line in said if " ERROR " in line], said


async def test_who_comes_through_a_proxy_on_a_gateways_host_is_not_that_gateway(
    daemon: RunningDaemon,
) -> None:
    async def attention(forwarded: str) -> bool:
        headers = {"x-api-key": "guess", "x-forwarded-for": forwarded}
        for path in (WEBHOOK, WEBHOOK, f"/wa{WEBHOOK}"):
            assert (await daemon.web.post(path, json=BODY, headers=headers)).status_code in (403, 404)
        assert (await daemon.web.get(ACTIVE, headers=headers)).status_code == 403
        return bool((await daemon.client.status()).gateways[0].attention)

    for stranger in ("203.0.113.9", f"{HERE}, 203.0.113.9", "unknown", ""):
        assert not await attention(stranger), stranger
    peers = {each.peer for each in (await daemon.client.status()).daemon.refused}
    assert peers == {"203.0.113.9", "a proxy"}
    assert await attention(f"203.0.113.9, {HERE}"), "the last one is the proxy's word"


async def test_a_store_that_takes_nothing_needs_a_person_and_monitors_are_told() -> None:
    async with world() as (_, daemon):
        await _calm(daemon)
        core = daemon.daemon.parts
        commit = core.store.commit

        async def fail(*_: Any) -> None:
            raise StoreError("The disk is full")

        told: asyncio.Queue[list[AttentionCode]] = asyncio.Queue()

        async def follow() -> None:
            async for message in daemon.client.follow():
                view = getattr(message, "daemon", None)
                if view is not None:
                    told.put_nowait([need.code for need in view.attention])

        following = asyncio.create_task(follow())
        try:
            assert await asyncio.wait_for(told.get(), 10) == []
            core.store.commit = fail  # type: ignore[method-assign,assignment]
            async with httpx.AsyncClient(base_url=_base(daemon), trust_env=False, verify=False) as web:
                assert (await web.post(WEBHOOK, json=BODY, headers=KEYED)).status_code == 503
            view = await daemon.client.status()
            assert needs_person(view) == 1 and "The disk is full" in view.daemon.attention[0].text
            assert await asyncio.wait_for(told.get(), 10) == ["store_failed"]
            core.store.commit = commit  # type: ignore[method-assign]
            assert await asyncio.wait_for(told.get(), 30) == []
        finally:
            following.cancel()


class Counted:
    """Refusals on addresses that need no look-up; ``of`` is what was counted by gateway."""

    def __init__(self, **urls: str) -> None:
        self.clock = ShiftedClock()
        self.of: Counter[tuple[str, str]] = Counter()
        self.refusals = Refusals(self.clock, Addresses(urls), self._tally, advice)

    def _tally(self, word: str, *gateways: str) -> None:
        self.of.update((gateway, str(word)) for gateway in gateways)

    def refuse(self, peer: str | None, *gateways: str, kind: RefusalKind = RefusalKind.WRONG_KEY) -> None:
        self.clock.forward(1)
        self.refusals.note(kind, peer, gateways)

    def accept(self, gateway: str) -> None:
        self.clock.forward(1)
        self.refusals.accepted(gateway)

    def mute(self) -> set[str]:
        return {name for name in ("eu", "us", "ap") if self.refusals.attention(name)}


@pytest.fixture
async def counted() -> Counted:
    return Counted(eu="http://10.0.0.1:3000", us="http://10.0.0.1:3001", ap="http://[::1]:3000")


async def test_an_address_that_is_no_gateways_calls_nobody(counted: Counted) -> None:
    for kind in RefusalKind:
        for peer in ("10.0.0.9", "::ffff:10.0.0.9", "2001:db8::9", None):
            counted.refuse(peer, kind=kind)
    assert counted.mute() == set() and not counted.of
    peers = {(each.peer, each.kind): each.count for each in counted.refusals.peers()}
    assert peers["10.0.0.9", "wrong_key"] == 2, "one address, however it is written"


async def test_a_gateways_address_its_route_and_its_key_stand_for_it(counted: Counted) -> None:
    counted.refuse("127.0.0.1")
    assert counted.mute() == {"ap"}, "the loopback addresses are one host"
    assert counted.refusals.sender("10.0.0.9", b"127.0.0.1") == "10.0.0.9", (
        "a stranger's word counts for nothing"
    )
    counted.accept("ap")
    assert counted.mute() == set()
    counted.refuse("10.0.0.9", "us")
    assert counted.mute() == {"us"} and counted.of == {("us", "wrong_key"): 1}
    counted.refuse("10.0.0.1", "eu", "ap", kind=RefusalKind.MALFORMED)
    assert counted.mute() == {"us", "eu"}, "of those that share a key, the one that is there"


async def test_of_two_gateways_at_one_address_the_one_that_is_heard_is_well(counted: Counted) -> None:
    counted.refuse("10.0.0.1")
    assert counted.mute() == {"eu", "us"}
    for _ in range(3):
        counted.accept("us")
        counted.refuse("10.0.0.1")
        assert counted.mute() == {"eu"}
    counted.accept("eu")
    counted.accept("us")
    assert counted.mute() == set()
    counted.refuse("10.0.0.1")
    assert counted.mute() == {"eu", "us"}, "which of them it is now nobody can tell yet"


async def test_what_to_restore_is_over_when_it_was_told(counted: Counted) -> None:
    counted.refuse("127.0.0.1", kind=RefusalKind.RESTORE_KEY)
    assert counted.refusals.attention("ap")[0].text.startswith("1 request refused: wrong key when it asked")
    counted.refuse("127.0.0.1", kind=RefusalKind.WRONG_PATH)
    counted.refusals.answered("ap")
    assert counted.refusals.attention("ap")[0].text == "1 webhook refused: wrong path"
    counted.refuse("127.0.0.1", kind=RefusalKind.RESTORE_KEY)
    counted.accept("ap")
    assert counted.mute() == set()


async def test_addresses_are_counted_apart_up_to_a_number_and_the_log_is_short(
    counted: Counted, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "wa_tui.refused"):
        for number in range(500):
            counted.refuse(f"10.1.{number // 250}.{number % 250}")
        for _ in range(214):
            counted.refuse("10.1.0.1")
        counted.refusals.log.sum_up()
    peers = {each.peer: each.count for each in counted.refusals.peers()}
    assert len(peers) == PEERS + 1 and peers["others"] == 500 - PEERS and peers["10.1.0.1"] == 215
    assert len(caplog.messages) <= 2 * LINES
    assert "214 more requests refused from 10.1.0.1 in the last minute: wrong key" in caplog.messages


async def test_hosts_are_looked_up_and_this_machine_sends_from_the_loopback_too() -> None:
    addresses = Addresses(
        {"here": "http://localhost:3000", "away": "http://192.0.2.7", "lost": "http://x.invalid"}
    )
    await addresses.look()
    assert addresses.at("127.0.0.1") == addresses.at("::1") == ("here",)
    assert addresses.at("192.0.2.7") == ("away",)
    assert addresses.at("x.invalid") == ("lost",)
    assert canonical("fe80::1%eth0") == "fe80::1"


@pytest.mark.skipif(not OWN, reason="this machine has no address but its loopback ones")
async def test_who_sends_from_an_address_of_this_machine_is_the_gateway_on_it(counted: Counted) -> None:
    counted.refuse(OWN)
    assert counted.mute() == {"ap"}, "a service here may have been told this host's name"
    assert counted.refusals.sender(OWN, b"10.0.0.9") == "10.0.0.9", "and so may a proxy here"
