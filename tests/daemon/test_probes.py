"""``/healthz`` and ``/readyz``: whether a daemon lives, and whether it can do its work."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.simulated import simulated
from wa_tui.config import GatewayConfig
from wa_tui.gateways.contract.client import NodeService
from wa_tui.gateways.protocol import Listing
from wa_tui.store import StoreError

from .inside import Inside, inside
from .running import WEBHOOK
from .waiting import until, webhook

NOWHERE = GatewayConfig("eu", "http://127.0.0.1:9", api_key="eu-key")
ELSEWHERE = GatewayConfig("us", "http://127.0.0.1:9", api_key="us-key")


@pytest.fixture
async def daemon() -> AsyncIterator[Inside]:
    """A daemon whose gateway does not answer, and which has recorded its start."""
    async with inside(NOWHERE) as daemon:
        await until(lambda: ready(daemon))
        yield daemon


async def ready(daemon: Inside) -> bool:
    return (await ask(daemon, "/readyz"))[0] == 200


async def ask(daemon: Inside, path: str, *, socket: bool = False) -> tuple[int, list[str]]:
    """Ask without a key; returns the status and why."""
    host, port = daemon.config.listen
    transport = httpx.AsyncHTTPTransport(uds=str(daemon.config.socket)) if socket else None
    async with httpx.AsyncClient(transport=transport, trust_env=False) as web:
        answer = await web.get(f"http://{host}:{port}{path}")
    said = answer.json()
    assert said["ok"] is (answer.status_code == 200)
    assert said["ok"] is not bool(said["why"])
    return answer.status_code, said["why"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_without_a_key_over_tcp_and_on_the_socket_though_no_gateway_answers(
    daemon: Inside, path: str
) -> None:
    assert await ask(daemon, path) == (200, [])
    assert await ask(daemon, path, socket=True) == (200, [])


async def test_a_store_that_fails_is_not_ready_until_it_takes_a_write(
    daemon: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = daemon.daemon.parts.store

    async def full(*_: Any) -> int:
        raise StoreError("database or disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(store, "commit", full)
        assert await post(daemon) == 503
        code, why = await ask(daemon, "/readyz")
        assert code == 503
        assert why == ["webhooks are answered 503: database or disk is full"]
        assert await ask(daemon, "/healthz") == (200, [])
    # No webhook has to come: the jobs' own records are tried again and again.
    await until(lambda: ready(daemon))


async def test_a_disk_that_hangs_is_not_ready(daemon: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    store, gate, begun = daemon.daemon.parts.store, asyncio.Event(), asyncio.Event()
    commit = store.commit

    async def hanging(*arguments: Any) -> int:
        begun.set()
        await gate.wait()
        return await commit(*arguments)

    monkeypatch.setattr(store, "commit", hanging)
    posted = asyncio.create_task(post(daemon))
    await begun.wait()
    assert await ready(daemon)
    daemon.clock.forward(11)
    code, why = await ask(daemon, "/readyz")
    assert code == 503
    assert "has not taken a write for 1" in why[0]
    gate.set()
    assert await posted == 200
    assert await ready(daemon)


async def test_a_recorder_that_ended_is_not_alive() -> None:
    async with inside(NOWHERE) as daemon:
        await daemon.daemon.parts.recorder.stop()
        for path in ("/healthz", "/readyz"):
            code, why = await ask(daemon, path)
            assert code == 503
            assert "the recorder ended" in why[0]


async def test_a_lost_store_waits_for_the_first_list_of_a_gateway_that_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gate, listed = asyncio.Event(), NodeService.list

    async def late(client: NodeService) -> Listing:
        if client.name == "eu":
            await gate.wait()
        return await listed(client)

    async with simulated(sessions=1, name="eu") as sim, inside(sim, ELSEWHERE) as daemon:
        await daemon.stop()
        for file in daemon.config.state_dir.glob("wa_tui.db*"):
            file.unlink()
        daemon.config.database.write_bytes(b"no database at all " * 1000)
        monkeypatch.setattr(NodeService, "list", late)
        await daemon.start()

        async def of_one() -> bool:
            return (await ask(daemon, "/readyz")) == (503, ["what eu is to restore waits for its first list"])

        # The other is asked too, does not answer, and is no reason from then on.
        await until(of_one, 5)
        assert await ask(daemon, "/healthz") == (200, [])
        gate.set()
        await until(lambda: ready(daemon))


async def post(daemon: Inside) -> int:
    """Have a webhook come in; returns what it is answered."""
    host, port = daemon.config.listen
    async with httpx.AsyncClient(trust_env=False) as web:
        answer = await web.post(
            f"http://{host}:{port}{WEBHOOK}",
            json=webhook("user_7_instance_a", "connected"),
            headers={"x-api-key": "eu-key"},
        )
    return answer.status_code
