"""wwebjs-api's adapter against a double that goes wrong as the real one does."""

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
    Step,
    Unauthorised,
    Unreachable,
)
from wa_tui.gateways.wwebjs_api.client import WwebjsApi, recognise
from wa_tui.model.registers import Reason, Status

ONE = {"sessionId": "one", "phoneNumber": "15550001111"}


@contextlib.asynccontextmanager
async def pair(
    deadlines: Deadlines | None = None, **options: Any
) -> AsyncIterator[tuple[Simulated, WwebjsApi]]:
    """Run a double with a connected session, and its client."""
    async with simulated(kind="wwebjs-api", **options) as sim:
        await sim.add(sessions=[ONE])
        gateway = WwebjsApi(Place("ww", sim.url, sim.api_key), deadlines=deadlines)
        try:
            yield sim, gateway
        finally:
            await gateway.close()


async def until_status(gateway: WwebjsApi, session_id: str, status: Status | None) -> None:
    """Check until a session is so; the double takes a while, as a browser does."""
    async with asyncio.timeout(40):
        while (await gateway.status(session_id)).status is not status:
            await asyncio.sleep(0.01)


async def test_a_session_from_its_start_to_its_end() -> None:
    async with pair() as (sim, gateway):
        assert await recognise(Place("ww", sim.url))
        assert await gateway.list() == [Listed("one")]
        found = await gateway.status("one")
        assert (found.status, found.ready, found.phone_number) == (Status.CONNECTED, True, "15550001111")
        assert (await gateway.send_text("one", "15550009999", "hello")).message_id
        assert (await gateway.send_media("one", "1-2@g.us", "http://x/a.png", None, "image")).message_id
        assert [each["recipient"] for each in await sim.messages()] == ["15550009999", "1-2@g.us"]
        with pytest.raises(Refused) as caught:
            await gateway.init("one", None)
        assert caught.value.cause is RefusalCause.ALREADY_EXISTS
        await gateway.disconnect("one")
        assert await gateway.list() == []
        assert not (await gateway.status("one")).exists
        await gateway.init("one", None)
        assert (await gateway.status("one")).status is Status.CONNECTED
        assert await gateway.logout("one")
        with pytest.raises(Refused, match="session_not_found"):
            await gateway.logout("one")


async def test_a_new_one_shows_a_code_that_is_scanned() -> None:
    async with pair() as (sim, gateway):
        await gateway.init("new", None)
        waiting = await gateway.status("new")
        assert waiting.status is Status.QR_PENDING
        assert waiting.qr is not None
        assert waiting.qr.startswith("2@")
        assert await gateway.pairing_code("new", "15550001111") == "ABCD1234"
        await sim.fault("scan", "new")
        await sim.until("new", "connected")
        assert (await gateway.status("new")).ready


async def test_a_dead_browser_is_found_by_a_check_alone_and_mended_by_a_restart() -> None:
    async with pair() as (sim, gateway):
        await sim.fault("drop", "one", silent=True)
        assert await sim.webhooks("one") == []
        assert await gateway.list() == [Listed("one")]
        found = await gateway.status("one")
        assert (found.status, found.reason) == (Status.DISCONNECTED, Reason.BROWSER_DIED)
        with pytest.raises(Refused) as caught:
            await gateway.send_text("one", "15550009999", "hello")
        assert (caught.value.says_gone, caught.value.outcome_known) == (True, True)
        assert found.status is not None
        assert gateway.recipe(found.status, found.reason, gone=False) == (Step.RESTART,)
        await gateway.restart("one")
        assert (await gateway.status("one")).status is Status.CONNECTED


async def test_a_logout_on_the_phone_shows_a_new_code_in_the_same_client() -> None:
    async with pair() as (sim, gateway):
        await sim.fault("logout", "one")
        await until_status(gateway, "one", Status.QR_PENDING)
        assert [each["dataType"] for each in await sim.webhooks("one")][:1] == ["disconnected"]


async def test_a_code_that_it_goes_on_serving_is_shown_for_its_life() -> None:
    now = 0.0
    async with pair() as (sim, plain):
        gateway = WwebjsApi(Place("ww", sim.url, sim.api_key), clock=lambda: now)
        await plain.init("new", None)
        await sim.fault("stale_qr", "new")
        assert (await gateway.status("new")).qr
        now = 61.0
        assert (await gateway.status("new")).reason is Reason.QR_EXPIRED
        await gateway.close()


async def restarted(sim: Simulated, gateway: WwebjsApi, fault: str) -> None:
    await sim.fault(fault, downtime=0.01)
    async with asyncio.timeout(40):
        while True:
            with contextlib.suppress(Unreachable, NoAnswer):
                await gateway.health()
                return


async def test_its_list_is_empty_at_first() -> None:
    async with pair(restore_delay_seconds=3600) as (sim, gateway):
        await restarted(sim, gateway, "restart")
        assert await gateway.list() == []
        assert not (await gateway.status("one")).exists


async def test_its_restart_brings_back_all_that_have_a_folder() -> None:
    async with pair(restore_delay_seconds=0.05) as (sim, gateway):
        await gateway.disconnect("one")
        await restarted(sim, gateway, "restart")
        await until_status(gateway, "one", Status.CONNECTED)
        assert await gateway.list() == [Listed("one")]


async def test_a_browser_that_outlived_its_service_keeps_the_folder_and_a_second_one_runs_on_it() -> None:
    async with pair() as (sim, gateway):
        await sim.fault("kill", downtime=0.01)
        await sim.until("one", "connected")
        with pytest.raises(Refused, match="ENOTEMPTY") as caught:
            await gateway.delete("one")
        assert not caught.value.outcome_known
        await sim.fault("end_browsers")
        await gateway.init("one", None)
        assert await gateway.delete("one")


async def test_one_that_hangs_has_a_deadline() -> None:
    async with pair(Deadlines(status=0.2, send=0.2)) as (sim, gateway):
        await sim.fault("hang", "one")
        with pytest.raises(NoAnswer):
            await gateway.status("one")
        with pytest.raises(NoAnswer) as caught:
            await gateway.send_text("one", "15550009999", "hello")
        assert not caught.value.outcome_known
        assert len(await sim.requests("/client/sendMessage")) == 1
        assert await gateway.list() == [Listed("one")]


async def test_a_wrong_key() -> None:
    async with pair() as (sim, _):
        stranger = WwebjsApi(Place("ww", sim.url, "wrong"))
        with pytest.raises(Unauthorised):
            await stranger.list()
        await stranger.health()
        await stranger.close()
