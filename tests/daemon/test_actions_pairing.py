"""Pairing codes, of a gateway that says that it makes them."""

from __future__ import annotations

import json

import pytest

from tests.unit.gateways.stub import Stub, answer, stub
from wa_tui.client import Refused
from wa_tui.config import GatewayConfig

from .inside import QUIET, Inside, inside, nth, world

ALONE = {"list_sync": QUIET}
PATH = "/api/session/pairing-code"
QR = "2@abc"


def speaks(service: Stub, status: str = "qr_pending", *, pairs: bool = True) -> None:
    """Have the stub answer as the bundled service does, with one session `s`."""
    health = {"success": True, "status": "healthy", "uptime": 900.0, "timestamp": "2026-11-23T12:00:00Z"}
    told = {"capabilities": ["pairing_code", "raw_qr", "teleport"], "limit": 50} if pairs else {}
    state = {"status": status, "phoneNumber": None, "qrCode": None, "qr": QR, "isReady": False}
    service.answers = {
        "/health": answer(health | told),
        "/api/session/list": answer(
            {"success": True, "sessions": [{"sessionId": "s", "status": status}], "count": 1}
        ),
        "/api/session/status/s": answer({"success": True, "exists": True} | state),
        PATH: answer({"success": True, "sessionId": "s", "pairingCode": "WZYE-R1VX"}),
    }


async def watched(daemon: Inside) -> None:
    await daemon.gateway_until(lambda g: g.started_at is not None)
    await daemon.session_until("s", lambda s: s.check is not None)
    await daemon.quiet()


def gateway(service: Stub) -> GatewayConfig:
    return GatewayConfig(name="default", url=service.url, api_key="k")


async def test_a_code_is_in_the_receipt_and_nowhere_else() -> None:
    async with stub() as service:
        speaks(service)
        async with inside(gateway(service), intervals=ALONE) as daemon:
            await watched(daemon)
            [view] = (await daemon.client.status()).gateways
            assert "pairing_code" in view.capabilities and "teleport" not in view.capabilities
            assert view.limit == 50
            receipt = await daemon.done("pairing_code", "s", phone_number="+49 152 5550001")
            assert (receipt.outcome, receipt.pairing_code) == ("verified", "WZYE-R1VX")
            [post] = [request for request in service.requests if request.path == PATH]
            assert json.loads(post.body) == {"sessionId": "s", "phoneNumber": "491525550001"}
            told = repr(await daemon.client.events(limit=5000)) + receipt.text
            assert "WZYE" not in told and "R1VX" not in told
            await daemon.restart()
            again = await daemon.client.receipt(receipt.id)
            assert (again.outcome, again.pairing_code) == ("verified", None)
            store = b"".join(
                path.read_bytes() for path in daemon.config.state_dir.iterdir() if path.is_file()
            )
            assert b"WZYE" not in store


async def test_a_session_that_does_not_wait_for_a_scan_gets_none() -> None:
    async with stub() as service:
        speaks(service, "connected")
        async with inside(gateway(service), intervals=ALONE) as daemon:
            await watched(daemon)
            receipt = await daemon.done("pairing_code", "s", phone_number="4915255500001")
            assert receipt.outcome == "no_effect" and receipt.pairing_code is None
            assert receipt.text == "default/s is connected: nothing is to be paired"
            assert PATH not in [request.path for request in service.requests]


async def test_what_the_gateway_says_against_it_is_told() -> None:
    async with stub() as service:
        speaks(service)
        service.answers[PATH] = answer({"success": False, "message": "rate-overlimit"}, 400)
        async with inside(gateway(service), intervals=ALONE) as daemon:
            await watched(daemon)
            receipt = await daemon.done("pairing_code", "s", phone_number="4915255500001")
            assert receipt.outcome == "no_effect" and "rate-overlimit" in receipt.text
            for number in ("", "bob", "123"):
                with pytest.raises(Refused, match="phone number"):
                    await daemon.ask("pairing_code", "s", phone_number=number)


async def test_a_gateway_that_makes_none_says_so() -> None:
    async with world(1, intervals=ALONE) as (sim, daemon):
        await daemon.proven(nth(0))
        with pytest.raises(
            Refused, match=f"gateway default makes no pairing codes: default/{nth(0)} is connected"
        ) as refused:
            await daemon.ask("pairing_code", nth(0), phone_number="4915255500001")
        assert refused.value.problem.code == "unsupported"
        assert not await sim.requests(PATH)
