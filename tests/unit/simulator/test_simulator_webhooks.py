"""Each webhook of contract §2, compared with the traffic of a real service, and what happens to it on its way."""

from __future__ import annotations

import asyncio
import base64
import io
import itertools
import time
from pathlib import Path
from typing import Any

import httpx
import msgspec
import zxingcpp
from PIL import Image

from tests.simulated import Simulated, simulated
from tests.unit.simulator.plane import ControlPlane, until

SESSION = "user_1_instance_default-0"
OTHER = "user_1_instance_default-1"
CAPTURES = Path(__file__).parents[2] / "data"


def _captured() -> dict[tuple[str, str | None], list[str]]:
    """Return the field names, in order, of each kind of webhook that a real service sent."""
    kinds = {}
    for name in ("endpoints", "restore-60-of-50"):
        for line in (CAPTURES / f"{name}.jsonl").read_text().splitlines():
            body = msgspec.json.decode(line)["body"]
            if body:
                kinds[_kind(body)] = list(body)
    return kinds


def _kind(body: dict[str, Any]) -> tuple[str, str | None]:
    detail = body.get("reason") or body.get("error") or ""
    told = "Health check" if detail.startswith("Health check") else "restore" if "restore" in detail else None
    return body["status"], told


async def _init(sim: Simulated, session_id: str) -> dict[str, Any]:
    async with httpx.AsyncClient(
        base_url=sim.url, headers={"x-api-key": sim.api_key}, verify=False
    ) as client:
        body = {"sessionId": session_id, "userId": 1}
        answer: dict[str, Any] = (await client.post("/api/session/init", json=body)).json()
        return answer


async def test_every_kind_has_the_fields_of_a_real_service(plane: ControlPlane) -> None:
    plane.active = [{"session_id": f"bench_{n}", "user_id": n} for n in range(9)]
    options: dict[str, Any] = {"max_sessions": 6, "restore_delay_seconds": 0.4, "start_seconds": 0.01}
    async with simulated(sessions=2, control_plane=plane.url, health_interval_seconds=0.2, **options) as sim:
        await _init(sim, "fresh")
        await sim.fault("scan", "fresh")
        await sim.until("fresh", "connected")
        await sim.fault("logout", SESSION)
        await sim.fault("auth_failed", "user_1_instance_default-1")
        await until(lambda: {_kind(body) for body in plane.received} >= set(_captured()))
    seen = {_kind(body): list(body) for body in plane.received}
    assert seen == _captured()
    for body in plane.received:
        assert len(body["timestamp"]) == len("2026-11-23T01:41:28.028Z")
        assert body["timestamp"].endswith("Z")
    assert {(method, path) for method, path, key in plane.requests if key == "test-key"} == {
        ("GET", "/api/v1/sessions/active-sessions/"),
        ("POST", "/api/v1/sessions/webhook/"),
    }


async def test_the_gateway_route_names_the_gateway(plane: ControlPlane) -> None:
    async with simulated(name="eu-1", sessions=1, control_plane=plane.url, gateway_route=True) as sim:
        await sim.fault("drop", "user_1_instance_eu-1-0")
        await plane.until(1)
        await until(lambda: len(plane.requests) == 2)
    assert {path for _, path, _ in plane.requests} == {
        "/api/v1/gateways/eu-1/webhook/",
        "/api/v1/gateways/eu-1/active-sessions/",
    }


async def test_the_qr_is_a_picture_that_decodes_and_rotates(plane: ControlPlane) -> None:
    async with simulated(control_plane=plane.url, qr_seconds=0.1) as sim:
        answer = await _init(sim, "fresh")
        codes = [body["qrCode"] for body in await plane.until(3, "fresh")]
    assert answer["qrCode"] in codes
    assert len(set(codes)) == len(codes)
    assert 5_000 < len(codes[0]) < 9_000
    texts = [_decoded(code) for code in codes]
    assert all(text.startswith("2@") for text in texts)
    assert len(set(texts)) == len(texts)


def _decoded(data_url: str) -> str:
    picture = Image.open(io.BytesIO(base64.b64decode(data_url.partition(",")[2])))
    (code,) = zxingcpp.read_barcodes(picture)
    return str(code.text)


async def test_restoring_skips_no_wanted_session_and_goes_one_after_the_other(plane: ControlPlane) -> None:
    async with simulated(sessions=4, control_plane=plane.url, start_seconds=0.1) as sim:
        plane.active = [
            {"session_id": row["sessionId"], "user_id": row["userId"]} for row in await sim.sessions()
        ]
        before = (await sim.log())[-1]["n"] if await sim.log() else 0
        await sim.fault("restart", downtime=0.05)
        for row in plane.active:
            await sim.until(row["session_id"], "connected")
        log = [entry for entry in await sim.log(before) if entry["method"] == "POST"]
    posted = [entry["body"]["sessionId"] for entry in log]
    assert posted == [row["session_id"] for row in plane.active]
    gaps = [later["t"] - earlier["t"] for earlier, later in itertools.pairwise(log)]
    assert min(gaps) >= 0.08


async def test_a_session_that_is_not_well_is_posted_at_every_pass(plane: ControlPlane) -> None:
    async with simulated(sessions=2, control_plane=plane.url, health_interval_seconds=0.1) as sim:
        await sim.fault("drop", SESSION, silent=True)
        bodies = await plane.until(3, SESSION)
    assert {body["reason"] for body in bodies} == {"Health check detected disconnection"}
    assert not plane.of("user_1_instance_default-1")


async def test_loss_duplicates_delay_and_order_are_the_networks(plane: ControlPlane) -> None:
    async with simulated(sessions=20, control_plane=plane.url) as sim:
        ids = [row["sessionId"] for row in await sim.sessions()]
        await sim.fault("webhooks", loss=1.0)
        await sim.fault("drop", ids[0])
        await sim.fault("webhooks", duplicate=1.0)
        await sim.fault("drop", ids[1])
        assert len(await plane.until(2)) == 2
        assert plane.received[0] == plane.received[1]
        await sim.fault("webhooks", reorder=True)
        await sim.fault("drop", ids[2])
        await sim.fault("recover", ids[2])
        await plane.until(2, ids[2])
        assert [body["status"] for body in plane.of(ids[2])] == ["connected", "disconnected"]
        await sim.fault("webhooks", delay_max=0.3)
        await sim.fault("drop", sessionIds=ids[3:])
        late = [body["sessionId"] for body in (await plane.until(4 + 17))[4:]]
        assert not plane.of(ids[0])
        assert late != ids[3:]
        assert sorted(late) == sorted(ids[3:])


async def test_one_try_and_the_log_keeps_what_became_of_it(plane: ControlPlane) -> None:
    async with simulated(sessions=2, control_plane=plane.url) as sim:
        plane.status = 503
        await sim.fault("drop", SESSION)
        assert await _answer(sim) == 503
        await sim.fault("drop", OTHER)
        await plane.until(1, OTHER)
        assert len(plane.received) == 2
    async with simulated(sessions=1) as sim:
        await sim.fault("drop", SESSION)
        assert await _answer(sim) == "ConnectError"


async def _answer(sim: Simulated) -> Any:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        posts = [entry["answered"] for entry in await sim.log() if entry["method"] == "POST"]
        if posts and posts[0] is not None:
            return posts[0]
        await asyncio.sleep(0.01)
    raise AssertionError("the webhook has no answer after 5 s")


async def test_one_seed_is_one_gateway() -> None:
    async def said(seed: int) -> list[Any]:
        async with simulated(seed=seed) as sim:
            answer = await _init(sim, "fresh")
            await sim.fault("scan", "fresh")
            await sim.until("fresh", "connected")
            return [answer, (await sim.truth())["fresh"]]

    first, again, other = await asyncio.gather(said(1), said(1), said(2))
    assert first == again
    assert first != other
