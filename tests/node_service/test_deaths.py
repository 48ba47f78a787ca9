"""Whatever dies comes back without a code: the browser, its page, the service."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from tests.daemon.running import RunningDaemon
from tests.daemon.waiting import until
from tests.effort import LONG

from .conftest import Pair
from .following import last_event, proven, sends, states
from .phone import Phone
from .service import RunningService

NUMBER = "4915550001"
SESSIONS = 3 if LONG else 2


async def test_a_killed_browser_is_noticed_and_restored_without_a_code(
    daemon: RunningDaemon, service: RunningService, pair: Pair
) -> None:
    session_id = await pair(NUMBER)
    before = await last_event(daemon)
    (browser,) = service.browsers(session_id)
    killed = time.monotonic()
    browser.kill()
    lost = await daemon.event_until(lambda event: event.id > before and event.after == "disconnected")
    assert time.monotonic() - killed < 5
    # A check may find it gone in the moment before the service tells why.
    assert (lost.source, lost.reason) in {("webhook", "browser_died"), ("sync", None)}
    await service.logged(f"Session {session_id}: its browser was killed")
    await daemon.session_until(
        session_id, lambda view: proven(view) and (view.proven_at or lost.at) > lost.at, 20
    )
    assert "qr_pending" not in await states(daemon, session_id, after=before)
    assert browser.pid not in {each.pid for each in service.browsers(session_id)}
    await sends(daemon, session_id)


@pytest.mark.long
async def test_a_crashed_renderer_is_healed_in_the_same_browser(
    daemon: RunningDaemon, service: RunningService, phone: Phone, pair: Pair
) -> None:
    session_id = await pair(NUMBER)
    before = await last_event(daemon)
    (browser,) = service.browsers(session_id)
    loads = (await phone.look()).hellos.get(NUMBER, 0)
    for renderer in service.renderers(session_id):
        renderer.kill(signal.SIGSEGV)

    async def loaded() -> bool:
        return (await phone.look()).hellos.get(NUMBER, 0) > loads

    await until(loaded, 10, lambda: f"the page was not loaded again:\n{service.log()}")
    await service.status_until(session_id, "connected")
    assert [each.pid for each in service.browsers(session_id)] == [browser.pid]
    assert "qr_pending" not in await states(daemon, session_id, after=before)
    await sends(daemon, session_id)


async def test_a_zombie_is_found_out_and_healed(
    daemon: RunningDaemon, service: RunningService, phone: Phone, pair: Pair
) -> None:
    await service.end()
    await service.start(HEALTH_CHECK_INTERVAL="2")
    session_id = await pair(NUMBER)
    before = await last_event(daemon)
    await phone.zombie(NUMBER)
    await service.logged("Running health check and status sync...")

    async def found_out() -> bool:
        return not (await service.status(session_id))["isReady"]

    await until(found_out, 15, lambda: f"it is still believed:\n{service.log()}")
    await phone.set(unsynced=[])
    await service.status_until(session_id, "connected")
    await daemon.session_until(session_id, lambda view: view.status == "connected")
    assert "qr_pending" not in await states(daemon, session_id, after=before)
    await sends(daemon, session_id)
    await service.logged("Health check complete. Checked 1 sessions.")


@pytest.mark.long
async def test_a_page_that_hangs_does_not_hang_its_callers(
    daemon: RunningDaemon, service: RunningService, phone: Phone, pair: Pair
) -> None:
    session_id = await pair(NUMBER)
    await phone.hang(NUMBER, 12)
    asked = time.monotonic()
    status = await service.status(session_id)
    assert time.monotonic() - asked < 10
    assert not status["isReady"]
    await service.status_until(session_id, "connected")
    await daemon.session_until(session_id, lambda view: view.status == "connected")


async def test_after_sigkill_of_the_service_every_session_comes_back_without_a_code(
    daemon: RunningDaemon, service: RunningService, pair: Pair
) -> None:
    ids = [await pair(f"491555000{n}", f"billing-{n}") for n in range(SESSIONS)]
    before = await last_event(daemon)
    old = {browser.pid for browser in service.browsers()}
    await service.kill()
    await service.start()
    await service.logged(f"Session restoration complete: {SESSIONS} restored, 0 failed", 30)
    for n, session_id in enumerate(ids):
        view = await daemon.session_until(session_id, lambda view: view.status == "connected")
        assert view.phone_number == f"491555000{n}"
        assert "qr_pending" not in await states(daemon, session_id, after=before)
    running = service.browsers()
    assert len(running) == SESSIONS
    assert old.isdisjoint(browser.pid for browser in running)


@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.long)])
async def test_a_signal_ends_every_browser_and_the_service(
    service: RunningService, profiles: Path, number: signal.Signals
) -> None:
    await service.start()
    for session_id in ("billing_1", "billing_2"):
        assert (await service.init(session_id))["status"] == "qr_pending"
    assert len(service.browsers()) == 2
    assert await service.end(number, 10) == 0
    assert service.browsers() == []
