"""Counts of messages over time: what is kept, and what becomes of it when the daemon or its file goes wrong."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from tests.simulated import simulated
from tests.unit.gateways import posted
from tests.unit.gateways.posted import acked, just_written, received, sent
from wa_tui.config import GatewayConfig
from wa_tui.identity.kinds import GatewayKind
from wa_tui.wire import TrafficSeries

from .conftest import NewDaemon
from .inside import Inside, inside
from .waiting import until

KIND = GatewayKind.EVOLUTION
KEY = "webhook-key"
GATEWAY = GatewayConfig("g", "http://127.0.0.1:9", api_key="k", webhook_key=KEY, kind=str(KIND))
OPEN = {"event": "connection.update", "instance": "sales", "data": {"state": "open"}}


@asynccontextmanager
async def door(daemon: Inside) -> AsyncIterator[httpx.AsyncClient]:
    host, port = daemon.config.listen
    headers = {"x-api-key": KEY}
    async with httpx.AsyncClient(
        base_url=f"http://{host}:{port}", trust_env=False, timeout=40, headers=headers
    ) as web:
        await daemon.gateway_until(lambda each: each.state == "down")
        yield web


async def post(web: httpx.AsyncClient, *bodies: posted.Posted) -> None:
    for body in bodies:
        answer = await web.post("/api/v1/gateways/g/webhook", content=just_written(body))
        assert answer.status_code == 200, answer.text


async def series(daemon: Inside, hours: int) -> TrafficSeries:
    host, port = daemon.config.listen
    async with httpx.AsyncClient(base_url=f"http://{host}:{port}", trust_env=False, timeout=40) as web:
        path = f"/api/v1/sessions/g/sales/traffic?hours={hours}"
        answer = await web.get(path, headers={"x-api-key": "control-key"})
        assert answer.status_code == 200, answer.text
        return msgspec.json.decode(answer.content, type=TrafficSeries)


def total(found: TrafficSeries) -> dict[str, int]:
    return {flow: sum(numbers) for flow, numbers in found.counts.items() if sum(numbers)}


async def minute(daemon: Inside) -> None:
    """Have done what is done once a minute."""
    await daemon.daemon.parts.traffic_publisher.publish()


async def loaded(daemon: Inside) -> None:
    async def ready() -> bool:
        return daemon.daemon.parts.traffic_keeper.is_open

    await until(ready)


async def test_minutes_of_a_day_and_hours_of_a_month() -> None:
    async with inside(GATEWAY) as daemon, door(daemon) as web:
        await loaded(daemon)
        await post(web, OPEN, *(received(KIND, f"a{number}") for number in range(3)), sent(KIND, "b"))
        await minute(daemon)
        daemon.clock.forward(3 * 3600)
        await post(web, acked(KIND, 2, "b"), received(KIND, "c"))
        await minute(daemon)
        day, month = await series(daemon, 24), await series(daemon, 720)
        assert total(day) == total(month) == {"received": 4, "sent": 1, "acked": 1, "delivered": 1}
        assert (day.step_s, month.step_s) == (60, 3600)
        assert {len(numbers) for numbers in day.counts.values()} == {1440}
        assert {len(numbers) for numbers in month.counts.values()} == {720}
        assert [number for number in month.counts["received"] if number] == [3, 1]
        assert day.counts["received"][-1] + day.counts["received"][-2] == 1
        view = (await daemon.view("sales")).traffic
        assert view is not None and (view.received, view.sent, view.delivered) == (1, 0, 1)
        assert (len(view.hours), sum(view.hours)) == (24, 5)
        daemon.clock.forward(25 * 3600)
        assert total(await series(daemon, 24)) == {}
        assert total(await series(daemon, 720)) == total(month)
        view = (await daemon.view("sales")).traffic
        assert view is not None and (view.received, sum(view.hours)) == (0, 0) and view.last_at is not None


async def test_a_daemon_that_ended_in_order_loses_nothing() -> None:
    async with inside(GATEWAY) as daemon:
        async with door(daemon) as web:
            await loaded(daemon)
            await post(web, OPEN, received(KIND, "a"), sent(KIND, "b"), acked(KIND, 1, "b"))
            before = (await daemon.view("sales")).traffic
        await daemon.restart()
        await loaded(daemon)
        assert (await daemon.view("sales")).traffic == before
        assert total(await series(daemon, 24)) == {"received": 1, "sent": 1, "acked": 1}
        # And goes on counting in the same minute.
        async with door(daemon) as web:
            await post(web, received(KIND, "c"))
        assert total(await series(daemon, 24)) == {"received": 2, "sent": 1, "acked": 1}


@pytest.mark.parametrize("content", [b"", b"nonsense" * 1000, b"SQLite format 3\0" + b"\xff" * 8000])
async def test_a_damaged_file_costs_the_counts_alone(content: bytes) -> None:
    async with inside(GATEWAY, start=False) as daemon:
        daemon.config.state_dir.mkdir(exist_ok=True)
        daemon.config.traffic_database.write_bytes(content)
        await daemon.start()
        async with door(daemon) as web:
            await loaded(daemon)
            await post(web, OPEN, received(KIND, "a"))
            await minute(daemon)
        assert total(await series(daemon, 24)) == {"received": 1}
        notices = [
            notice
            for notice in (await daemon.client.status()).daemon.notices
            if "counts of messages" in notice
        ]
        aside = [file.name for file in daemon.config.state_dir.glob("traffic.db.damaged-*")]
        assert len(notices) == len(aside) == (1 if content else 0)
        assert not notices or aside[0] in notices[0]


async def test_a_file_of_a_newer_version_is_set_aside() -> None:
    async with inside(GATEWAY, start=False) as daemon:
        daemon.config.state_dir.mkdir(exist_ok=True)
        with closing(sqlite3.connect(daemon.config.traffic_database)) as file:
            file.execute("PRAGMA user_version = 99")
        await daemon.start()
        await loaded(daemon)
        assert "a newer wa-tui wrote them" in await notice(daemon)
        assert len([*daemon.config.state_dir.glob("traffic.db.damaged-*")]) == 1


async def test_what_is_damaged_or_refused_while_the_daemon_runs_is_mended_with_the_next_minute() -> None:
    async with inside(GATEWAY, start=False) as daemon:
        file = daemon.config.traffic_database
        file.mkdir(parents=True)
        await daemon.start()
        async with door(daemon) as web:
            await post(web, OPEN, received(KIND, "a"))
            await minute(daemon)
            assert "cannot be opened" in await notice(daemon)
            assert (await daemon.view("sales")).traffic is not None
            file.rmdir()
            await minute(daemon)
            assert await notice(daemon) == "" and total(await series(daemon, 24)) == {"received": 1}

            # As a full disk does: nothing can be written for a while.
            elsewhere(
                file, "CREATE TRIGGER full BEFORE INSERT ON hours BEGIN SELECT RAISE(FAIL, 'full'); END"
            )
            await post(web, received(KIND, "b"))
            await minute(daemon)
            assert "full" in await notice(daemon)
            elsewhere(file, "DROP TRIGGER full")
            await minute(daemon)
            assert await notice(daemon) == ""

            # As damage does: a table is not there any more.
            elsewhere(file, "DROP TABLE sessions")
            await post(web, received(KIND, "c"))
            await minute(daemon)
            await minute(daemon)
            assert "they begin anew" in await notice(daemon)
        await daemon.restart()
        await loaded(daemon)
        assert total(await series(daemon, 24)) == {"received": 3}


def elsewhere(file: Path, statement: str) -> None:
    with closing(sqlite3.connect(file)) as other:
        other.execute(statement)
        other.commit()


async def notice(daemon: Inside) -> str:
    """Return what the daemon says of its counts."""
    notices = (await daemon.client.status()).daemon.notices
    return " ".join(each for each in notices if "of messages" in each or "traffic.db" in each)


async def test_who_asks_for_what_there_is_not_is_told_so() -> None:
    async with inside(GATEWAY) as daemon, door(daemon) as web:
        await post(web, OPEN)
        web.headers["x-api-key"] = "control-key"
        assert (await web.get("/api/v1/sessions/g/nobody/traffic")).status_code == 404
        wrong = await web.get("/api/v1/sessions/g/sales/traffic?hours=5")
        assert wrong.status_code == 400 and "24" in wrong.text
        assert total(await series(daemon, 24)) == {}


async def test_an_acknowledgement_proves() -> None:
    async with inside(start=False) as waiting:
        host, port = waiting.config.listen
    options: dict[str, Any] = {"traffic": 0, "ack_seconds": 0.001, "kind": "evolution"}
    async with (
        simulated(sessions=1, control_plane=f"http://{host}:{port}", **options) as sim,
        inside(sim, port=port) as daemon,
    ):
        [session_id] = await sim.truth()
        await daemon.session_until(session_id, lambda session: session.status == "connected")
        await sim.fault("messages", session_id, sent=1)

        async def delivered() -> bool:
            traffic = (await daemon.view(session_id)).traffic
            return traffic is not None and bool(traffic.delivered)

        await until(delivered)
        await minute(daemon)
        assert (await daemon.view(session_id)).proof == "delivered"


async def test_a_crash_loses_the_current_minute_at_most() -> None:
    async with inside(GATEWAY) as daemon, door(daemon) as web:
        await loaded(daemon)
        await post(web, OPEN, received(KIND, "a"), received(KIND, "b"))
        await minute(daemon)
        await post(web, received(KIND, "c"))
        async with inside(GATEWAY, start=False) as next_one:
            # As the files are if the process ends now.
            for file in daemon.config.state_dir.glob("*.db*"):
                shutil.copy(file, next_one.config.state_dir / file.name)
            await next_one.start()
            await loaded(next_one)
            assert total(await series(next_one, 24)) == {"received": 2}


@pytest.mark.long
@pytest.mark.timeout(200)
async def test_sigkill_loses_the_current_minute_at_most(new_daemon: NewDaemon) -> None:
    daemon = new_daemon()
    config = daemon.state_dir / "config.toml"
    config.write_text(
        f'[[gateways]]\nname = "g"\nurl = "{GATEWAY.url}"\nkind = "{KIND}"\nwebhook_key = "{KEY}"\napi_key = "k"\n'
    )
    daemon.environ |= {"WA_TUI_CONFIG": str(config)}
    daemon.launch()
    await daemon.answering()
    await daemon.gateway_until(lambda gateway: gateway.state == "down", "g")
    async with httpx.AsyncClient(
        base_url=daemon.url, trust_env=False, timeout=40, headers={"x-api-key": KEY}
    ) as web:
        await post(web, OPEN, received(KIND, "a"), received(KIND, "b"))
        kept = daemon.state_dir / "traffic.db-wal"
        before = kept.stat().st_size

        async def written() -> bool:
            return kept.stat().st_size > before

        await until(written, 100)
        await post(web, received(KIND, "c"))
    await daemon.kill()
    daemon.launch()
    await daemon.answering()

    async def back() -> bool:
        [view] = await daemon.client.sessions()
        return view.traffic is not None and bool(view.traffic.received == 2)

    await until(back)
