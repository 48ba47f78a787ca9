"""Keys of the API: names, scopes, rotation while the daemon runs; who acted, whatever a header claims."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.routing import Route, WebSocketRoute

from wa_tui.client import Client, DaemonGone, Refused, Tcp, Unauthorised
from wa_tui.config import GatewayConfig
from wa_tui.daemon.serving.rules import GATEWAYS_OWN, OPEN, RULES
from wa_tui.wire import ROOT, WHO_HEADER, ActionRequest, ApiKeyRequest, Scope, Snapshot

from .conftest import NewDaemon
from .inside import Inside, inside
from .running import CONTROL_KEY, TESTER, WEBHOOK
from .waiting import webhook

EU, US = (
    GatewayConfig(name, f"http://127.0.0.1:{port}", api_key=f"{name}-key")
    for name, port in (("eu", 7), ("us", 9))
)
EVERYBODYS = WEBHOOK


@pytest.fixture
async def daemon() -> AsyncIterator[Inside]:
    """A daemon with two gateways that refuse connections, and a session of each user on each."""
    async with inside(EU, US) as daemon:
        for gateway in ("eu", "us"):
            for user in ("7", "8"):
                answer = await post(daemon, f"{gateway}-key", f"user_{user}_instance_{gateway}", user_id=user)
                assert answer.status_code == 200
        yield daemon


async def post(
    daemon: Inside, key: str, session_id: str, path: str = EVERYBODYS, **fields: Any
) -> httpx.Response:
    """Post a webhook over TCP."""
    async with over_tcp(daemon, key) as web:
        return await web.post(path, json=webhook(session_id, "connected", **fields))


def over_tcp(daemon: Inside, key: str) -> httpx.AsyncClient:
    """A client without the habits of ours."""
    host, port = daemon.config.listen
    return httpx.AsyncClient(base_url=f"http://{host}:{port}", headers={"x-api-key": key}, trust_env=False)


async def made(daemon: Inside, name: str, *scopes: Scope, **fields: Any) -> str:
    """Make a key over the socket and return its secret."""
    request = ApiKeyRequest(name=name, scopes=[*scopes], **fields)
    return (await daemon.client.create_api_key(request)).secret


async def status_of(daemon: Inside, key: str, path: str, method: str = "GET", body: Any = None) -> int:
    async with over_tcp(daemon, key) as web:
        return (await web.request(method, f"{ROOT}{path}", json=body)).status_code


async def test_every_route_has_a_rule(daemon: Inside) -> None:
    routes = [each for each in daemon.daemon.api.app().routes if isinstance(each, Route | WebSocketRoute)]
    found = {
        (method, route.path.removeprefix(ROOT))
        for route in routes
        for method in (route.methods or () if isinstance(route, Route) else ("GET",))
        if method != "HEAD"
    }
    assert {each for each in found if each[1] not in GATEWAYS_OWN | OPEN} == RULES.keys()


async def test_each_scope_opens_what_it_says_and_a_refusal_says_what_is_missing(daemon: Inside) -> None:
    keys = {scope: await made(daemon, f"key-{scope}", scope) for scope in Scope}
    asked = {
        Scope.READ: ("/status", "GET", None),
        Scope.OPERATE: ("/sessions/eu/user_7_instance_eu/qr", "GET", None),
        Scope.ADMIN: ("/api-keys", "GET", None),
    }
    opens = {
        Scope.WEBHOOK: set(),
        Scope.READ: {Scope.READ},
        Scope.OPERATE: {Scope.READ, Scope.OPERATE},
        Scope.ADMIN: {Scope.READ, Scope.OPERATE, Scope.ADMIN},
    }
    for scope, key in keys.items():
        answers = {wanted: await status_of(daemon, key, *asked[wanted]) for wanted in asked}
        assert {wanted for wanted, status in answers.items() if status != 403} == opens[scope]
        taken = await post(daemon, key, "user_7_instance_eu")
        assert taken.status_code == (200 if scope is Scope.WEBHOOK else 403)
    reading = Client(Tcp(f"http://127.0.0.1:{daemon.config.listen[1]}", keys[Scope.READ]))
    with pytest.raises(Refused, match="the key key-read lacks the scope operate, which POST /api/v1/actions"):
        await reading.act(ActionRequest(action="sync"))
    operating = Client(Tcp(f"http://127.0.0.1:{daemon.config.listen[1]}", keys[Scope.OPERATE]))
    with pytest.raises(Refused, match=r"lacks the scope admin.*--scope admin` makes one that has it"):
        await operating.act(ActionRequest(action="setup_webhooks", gateway="eu", url="http://127.0.0.1:6"))
    await reading.close()
    await operating.close()
    kinds = {(each.kind, each.peer) for each in (await daemon.client.status()).daemon.refused}
    assert ("scope", "127.0.0.1") in kinds


async def test_a_key_for_a_gateway_sees_that_one_alone(daemon: Inside) -> None:
    key = await made(daemon, "eu-only", Scope.OPERATE, gateways=["eu"])
    assert await status_of(daemon, key, "/sessions?gateway=eu") == 200
    assert await status_of(daemon, key, "/events?gateway=eu") == 200
    async with over_tcp(daemon, key) as web:
        found = (await web.get(f"{ROOT}/sessions?gateway=eu&history=0")).json()
        assert {each["gateway"] for each in found} == {"eu"} and len(found) == 2
        named = (await web.get(f"{ROOT}/sessions?gateway=eu&id=us/user_7_instance_us")).json()
        assert named == []
    watching = Client(Tcp(f"http://127.0.0.1:{daemon.config.listen[1]}", key))
    with pytest.raises(Refused, match="is for eu alone, and GET /api/v1/live is about more than one gateway"):
        await anext(watching.live())
    await watching.close()
    for path in (
        "/status",
        "/jobs",
        "/sessions",
        "/sessions?gateway=us",
        "/events?gateway=eu&gateway=us",
        "/events?gateway=us&gateway=eu",
        "/events?gateway=eu&gateway=",
        "/actions?gateway=us",
        "/messages",
        "/sessions/us/user_7_instance_us/qr",
        "/gateways/us/setup",
        "/api-keys",
    ):
        assert await status_of(daemon, key, path) in (403, 404), path
    action = {"action": "snooze", "gateway": "eu", "session_id": "user_7_instance_eu"}
    assert await status_of(daemon, key, "/actions", "POST", action) == 202
    for other in (
        {"gateway": "us", "session_id": "user_7_instance_us"},
        {"gateway": None},
        {"action": "sync", "gateway": None, "session_id": None},
        {"action": "send", "user_id": "7", "session_id": None, "recipient": "15550001", "message": "x"},
        {"action": "send", "fallback": True, "recipient": "15550001", "message": "x"},
    ):
        assert await status_of(daemon, key, "/actions", "POST", action | other) == 403, other
    there = await daemon.client.act(
        ActionRequest(action="snooze", gateway="us", session_id="user_7_instance_us")
    )
    assert await status_of(daemon, key, f"/actions/{there.id}") == 404


async def test_a_key_for_a_user_sees_their_sessions_alone(daemon: Inside) -> None:
    key = await made(daemon, "seven", Scope.OPERATE, user_id="7")
    assert await status_of(daemon, key, "/events?gateway=us&session_id=user_7_instance_us") == 200
    assert await status_of(daemon, key, "/sessions/eu/user_7_instance_eu/traffic") == 200
    theirs = "gateway=eu&session_id=user_7_instance_eu"
    for path in (
        "/events",
        "/sessions?gateway=eu",
        "/sessions/eu/user_8_instance_eu/traffic",
        # What these do not read narrows nothing.
        f"/sessions?{theirs}",
        f"/sessions?{theirs}&id=eu/user_8_instance_eu",
        f"/actions?{theirs}",
        f"/events?{theirs}&session_id=user_8_instance_eu",
    ):
        assert await status_of(daemon, key, path) == 403, path
    action = {"action": "snooze", "gateway": "eu", "session_id": "user_7_instance_eu"}
    assert await status_of(daemon, key, "/actions", "POST", action) == 202
    for other in (
        {"session_id": "user_8_instance_eu"},
        {"session_id": "user_8_instance_eu", "user_id": "7"},
        {"session_id": None},
        {"action": "new", "user_id": "8", "session_id": None},
        # A user that is named beside what is about all of them changes nothing.
        {"session_id": None, "user_id": "7"},
        {"action": "acknowledge", "session_id": None, "user_id": "7"},
        {"action": "sync", "session_id": None, "user_id": "7"},
        {"action": "run_job", "job": "health", "session_id": None, "user_id": "7"},
    ):
        assert await status_of(daemon, key, "/actions", "POST", action | other) == 403, other


async def test_webhooks_of_a_key_are_those_of_its_gateways(daemon: Inside) -> None:
    key = await made(daemon, "posts-eu", Scope.WEBHOOK, gateways=["eu"])
    assert (await post(daemon, key, "new_1")).status_code == 200
    assert daemon.daemon.parts.fleet.owners("new_1") == ["eu"]
    assert (await post(daemon, key, "new_2", "/api/v1/gateways/us/webhook/")).status_code == 403
    assert (await post(daemon, "eu-key", "new_3")).status_code == 200
    await daemon.client.revoke_api_key("posts-eu")
    assert (await post(daemon, key, "new_4")).status_code == 403


async def test_rotation_works_at_once_and_a_revoked_keys_live_stream_ends(daemon: Inside) -> None:
    old, new = await made(daemon, "ci", Scope.READ), await made(daemon, "ci-2", Scope.READ)
    url = f"http://127.0.0.1:{daemon.config.listen[1]}"
    monitors = [Client(Tcp(url, key)) for key in (old, new)]
    feeds = [monitor.live() for monitor in monitors]
    assert [type(await anext(feed)) for feed in feeds] == [Snapshot, Snapshot]
    revoked = await daemon.client.revoke_api_key("ci")
    assert revoked.revoked_by == TESTER
    with pytest.raises(DaemonGone, match="the key was revoked"):
        while True:
            await anext(feeds[0])
    with pytest.raises(Unauthorised):
        await monitors[0].jobs()
    assert await monitors[1].jobs()
    await post(daemon, "eu-key", "user_7_instance_eu", reason="still told")
    await anext(feeds[1])
    for feed, monitor in zip(feeds, monitors, strict=True):
        await feed.aclose()
        await monitor.close()


async def test_keys_outlive_a_restart_and_only_their_digests_are_kept(
    daemon: Inside, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    key, gone = await made(daemon, "kept", Scope.READ), await made(daemon, "gone", Scope.ADMIN)
    await daemon.client.revoke_api_key("gone")
    assert await status_of(daemon, gone, "/status") == 401
    assert await status_of(daemon, key, "/api-keys") == 403
    await daemon.restart()
    assert await status_of(daemon, key, "/status") == 200
    assert await status_of(daemon, gone, "/status") == 401
    listed = {each.name: each for each in await daemon.client.api_keys()}
    assert (listed["kept"].created_by, listed["kept"].scopes) == (TESTER, ["read"])
    assert listed["kept"].used_at is not None and listed["gone"].revoked_at is not None
    await daemon.client.close()
    await daemon.stop()
    files = [each for each in daemon.config.state_dir.rglob("*") if each.is_file()]
    assert files
    for secret in (key, gone):
        assert not [each for each in files if secret.encode() in each.read_bytes()]
        assert secret not in caplog.text


WRONG: list[tuple[dict[str, Any], int]] = [
    ({"name": "Upper"}, 400),
    ({"name": "control-key"}, 400),
    ({"name": "ops (says anna)"}, 400),
    ({"name": "a" * 65}, 400),
    ({"name": "ci"}, 409),
    ({"name": "none", "scopes": []}, 400),
    ({"name": "nowhere", "gateways": ["asia"]}, 404),
    ({"name": "mixed", "scopes": ["webhook"], "user_id": "7"}, 400),
    ({"name": "odd", "scopes": ["root"]}, 400),
    ({"name": "more", "color": "red"}, 400),
]


async def test_what_is_no_key_is_not_made_and_of_two_with_one_name_at_once_one_is(daemon: Inside) -> None:
    asked = [made(daemon, "ci", Scope.READ) for _ in range(8)]
    done = await asyncio.gather(*asked, return_exceptions=True)
    [secret] = [each for each in done if isinstance(each, str)]
    assert await status_of(daemon, secret, "/status") == 200
    assert {each.status for each in done if isinstance(each, Refused)} == {409}
    async with over_tcp(daemon, CONTROL_KEY) as web:
        for fields, status in WRONG:
            answer = await web.post(f"{ROOT}/api-keys", json={"scopes": ["read"]} | fields)
            assert answer.status_code == status and answer.json()["error"], fields
    assert [each.name for each in await daemon.client.api_keys()] == ["ci"]


async def test_who_acts_is_the_key_or_the_sockets_user_and_what_a_header_says_only_adds_to_that(
    daemon: Inside,
) -> None:
    action = {"action": "snooze", "gateway": "eu", "session_id": "user_7_instance_eu"}
    key = await made(daemon, "ops", Scope.OPERATE)

    async def who(web: httpx.AsyncClient, said: str | None) -> str:
        headers = {} if said is None else {WHO_HEADER: said, "x-wa-tui-api": "3"}
        answer = await web.post(f"{ROOT}/actions", json=action, headers=headers)
        assert answer.status_code == 202, answer.text
        found: str = answer.json()["who"]
        return found

    async with over_tcp(daemon, key) as web:
        assert await who(web, None) == "ops"
        assert await who(web, "anna@laptop") == "ops (says anna@laptop)"
        assert await who(web, "heal") == "ops (says heal)"
        assert await who(web, "x) (says root") == "ops"
        assert await who(web, "a" * 65) == "ops"
    async with over_tcp(daemon, CONTROL_KEY) as web:
        assert await who(web, "ops") == "control-key (says ops)"
    transport = httpx.AsyncHTTPTransport(uds=str(daemon.config.socket))
    async with httpx.AsyncClient(transport=transport, base_url="http://wa-tui") as web:
        assert await who(web, None) == TESTER
        assert await who(web, f"{TESTER}@elsewhere") == TESTER
        assert await who(web, "boss@office") == f"{TESTER} (says boss@office)"
    rows = await daemon.client.actions()
    assert {each.who for each in rows} >= {"ops", TESTER}


async def test_a_key_that_is_revoked_while_it_is_made_opens_nothing(daemon: Inside) -> None:
    keys = daemon.daemon.parts.api_keys
    making = asyncio.create_task(keys.create(ApiKeyRequest(name="brief", scopes=[Scope.READ]), "anna"))
    await asyncio.sleep(0)
    await keys.revoke("brief", "anna")
    _, secret = await making
    assert await status_of(daemon, secret, "/status") == 401
    assert [key.revoked_at is not None for key in await daemon.client.api_keys()] == [True]


async def test_the_command_line_makes_lists_and_revokes_keys(new_daemon: NewDaemon) -> None:
    daemon = await new_daemon().start()
    done = await daemon.wa_tui("api-keys", "create", "ci", "--scope", "operate", "--gateway", "default")
    assert done.returncode == 0 and "shown this once" in done.stderr and "operate, of default" in done.stderr
    secret = done.stdout.strip()
    assert re.fullmatch(r"wa_tui_[A-Za-z0-9_-]{43}", secret)
    again = await daemon.wa_tui("api-keys", "create", "ci")
    assert again.returncode == 2 and "take another name" in again.stderr
    listed = await daemon.wa_tui("api-keys")
    assert "ci" in listed.stdout and secret not in listed.stdout
    revoked = await daemon.wa_tui("api-keys", "revoke", "ci")
    assert (revoked.returncode, revoked.stdout) == (0, "The key ci opens nothing any more.\n")
    unknown = await daemon.wa_tui("api-keys", "revoke", "nobody")
    assert unknown.returncode == 2 and "api-keys list" in unknown.stderr
    assert (await daemon.wa_tui("api-keys", "create")).returncode == 2
