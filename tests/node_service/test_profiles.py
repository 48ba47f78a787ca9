"""Whose browser runs on a profile: an orphan is ended before a start, somebody's is named and left alone."""

from __future__ import annotations

import signal
import socket

import pytest

from tests.daemon.running import RunningDaemon

from .bare import BareClient
from .conftest import NewBare, Pair
from .following import last_event, states
from .phone import Phone
from .service import RunningService

NUMBER = "4915550001"


async def paired(new_bare: NewBare, phone: Phone) -> BareClient:
    """Return another program's client of ``billing_1``, connected."""
    client = await new_bare("billing_1")
    await client.until("qr")
    await phone.scan_when_shown(NUMBER)
    await client.until("ready")
    return client


async def test_somebodys_browser_is_named_and_left_alone_and_its_orphan_is_ended(
    service: RunningService, new_bare: NewBare, phone: Phone
) -> None:
    client = await paired(new_bare, phone)
    (browser,) = service.browsers("billing_1")

    await service.start()
    answer = await service.init("billing_1")
    assert answer["code"] == "profile_in_use"
    assert answer["message"] == (
        f"Profile in use: end Chromium {browser.pid} of node {client.process.pid}, which is already running for "
        f"{service.profile('billing_1')}"
    )
    assert (answer["pid"], answer["host"]) == (browser.pid, socket.gethostname())
    assert [each.pid for each in service.browsers()] == [browser.pid]
    assert client.named("disconnected") == []

    # Frozen, it outlives its program, whose end it would see otherwise.
    browser.kill(signal.SIGSTOP)
    client.process.kill()
    await client.process.wait()
    assert (await service.init("billing_1"))["status"] == "connected"
    (own,) = service.browsers()
    assert own.pid != browser.pid


@pytest.mark.long
async def test_orphans_of_a_killed_service_are_ended_and_every_session_comes_back(
    daemon: RunningDaemon, service: RunningService, pair: Pair
) -> None:
    ids = [await pair(f"491555000{n}", f"billing-{n}") for n in range(2)]
    before = await last_event(daemon)
    browsers = service.browsers()
    for browser in browsers:
        browser.kill(signal.SIGSTOP)
    await service.kill()
    old = {browser.pid for browser in browsers}
    assert {browser.pid for browser in service.browsers()} == old

    await service.start()
    await service.logged("Ending 2 browsers that a former service left")
    await service.logged("Session restoration complete: 2 restored, 0 failed", 30)
    for session_id in ids:
        await daemon.session_until(session_id, lambda view: view.status == "connected")
        assert "qr_pending" not in await states(daemon, session_id, after=before)
    assert len(service.browsers()) == 2
    assert old.isdisjoint(browser.pid for browser in service.browsers())


@pytest.mark.long
async def test_a_lock_with_the_number_of_another_sessions_browser_costs_neither(
    service: RunningService, new_bare: NewBare, phone: Phone
) -> None:
    client = await paired(new_bare, phone)
    client.order("destroy")
    await client.until("destroy done")
    await service.start()
    assert (await service.init("other_1"))["status"] == "qr_pending"
    (other,) = service.browsers("other_1")
    # As numbers come round in a container that was started again.
    lock = service.profile("billing_1") / "SingletonLock"
    lock.symlink_to(f"{socket.gethostname()}-{other.pid}")
    assert (await service.init("billing_1"))["status"] == "connected"
    assert [each.pid for each in service.browsers("other_1")] == [other.pid]
    assert (await service.status("other_1"))["status"] == "qr_pending"


@pytest.mark.long
async def test_the_lock_of_another_host_does_not_keep_a_session_down(
    service: RunningService, new_bare: NewBare, phone: Phone
) -> None:
    client = await paired(new_bare, phone)
    client.order("destroy")
    await client.until("destroy done")
    service.profile("billing_1").joinpath("SingletonLock").symlink_to("another-container-17")
    await service.start()
    answer = await service.init("billing_1")
    assert (answer.get("status"), answer.get("phoneNumber")) == ("connected", NUMBER), answer


@pytest.mark.long
async def test_a_browser_whose_lock_another_host_seems_to_have_is_ended_all_the_same(
    service: RunningService, new_bare: NewBare, phone: Phone
) -> None:
    """A machine may be called otherwise since."""
    client = await paired(new_bare, phone)
    (browser,) = service.browsers("billing_1")
    browser.kill(signal.SIGSTOP)
    client.process.kill()
    await client.process.wait()
    lock = service.profile("billing_1") / "SingletonLock"
    lock.unlink()
    lock.symlink_to(f"as-it-was-called-{browser.pid}")
    await service.start()
    assert (await service.init("billing_1"))["status"] == "connected"
    assert browser.pid not in {each.pid for each in service.browsers()}
