"""With nobody listening nothing is lost: the service keeps its events until they are taken, the newest last."""

from __future__ import annotations

import re

import pytest

from tests.daemon.running import RunningDaemon
from tests.daemon.waiting import until

from .conftest import NewDaemon, Pair
from .following import events, last_event, needs_scan, proven, states
from .phone import Phone
from .service import RunningService

FIRST, SECOND = "4915550001", "4915550002"


async def test_what_happened_meanwhile_arrives_in_order(
    daemon: RunningDaemon, service: RunningService, phone: Phone, pair: Pair
) -> None:
    killed, left = await pair(FIRST, "killed"), await pair(SECOND, "left")
    before = await last_event(daemon)
    await daemon.kill()
    (browser,) = service.browsers(killed)
    browser.kill()
    await phone.logout(SECOND)
    await service.status_until(left, "not_found")
    await service.status_until(killed, "connected")
    assert await waiting(service) >= 3

    daemon.launch()
    await daemon.answering()
    await daemon.session_until(left, needs_scan)
    # Healing may have started it before the service posted again why it is gone.
    assert "logout" in [event.reason for event in await events(daemon, left, before)]
    await daemon.session_until(killed, proven)
    await drained(service)
    # Taken as a status, or kept as a late webhook where a check came before it.
    webhooks = [event for event in await events(daemon, killed, before) if event.source == "webhook"]
    told = " ".join(f"{event.after} {event.text}" for event in webhooks)
    assert re.search(r"\bdisconnected\b.*\bauthenticated\b.*\bconnected\b", told), told
    assert "qr_pending" not in await states(daemon, killed, before)


@pytest.mark.long
async def test_what_happened_meanwhile_survives_sigkill_of_the_service(
    daemon: RunningDaemon, service: RunningService, phone: Phone, pair: Pair
) -> None:
    stays, left = await pair(FIRST, "stays"), await pair(SECOND, "left")
    await daemon.kill()
    await phone.logout(SECOND)
    await service.status_until(left, "not_found")
    await service.kill()
    await service.start()
    daemon.launch()
    await daemon.answering()
    await daemon.session_until(left, needs_scan)
    assert "logout" in [event.reason for event in await events(daemon, left, 0)]
    await daemon.session_until(stays, proven)
    await drained(service)


@pytest.mark.long
async def test_what_was_paired_before_a_daemon_ever_ran_is_known_to_it(
    service: RunningService, phone: Phone, new_daemon: NewDaemon
) -> None:
    daemon = new_daemon()
    await service.start(daemon.url)
    await service.init("billing_1", user_id=7)
    await phone.scan_when_shown(FIRST)
    await service.status_until("billing_1", "connected")
    (browser,) = service.browsers()
    browser.kill()

    async def restarted() -> bool:
        return [each.pid for each in service.browsers()] not in ([], [browser.pid])

    await until(restarted)
    await service.status_until("billing_1", "connected")
    await daemon.start(service)
    await drained(service)
    view = await daemon.session_until("billing_1", proven)
    assert (view.user_id, view.phone_number, view.credentials) == ("7", FIRST, "stored")


async def waiting(service: RunningService) -> int:
    """Return how many events wait for the control plane."""
    depth: int = (await service.get("/health"))["outbox"]["depth"]
    return depth


async def drained(service: RunningService) -> None:
    """Wait until everything was taken."""

    async def empty() -> bool:
        return await waiting(service) == 0

    await until(empty, 30, lambda: f"the outbox does not empty:\n{service.log()}")
