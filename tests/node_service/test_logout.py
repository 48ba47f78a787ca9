"""What needs a person is left to a person: logged out, revoked, opened elsewhere."""

from __future__ import annotations

import pytest

from tests.daemon.running import RunningDaemon
from tests.daemon.waiting import until
from wa_tui.wire import ActionRequest

from .conftest import Pair
from .following import needs_scan, no_browser, passes
from .phone import Phone
from .service import RunningService

NUMBER = "4915550001"


async def test_a_logout_on_the_phone_needs_a_scan_and_is_not_healed(
    daemon: RunningDaemon, service: RunningService, phone: Phone, pair: Pair
) -> None:
    session_id = await pair(NUMBER)

    async def removed() -> bool:
        return not service.profile(session_id).exists()

    await phone.logout(NUMBER)
    view = await daemon.session_until(session_id, needs_scan)
    assert (view.status, view.reason) == ("disconnected", "logout")
    await no_browser(service)
    await until(removed, otherwise=lambda: f"its credentials stay:\n{service.log()}")

    await passes(daemon, "sync-session-status", 3)
    await passes(daemon, "list-sync", 3)
    assert service.browsers() == []
    view = await daemon.session_until(session_id, needs_scan)
    assert view.attention is not None
    assert (await service.status(session_id))["status"] == "not_found"

    receipt = await daemon.client.act(
        ActionRequest(action="refresh_qr", gateway="default", session_id=session_id)
    )
    assert receipt.outcome != "failed", receipt
    await phone.scan_when_shown(NUMBER)
    await daemon.session_until(session_id, lambda view: view.status == "connected")


@pytest.mark.long
async def test_a_link_revoked_while_the_service_was_down_is_not_restored(
    daemon: RunningDaemon, service: RunningService, phone: Phone, pair: Pair
) -> None:
    session_id = await pair(NUMBER)
    await service.kill()
    await phone.revoke(NUMBER)
    await service.start()
    await service.logged("Session restoration complete: 0 restored, 1 failed")
    await daemon.session_until(session_id, needs_scan)
    await no_browser(service)


@pytest.mark.long
async def test_opened_elsewhere_calls_a_person(
    daemon: RunningDaemon, service: RunningService, phone: Phone, pair: Pair
) -> None:
    session_id = await pair(NUMBER)
    await phone.state(NUMBER, "CONFLICT")
    view = await daemon.session_until(session_id, lambda view: view.status == "disconnected")
    assert (view.reason, view.credentials) == ("conflict", "stored")
    await no_browser(service)
    await passes(daemon, "sync-session-status", 2)
    assert service.browsers() == []
