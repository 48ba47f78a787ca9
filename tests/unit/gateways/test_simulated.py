"""The client against a gateway that keeps the contract, as a process of its own."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.simulated import simulated
from wa_tui.gateways import Deadlines, NoAnswer, Place, RefusalCause, Refused, Unauthorised
from wa_tui.gateways.contract.client import NodeService
from wa_tui.model.registers import Status

if TYPE_CHECKING:
    from wa_tui.gateways import GatewayClient


async def test_a_session_from_start_to_end() -> None:
    async with simulated(sessions=2) as sim:
        gateway: GatewayClient = NodeService(Place("eu-1", sim.url, sim.api_key))
        health = await gateway.health()
        assert health.timestamp_ms is not None
        assert abs(health.timestamp_ms - time.time() * 1000) < 2000
        row = (await gateway.list())[0]
        assert row.status is Status.CONNECTED
        checked = await gateway.status(row.session_id)
        assert (checked.status, checked.ready) == (Status.CONNECTED, True)
        assert checked.phone_number
        assert (await gateway.send_text(row.session_id, "15550001234", "hello")).message_id
        assert (await gateway.send_media(row.session_id, "1555", "http://x/a.png", "a", "image")).message_id
        with pytest.raises(Refused) as caught:
            await gateway.init(row.session_id, "1")
        assert caught.value.cause is RefusalCause.ALREADY_EXISTS
        assert await gateway.disconnect(row.session_id) is True
        assert await gateway.disconnect(row.session_id) is False
        assert (await gateway.status(row.session_id)).status is None
        with pytest.raises(Refused) as caught:
            await gateway.send_text(row.session_id, "1555", "hello")
        assert caught.value.cause is RefusalCause.NOT_FOUND
        assert (await gateway.init(row.session_id, "1")).status is Status.CONNECTED
        started = await gateway.init("new-one", "1")
        assert started.status is Status.QR_PENDING
        assert started.qr is not None
        assert started.qr.startswith("data:image/png;base64,")
        await gateway.close()


async def test_a_client_that_hangs_and_a_key_that_is_wrong() -> None:
    async with simulated(sessions=1) as sim:
        gateway = NodeService(Place("eu-1", sim.url, sim.api_key), deadlines=Deadlines(status=0.3, send=0.3))
        [row] = await gateway.list()
        await sim.fault("hang", row.session_id)
        with pytest.raises(NoAnswer):
            await gateway.status(row.session_id)
        with pytest.raises(NoAnswer) as caught:
            await gateway.send_text(row.session_id, "1555", "hello")
        assert not caught.value.outcome_known
        await sim.until_requested("/api/message/send-text")
        assert len(await sim.requests("/api/message/send-text")) == 1
        await gateway.close()
        stranger = NodeService(Place("eu-1", sim.url, "wrong"))
        with pytest.raises(Unauthorised):
            await stranger.list()
        assert (await stranger.health()).uptime_ms is not None
        await stranger.close()
