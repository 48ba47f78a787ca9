"""Where nothing can be proven sessions are claimed: in no trouble, and calling nobody (design §9, rule 9)."""

from __future__ import annotations

from wa_tui.gateways import Capability
from wa_tui.model.registers import Status

from .inside import Inside
from .kinds import EVOLUTION, WWEBJS, at


async def hint(daemon: Inside, session_id: str, status: Status, **more: str) -> None:
    """Have a webhook without a time of its own come in."""
    await daemon.tell(session_id, status, timestamp=None, **more)


async def test_what_nothing_can_prove_is_claimed_and_counts_as_fine() -> None:
    async with at(EVOLUTION, "sales", "desk") as (_, daemon):
        status = await daemon.client.status()
        [gateway] = status.gateways
        assert (gateway.kind, gateway.proof, gateway.proves) == ("evolution", "claimed", False)
        assert Capability.STOP not in gateway.capabilities and Capability.LOGOUT in gateway.capabilities
        assert status.sessions.by_condition == {"claimed": 2} and status.sessions.needs_person == 0
        found = await daemon.view("sales")
        assert (found.status, found.proof, found.proven_at) == ("connected", "claimed", None)
        assert (found.credentials, found.attention, found.contradiction) == ("stored", None, None)


async def test_only_what_speaks_against_it_makes_it_trouble() -> None:
    async with at(EVOLUTION, "sales") as (_, daemon):
        await hint(daemon, "sales", Status.DISCONNECTED)
        await daemon.quiet()
        found = await daemon.view("sales")
        assert (found.status, found.contradiction) == ("connected", "a webhook says disconnected")
        assert (await daemon.client.status()).sessions.needs_person == 0
        await daemon.done("sync")
        assert (await daemon.view("sales")).contradiction is None, "claimed twice since"


async def test_where_a_check_proves_a_hint_is_over_with_it() -> None:
    async with at(WWEBJS, "sales") as (gateway, daemon):
        for _ in range(5):
            await hint(daemon, "sales", Status.INITIALIZING)
        await daemon.quiet()
        found = await daemon.view("sales")
        assert (found.proof, found.contradiction) == ("client", None) and found.proven_at is not None
        assert len(await daemon.events("hint")) == 1
        gateway.clients["sales"].truth = Status.DISCONNECTED
        await hint(daemon, "sales", Status.DISCONNECTED, reason="NAVIGATION")
        session = await daemon.session_until("sales", lambda s: s.status is Status.DISCONNECTED)
        assert session.reason == "navigation"


async def test_what_should_be_offline_and_cannot_be_stopped_is_to_be_logged_out() -> None:
    async with at(EVOLUTION, "sales") as (gateway, daemon):
        await daemon.done("logout", "sales", force=True)
        gateway.connect("sales")
        await daemon.done("sync")
        found = await daemon.view_until("sales", lambda view: view.attention is not None)
        assert found.attention is not None and found.attention.code == "unwanted"
        assert found.attention.action.startswith("log it out: its gateway cannot stop it")
