"""QR expiry, clean-up, retention and the side file, with a clock that is put forward."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from wa_tui.config import GatewayConfig
from wa_tui.daemon.jobs.cleanup import copy_aside
from wa_tui.model.facts import ActionAccepted, ActionEnded, Checked, Fact, Listed, QrCode, Webhook
from wa_tui.model.registers import DAY, Desired, Reason, SessionKey, Status
from wa_tui.store import Provenance, open_store

from .inside import Inside, inside, world

NOWHERE = GatewayConfig("default", "http://127.0.0.1:9", "key")


async def test_an_expired_code_goes_and_the_status_stays() -> None:
    async with world(qr_seconds=3600) as (sim, daemon):
        await sim.add(sessions=[{"sessionId": "a", "status": "qr_pending"}])
        await daemon.session_until("a", lambda s: s.qr is not None)
        await daemon.quiet()
        view = await daemon.view("a")
        assert view.qr is not None and view.qr_expires_at is not None
        assert await daemon.client.qr("default", "a") is not None
        daemon.clock.forward(61)
        expired = await daemon.session_until("a", lambda s: s.qr is not None and s.qr.expired)
        assert (expired.status, expired.reason) == (Status.QR_PENDING, Reason.QR_EXPIRED)
        assert expired.qr is not None and not expired.qr.code.payload
        view = await daemon.view("a")
        assert (view.status, view.qr, view.reason) == ("qr_pending", None, "qr_expired")
        assert await daemon.client.qr("default", "a") is None
        assert any(event.source == "timer" for event in await daemon.events("qr", "a")) or any(
            event.text == "QR code expired" for event in await daemon.events(session_id="a")
        )


async def test_looking_at_an_expired_code_polls_for_the_current_one() -> None:
    async with world(qr_seconds=3600) as (sim, daemon):
        await sim.add(sessions=[{"sessionId": "a", "status": "qr_pending"}])
        first = await daemon.session_until("a", lambda s: s.qr is not None)
        await daemon.quiet()
        daemon.clock.forward(61)
        await daemon.session_until("a", lambda s: s.qr is not None and s.qr.expired)
        assert await daemon.client.qr("default", "a") is None
        await daemon.quiet()
        assert await daemon.client.qr("default", "a") is None, "the same code lives no longer"
        await sim.fault("webhooks", loss=1.0)
        await sim.fault("rotate_qr", "a")
        daemon.clock.forward(4)
        assert await daemon.client.qr("default", "a") is None
        fresh = await daemon.session_until("a", lambda s: s.qr is not None and not s.qr.expired)
        assert first.qr is not None and fresh.qr is not None and first.qr.code.digest != fresh.qr.code.digest
        code = await daemon.client.qr("default", "a")
        assert code is not None and code.digest == fresh.qr.code.digest
        assert not await sim.requests("/api/session/init"), "nothing is started anew: that would end a scan"


@pytest.fixture
async def parts() -> AsyncIterator[Inside]:
    """A daemon's parts with a real store, its recorder running and nothing else."""
    async with inside(NOWHERE, start=False) as daemon:
        (await daemon.build()).parts.recorder.start()
        yield daemon


async def test_sessions_offline_for_seven_days_are_forgotten(parts: Inside) -> None:
    await _claim(parts, "off", Status.CONNECTED)
    await _want(parts, "off", Desired.OFFLINE)
    await _check(parts, "off", None)
    assert await _cleaned(parts, 6.9) == "0 sessions removed, 0 events past retention"
    assert await _cleaned(parts, 0.2) == "1 session removed, 0 events past retention"
    assert parts.daemon.parts.fleet.session(SessionKey("default", "off")) is None
    [event] = [e for e in await parts.daemon.parts.store.events() if e.kind == "removed"]
    assert event.text == "offline for 7 days" and event.session_id == "off"


async def test_a_session_that_runs_against_our_will_is_kept(parts: Inside) -> None:
    await _claim(parts, "off", Status.CONNECTED)
    await _want(parts, "off", Desired.OFFLINE)
    assert (await _cleaned(parts, 100)).startswith("0 sessions removed")
    await _check(parts, "off", None)
    assert (await _cleaned(parts, 0.1)).startswith("1 session removed")


async def test_never_paired_for_seven_days_is_forgotten_and_ever_paired_is_not(parts: Inside) -> None:
    await _want(parts, "new", Desired.ONLINE, action="new")
    await _claim(parts, "waiting", Status.QR_PENDING)
    await _list(parts, "adopted", Status.DISCONNECTED)
    await _claim(parts, "idle", Status.CONNECTED)
    await _claim(parts, "lost", Status.CONNECTED)
    await _claim(parts, "lost", Status.DISCONNECTED, detail="LOGOUT")
    await _claim(parts, "paired", Status.AUTHENTICATED)
    await _claim(parts, "paired", Status.DISCONNECTED)
    await _claim(parts, "refused", Status.AUTH_FAILED)
    await _check(parts, "idle", None)
    assert (await _cleaned(parts, 6.9)).startswith("0 sessions removed")
    assert (await _cleaned(parts, 0.2)).startswith("2 sessions removed"), "one is still in its gateway's list"
    await _check(parts, "adopted", None)
    assert (await _cleaned(parts, 0.1)).startswith("1 session removed")
    left = {session.session_id for session in parts.daemon.parts.fleet.everything()}
    assert left == {"idle", "lost", "paired", "refused"}
    assert (await _cleaned(parts, 365)).startswith("0 sessions removed"), "paired once and wanted: for ever"


async def test_what_a_gateway_still_holds_is_let_go_first() -> None:
    """Removed alone, its list would bring it back as one to be wanted."""
    async with world() as (sim, daemon):
        await sim.add(sessions=[{"sessionId": "unpaired", "status": "qr_pending"}, {"sessionId": "paired"}])
        await daemon.proven("paired")
        await daemon.session_until("unpaired", lambda s: s.check is not None)
        daemon.clock.forward(8 * DAY / 1000)
        assert (await daemon.done("run_job", job="cleanup-disconnected-sessions")).text.startswith(
            "1 session removed"
        )
        assert await sim.status("unpaired") == "not_found" and await sim.status("paired") == "connected"
        await daemon.done("sync")
        assert [s.session_id for s in daemon.daemon.parts.fleet.everything()] == ["paired"]


async def test_tombstones_live_thirty_days_and_orphans_longer(parts: Inside) -> None:
    for name in ("gone", "orphan"):
        await _claim(parts, name, Status.CONNECTED)
        await _delete(parts, name)
    await _list(parts, "orphan", Status.CONNECTED)
    assert (await _cleaned(parts, 29.9)).startswith("0 sessions removed")
    assert (await _cleaned(parts, 0.2)).startswith("1 session removed")
    assert [session.session_id for session in parts.daemon.parts.fleet.everything()] == ["orphan"]


async def test_events_past_their_retention_go_and_a_snapshot_stays(parts: Inside) -> None:
    await _claim(parts, "a", Status.CONNECTED)
    await _claim(parts, "a", Status.DISCONNECTED, detail="NAVIGATION")
    store, fleet = parts.daemon.parts.store, parts.daemon.parts.fleet
    assert len(await store.events()) == 2
    assert (await _cleaned(parts, 29)).endswith("0 events past retention")
    await _claim(parts, "a", Status.CONNECTED)
    assert (await _cleaned(parts, 2)).endswith("2 events past retention")
    assert [event.after for event in await store.events()] == ["connected"]
    snapshot, tail = await store.snapshot_and_tail()
    assert snapshot.session(SessionKey("default", "a")) == fleet.session(SessionKey("default", "a"))
    assert tail == []


async def test_what_was_removed_stays_away_after_a_restart(parts: Inside) -> None:
    await _want(parts, "new", Desired.ONLINE, action="new")
    await _claim(parts, "kept", Status.CONNECTED)
    await _cleaned(parts, 8)
    await parts.daemon.parts.recorder.stop()
    await parts.daemon.parts.store.close()
    store = await open_store(parts.config.database, now=parts.clock.now())
    loaded = await store.load()
    assert [session.session_id for session in loaded.fleet.everything()] == ["kept"]
    assert loaded.provenance is Provenance.INTACT
    await store.close()


async def test_the_side_file_rebuilds_a_lost_database(parts: Inside) -> None:
    await _claim(parts, "kept", Status.CONNECTED)
    within = parts.daemon.parts
    assert await copy_aside(within.store, within.fleet, within.clock) == "copied"
    await parts.daemon.parts.recorder.stop()
    await parts.daemon.parts.store.close()
    for file in parts.config.state_dir.glob("wa_tui.db*"):
        if file.suffix in (".db", ".db-wal", ".db-shm"):
            file.unlink()
    store = await open_store(parts.config.database, now=parts.clock.now())
    loaded = await store.load()
    assert loaded.provenance is Provenance.REBUILT
    assert [session.session_id for session in loaded.fleet.everything()] == ["kept"]
    assert [session.restorable for session in loaded.fleet.everything()] == [True]
    await store.close()


async def _record(parts: Inside, fact: Fact) -> None:
    parts.clock.forward(0.01)
    await parts.daemon.parts.recorder.record(fact)


async def _claim(parts: Inside, session_id: str, status: Status, detail: str | None = None) -> None:
    now = parts.clock.now()
    qr = QrCode.of("code") if status is Status.QR_PENDING else None
    await _record(parts, Webhook("default", session_id, status, now, now, qr=qr, detail=detail))


async def _check(parts: Inside, session_id: str, status: Status | None) -> None:
    now = parts.clock.now()
    await _record(parts, Checked("default", session_id, now, now, status))


async def _list(parts: Inside, session_id: str, status: Status) -> None:
    now = parts.clock.now()
    await _record(parts, Listed("default", session_id, now, now, status))


async def _want(
    parts: Inside,
    session_id: str,
    desired: Desired | None,
    *,
    action: str = "disconnect",
) -> None:
    now = parts.clock.now()
    await _record(parts, ActionAccepted("default", session_id, now, action, "tester", "a-1", desired=desired))


async def _delete(parts: Inside, session_id: str) -> None:
    now = parts.clock.now()
    await _record(
        parts, ActionEnded("default", session_id, now, "delete", "tester", "a-1", "verified", "", delete=True)
    )


async def _cleaned(parts: Inside, days: float) -> str:
    """Put the clock forward and clean up."""
    parts.clock.forward(days * DAY / 1000)
    return await parts.daemon.parts.clean_up.run()
