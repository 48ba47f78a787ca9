"""WPPConnect's adapter against a double that goes wrong as the real one does."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.simulated import Simulated, simulated
from wa_tui.gateways import (
    Deadlines,
    Listed,
    NoAnswer,
    Place,
    RefusalCause,
    Refused,
    Unauthorised,
    Unreachable,
)
from wa_tui.gateways.protocol import ClientStatus
from wa_tui.gateways.wppconnect.client import WppConnect, recognise
from wa_tui.model.registers import Reason, Status

SALES = {"sessionId": "sales", "phoneNumber": "15550003333"}


@contextlib.asynccontextmanager
async def pair(
    deadlines: Deadlines | None = None, **options: Any
) -> AsyncIterator[tuple[Simulated, WppConnect]]:
    """Run a double with a connected session, and its client."""
    async with simulated(kind="wppconnect", **options) as sim:
        await sim.add(sessions=[SALES])
        gateway = WppConnect(Place("wpp", sim.url, sim.api_key), deadlines=deadlines)
        try:
            yield sim, gateway
        finally:
            await gateway.close()


async def until_status(gateway: WppConnect, session_id: str, status: Status) -> ClientStatus:
    """Check until a session is so; the double takes a while, as a browser does."""
    async with asyncio.timeout(40):
        while (found := await gateway.status(session_id)).status is not status:
            await asyncio.sleep(0.01)
    return found


async def test_a_session_from_its_start_to_its_end() -> None:
    async with pair() as (sim, gateway):
        assert await recognise(Place("wpp", sim.url))
        assert await gateway.list() == [Listed("sales")]
        found = await gateway.status("sales")
        assert (found.status, found.ready, found.phone_number) == (Status.CONNECTED, True, "15550003333")
        assert (await gateway.send_text("sales", "15550009999", "hello")).message_id
        assert (await gateway.send_media("sales", "1-2@g.us", "http://x/a.png", None, "image")).message_id
        assert [each["recipient"] for each in await sim.messages()] == ["15550009999", "1-2@g.us"]
        assert await gateway.disconnect("sales")
        assert await gateway.disconnect("sales") is False
        assert await gateway.list() == [Listed("sales")]
        assert (await gateway.status("sales")).status is Status.DISCONNECTED
        await gateway.init("sales", None)
        assert (await gateway.status("sales")).status is Status.INITIALIZING
        await until_status(gateway, "sales", Status.CONNECTED)
        assert await gateway.logout("sales")
        assert await gateway.list() == []


async def test_a_new_one_shows_a_code_that_is_scanned() -> None:
    async with pair() as (sim, gateway):
        await gateway.init("new", None)
        waiting = await until_status(gateway, "new", Status.QR_PENDING)
        assert waiting.qr is not None
        assert waiting.qr.startswith("2@")
        with pytest.raises(Refused) as caught:
            await gateway.init("new", None)
        assert caught.value.cause is RefusalCause.ALREADY_EXISTS
        await sim.fault("scan", "new")
        found = await until_status(gateway, "new", Status.CONNECTED)
        assert (found.ready, found.qr) == (True, None)
        assert len(await sim.requests("/api/new/start-session")) == 1


async def test_a_dead_browser_is_claimed_connected_and_mended_by_its_recipe() -> None:
    async with pair() as (sim, gateway):
        await sim.fault("drop", "sales", silent=True)
        found = await gateway.status("sales")
        assert (found.status, found.reason) == (Status.DISCONNECTED, Reason.BROWSER_DIED)
        with pytest.raises(Refused):
            await gateway.logout("sales")
        with pytest.raises(Refused) as caught:
            await gateway.init("sales", None)
        assert caught.value.cause is RefusalCause.ALREADY_EXISTS
        assert await gateway.disconnect("sales")
        await gateway.init("sales", None)
        await until_status(gateway, "sales", Status.CONNECTED)
        assert (await sim.truth())["sales"]["status"] == "connected"


async def test_a_logout_on_the_phone_closes_it() -> None:
    async with pair() as (sim, gateway):
        await sim.fault("logout", "sales")
        assert (await gateway.status("sales")).status is Status.DISCONNECTED
        assert {each["status"] for each in await sim.webhooks("sales")} == {
            "disconnectedMobile",
            "browserClose",
        }
        await gateway.init("sales", None)
        await until_status(gateway, "sales", Status.QR_PENDING)


async def test_its_restart_is_seen_and_brings_back_every_session() -> None:
    async with pair(uptime_seconds=3600, restore_delay_seconds=0.05) as (sim, gateway):
        before = await gateway.health()
        assert before.uptime_ms is not None
        assert before.uptime_ms >= 3_600_000
        await sim.fault("kill", downtime=0.01)
        async with asyncio.timeout(40):
            while True:
                with contextlib.suppress(Unreachable, NoAnswer):
                    after = await gateway.health()
                    break
        assert after.uptime_ms is not None
        assert after.uptime_ms < 60_000
        await until_status(gateway, "sales", Status.CONNECTED)


async def test_tokens_that_it_takes_no_more_are_made_anew() -> None:
    async with pair() as (sim, gateway):
        await gateway.status("sales")
        await sim.fault("forget_tokens")
        assert (await gateway.status("sales")).ready
        made = await sim.requests(f"/api/sales/{sim.api_key}/generate-token")
        assert len(made) == 2


async def test_one_that_hangs_has_a_deadline() -> None:
    async with pair(Deadlines(status=0.3, send=0.3)) as (sim, gateway):
        await gateway.status("sales")
        await sim.fault("hang", "sales")
        with pytest.raises(NoAnswer):
            await gateway.status("sales")
        with pytest.raises(NoAnswer) as caught:
            await gateway.send_text("sales", "15550009999", "hello")
        assert not caught.value.outcome_known
        assert len(await sim.requests("/api/sales/send-message")) == 1


async def test_a_wrong_secret() -> None:
    async with pair() as (sim, _):
        stranger = WppConnect(Place("wpp", sim.url, "wrong"))
        with pytest.raises(Unauthorised):
            await stranger.list()
        with pytest.raises(Unauthorised):
            await stranger.status("sales")
        await stranger.health()
        await stranger.close()
