"""What real gateways of other kinds posted, posted again while they answer as they did: the fleet ends as they do."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import msgspec
import pytest

from tests.unit.gateways.recorded import Answered, Line, Recorded, recorded, recorded_lines
from wa_tui.config import GatewayConfig
from wa_tui.model.registers import Proof, Reason, Status
from wa_tui.model.session import Session

from .inside import Inside, inside
from .waiting import until

KEY = "key-of-webhooks"


@dataclass(frozen=True)
class Moment:
    """A recording up to a moment, in seconds, and what the gateway said of its session last."""

    capture: str
    kind: str
    session_id: str
    until: float
    status: Status
    reason: Reason | None = None
    """Why, where that does not rest on what a check saw in between."""
    proof: Proof | None = None

    def __str__(self) -> str:
        return f"{self.capture}-{self.until:g}"


WELCOME = {"status": 200, "message": "Welcome to the Evolution API, it is working!", "version": "2.3.7"}
ALSO: dict[str, dict[tuple[str, str], Answered]] = {
    "evolution": {("GET", "/"): (200, WELCOME)},
    "wppconnect": {
        ("GET", "/api/two/host-device"): (404, {"message": "inactive"}),
    },
    "wwebjs-api": {},
    "waha": {},
}
"""What is asked of each kind besides, and was not recorded."""

SECRETS = {"evolution": "labkey", "waha": "labkey", "wppconnect": "labsecret", "wwebjs-api": "labkey"}


def evolution(
    until: float, status: Status, reason: Reason | None = None, proof: Proof | None = None
) -> Moment:
    return Moment("evolution", "evolution", "sales", until, status, reason, proof)


def wwebjs(
    session_id: str, until: float, status: Status, reason: Reason | None = None, proof: Proof | None = None
) -> Moment:
    return Moment("wwebjs-api", "wwebjs-api", session_id, until, status, reason, proof)


def wppconnect(
    session_id: str, until: float, status: Status, reason: Reason | None = None, proof: Proof | None = None
) -> Moment:
    return Moment("wppconnect", "wppconnect", session_id, until, status, reason, proof)


def waha(until: float, status: Status, reason: Reason | None = None, proof: Proof | None = None) -> Moment:
    return Moment("waha", "waha", "default", until, status, reason, proof)


MOMENTS = [
    evolution(70.5, Status.CONNECTED, proof=Proof.CLAIMED),
    evolution(73.0, Status.DISCONNECTED, Reason.LOGOUT),
    evolution(78.0, Status.QR_PENDING),
    evolution(217.8, Status.CONNECTED, proof=Proof.CLAIMED),
    evolution(222.3, Status.DISCONNECTED, Reason.LOGOUT),
    evolution(230.9, Status.DISCONNECTED, Reason.BANNED),
    evolution(235.6, Status.DISCONNECTED, Reason.LOGOUT),
    waha(12.9, Status.QR_PENDING),
    waha(22.3, Status.CONNECTED, proof=Proof.CLIENT),
    waha(42.9, Status.DISCONNECTED),
    waha(53.0, Status.AUTH_FAILED, Reason.LOGOUT),
    waha(139.84, Status.QR_PENDING),
    waha(388.2, Status.DISCONNECTED, Reason.LOGOUT),
    waha(445.2, Status.CONNECTED, proof=Proof.CLIENT),
    Moment("waha-nonet", "waha", "default", 82.0, Status.INITIALIZING),
    Moment("evolution-nonet", "evolution", "sales", 54.2, Status.INITIALIZING),
    wwebjs("two", 7.7, Status.QR_PENDING),
    wwebjs("two", 8.6, Status.CONNECTED, proof=Proof.CLIENT),
    wwebjs("two", 13.95, Status.DISCONNECTED, Reason.MISSING),
    wwebjs("two", 38.5, Status.DISCONNECTED, Reason.BROWSER_DIED),
    wwebjs("two", 60.2, Status.CONNECTED, proof=Proof.CLIENT),
    wwebjs("two", 60.7, Status.DISCONNECTED, Reason.LOGOUT),
    wwebjs("three", 1453.4, Status.QR_PENDING),
    wppconnect("sales", 86.2, Status.QR_PENDING),
    wppconnect("sales", 93.5, Status.CONNECTED, proof=Proof.CLIENT),
    wppconnect("sales", 94.2, Status.DISCONNECTED),
    wppconnect("sales", 101.6, Status.DISCONNECTED, Reason.BROWSER_DIED),
    wppconnect("two", 1031.6, Status.CONNECTED, proof=Proof.CLIENT),
    wppconnect("two", 1036.0, Status.DISCONNECTED, Reason.LOGOUT),
    wppconnect("two", 1095.4, Status.CONNECTED, proof=Proof.CLIENT),
]


@asynccontextmanager
async def replayed(moment: Moment) -> AsyncIterator[tuple[Recorded, Inside, httpx.AsyncClient]]:
    """Run a daemon whose gateway is the recording, as it was in the beginning."""
    async with recorded(moment.capture) as server:
        server.stands_for = lambda path: path.partition("?instanceName")[0]
        server.instead |= ALSO[moment.kind]
        gateway = GatewayConfig(
            name="gw", url=server.url, api_key=SECRETS[moment.kind], webhook_key=KEY, kind=moment.kind
        )
        async with inside(gateway) as daemon:
            # Before it was asked once what it is, it is told to come again.
            await until(lambda: recognised(daemon))
            host, port = daemon.config.listen
            async with httpx.AsyncClient(
                base_url=f"http://{host}:{port}", trust_env=False, timeout=40
            ) as web:
                yield server, daemon, web


async def recognised(daemon: Inside) -> bool:
    return not daemon.daemon.parts.probe.doubts("gw")


async def post(web: httpx.AsyncClient, line: Line) -> None:
    answer = await web.post(f"/api/v1/gateways/gw/webhook/{KEY}", json=line["body"])
    assert answer.status_code == 200, answer.text


def posted(moment: Moment) -> list[Line]:
    return [line for line in recorded_lines(moment.capture, "webhook") if line["at_s"] <= moment.until]


async def ends_so(daemon: Inside, moment: Moment, *, reason: bool) -> None:
    """Wait until the fleet says what the gateway said last, and see that it goes on saying so."""

    def is_so(session: Session) -> bool:
        explained = not reason or moment.reason in (None, session.reason)
        return session.check is not None and session.status == moment.status and explained

    await daemon.session_until(moment.session_id, is_so)
    await daemon.quiet()
    session = await daemon.session_until(moment.session_id, is_so)
    if moment.proof is not None:
        assert session.proof is moment.proof
    stored = msgspec.json.encode(await daemon.events()) + msgspec.json.encode(session)
    assert b"instance-token" not in stored


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
async def test_in_its_own_order(moment: Moment) -> None:
    async with replayed(moment) as (server, daemon, web):
        for line in posted(moment):
            server.at = line["at_s"]
            await post(web, line)
        server.at = moment.until
        await ends_so(daemon, moment, reason=True)


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param(moment, id=str(moment), marks=() if number % 3 == 0 else pytest.mark.long)
        for number, moment in enumerate(MOMENTS)
    ],
)
async def test_shuffled_and_partly_twice(moment: Moment) -> None:
    lines, rng = posted(moment), random.Random(str(moment))
    lines += rng.sample(lines, len(lines) // 4)
    rng.shuffle(lines)
    async with replayed(moment) as (server, daemon, web):
        server.at = moment.until
        for line in lines:
            await post(web, line)
        # Of several reasons that came without a time nobody can tell the last.
        await ends_so(daemon, moment, reason=False)
