"""What the simulator posts in the way of each kind, and where to."""

from __future__ import annotations

from tests.simulated import simulated
from tests.unit.simulator.plane import ControlPlane, until


async def test_wwebjs_api_posts_each_step_without_a_time_and_its_own_key(plane: ControlPlane) -> None:
    async with simulated(name="ww:kind=wwebjs-api", control_plane=plane.url) as sim:
        assert (sim.name, sim.kind) == ("ww", "wwebjs-api")
        await sim.add(sessions=[{"sessionId": "one"}], webhooks=True)
        await plane.until(5)
        kinds = sorted(body["dataType"] for body in plane.received)
        assert kinds == ["authenticated", "loading_screen", "loading_screen", "loading_screen", "ready"]
        assert not any("timestamp" in body for body in plane.received)
        assert set(plane.requests) == {("POST", "/api/v1/gateways/ww/webhook", "test-key")}
        await sim.fault("storm", "one", times=10)
        await until(lambda: len(plane.received) == 5 + 70)


async def test_wppconnect_posts_to_an_address_with_the_key_and_once_without_a_session(
    plane: ControlPlane,
) -> None:
    async with simulated(name="wpp:kind=wppconnect", control_plane=plane.url, webhook_key="secret") as sim:
        await sim.add(sessions=[{"sessionId": "sales"}], webhooks=True)
        await plane.until(2)
        found = {(body.get("session"), body["status"]) for body in plane.received}
        assert found == {(None, "isLogged"), ("sales", "inChat")}
        assert set(plane.requests) == {("POST", "/api/v1/gateways/wpp/webhook/secret", None)}
        await sim.fault("logout", "sales")
        await plane.until(4)
        assert {body["status"] for body in plane.received[2:]} == {"disconnectedMobile", "browserClose"}
