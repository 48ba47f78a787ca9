"""The client against a simulated Evolution API, which misbehaves as the real one does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.simulated import Simulated, simulated
from wa_tui.gateways import ClientStatus, Deadlines, NoAnswer, Place, RefusalCause, Refused, Unauthorised
from wa_tui.gateways.evolution.client import EvolutionApi, recognise
from wa_tui.model.registers import Proof, Reason, Status

NAME = "user_1_instance_default-0"


@pytest.fixture
async def sim() -> AsyncIterator[Simulated]:
    async with simulated(kind="evolution", sessions=2) as it:
        yield it


@pytest.fixture
async def api(sim: Simulated) -> AsyncIterator[EvolutionApi]:
    it = EvolutionApi(Place("default", sim.url, sim.api_key))
    yield it
    await it.close()


async def becomes(api: EvolutionApi, session_id: str, status: Status) -> ClientStatus:
    """Check until a session is in a status."""
    async with asyncio.timeout(40):
        while (found := await api.status(session_id)).status is not status:
            await asyncio.sleep(0.02)
    return found


async def test_a_session_from_start_to_end(sim: Simulated, api: EvolutionApi) -> None:
    await api.health()
    assert api.version
    assert await recognise(Place("x", sim.url))
    started = await api.init("Böse & Söhne/2", None)
    assert started.status in (Status.QR_PENDING, Status.INITIALIZING)
    code = (await becomes(api, "Böse & Söhne/2", Status.QR_PENDING)).qr
    assert code is not None
    await sim.fault("scan", "Böse & Söhne/2")
    found = await becomes(api, "Böse & Söhne/2", Status.CONNECTED)
    assert found.proof is Proof.CLAIMED
    assert {row.session_id for row in await api.list()} == {
        NAME,
        "user_1_instance_default-1",
        "Böse & Söhne/2",
    }
    assert (await api.send_text("Böse & Söhne/2", "15550009999", "hi")).message_id
    assert await api.logout("Böse & Söhne/2")
    found = await api.status("Böse & Söhne/2")
    assert (found.status, found.reason) == (Status.DISCONNECTED, Reason.LOGOUT)
    assert await api.delete("Böse & Söhne/2")
    assert not (await api.status("Böse & Söhne/2")).exists
    assert await api.delete("Böse & Söhne/2") is False


async def test_a_cut_socket_shows_no_code_of_its_pairing(sim: Simulated, api: EvolutionApi) -> None:
    await api.init("new", None)
    await becomes(api, "new", Status.QR_PENDING)
    await sim.fault("scan", "new")
    await becomes(api, "new", Status.CONNECTED)
    await sim.fault("cut", "new", seconds=3600)
    found = await api.status("new")
    assert (found.status, found.qr) == (Status.INITIALIZING, None)
    rows = {row.session_id: row.status for row in await api.list()}
    assert rows["new"] is Status.CONNECTED
    await api.restart("new")
    await becomes(api, "new", Status.CONNECTED)


async def test_logged_out_on_the_phone_and_scanned_again(sim: Simulated, api: EvolutionApi) -> None:
    await sim.fault("logout", NAME)
    found = await api.status(NAME)
    assert (found.status, found.reason) == (Status.DISCONNECTED, Reason.LOGOUT)
    # It refuses that with 200: the client connects it instead.
    await api.restart(NAME)
    await becomes(api, NAME, Status.QR_PENDING)
    await sim.fault("scan", NAME)
    assert (await becomes(api, NAME, Status.CONNECTED)).reason is None


async def test_the_last_code_was_not_scanned(sim: Simulated, api: EvolutionApi) -> None:
    await sim.fault("logout", NAME)
    await api.init(NAME, None)
    await becomes(api, NAME, Status.QR_PENDING)
    await sim.fault("qr_limit", NAME)
    found = await api.status(NAME)
    assert (found.status, found.reason, found.qr) == (Status.DISCONNECTED, None, None)


async def test_a_kill_and_its_own_restoring(sim: Simulated, api: EvolutionApi) -> None:
    await sim.fault("kill", downtime=0.05)
    async with asyncio.timeout(40):
        while True:
            try:
                await api.health()
                break
            except Exception:
                await asyncio.sleep(0.02)
    await becomes(api, NAME, Status.CONNECTED)
    assert not await sim.requests("/instance/connect/")


async def test_what_is_dead_is_claimed(sim: Simulated, api: EvolutionApi) -> None:
    await sim.fault("drop", NAME, silent=True)
    assert (await api.status(NAME)).status is Status.CONNECTED
    with pytest.raises(Refused) as caught:
        await api.send_text(NAME, "15550009999", "hi")
    assert (caught.value.cause, caught.value.outcome_known) == (RefusalCause.CLOSED, False)
    stranger = EvolutionApi(Place("default", sim.url, "wrong"))
    with pytest.raises(Unauthorised):
        await stranger.list()
    await stranger.health()
    await stranger.close()


async def test_what_hangs_has_a_deadline(sim: Simulated) -> None:
    short = EvolutionApi(Place("default", sim.url, sim.api_key), deadlines=Deadlines(health=0.3, status=0.3))
    await sim.fault("hang_gateway")
    with pytest.raises(NoAnswer):
        await short.health()
    with pytest.raises(NoAnswer):
        await short.status(NAME)
    await sim.fault("unhang_gateway")
    await short.close()


async def test_our_webhook_beside_nobodys(sim: Simulated, api: EvolutionApi) -> None:
    assert await api.webhook_targets("http://127.0.0.1:9/ours", "k") == []
    await api.set_webhook_target("http://127.0.0.1:9/ours", "k", NAME)
    [target] = await api.webhook_targets("http://127.0.0.1:9/ours", "k")
    assert (target.session_id, target.is_ours) == (NAME, True)
    [target] = await api.webhook_targets("http://127.0.0.1:9/theirs", "k")
    assert not target.is_ours
