"""What the stateful tests found once, each as a test of its own."""

from __future__ import annotations

from wa_tui.wire import ActionRequest

from .stage import GATEWAY, Stage
from .test_persons import EAGER, PERSON, SESSIONS


def test_a_person_who_takes_over_a_start_gets_its_turn() -> None:
    """Healing waited in its turn for the person's action, which waited for that turn."""
    stage = Stage(*SESSIONS, healing=EAGER)
    try:
        stage.gateway.start_takes = 20.0
        stage.call(stage.gateway.drop, SESSIONS[0])
        stage.deliver(stage.network.pop())
        stage.loop.forward(5)
        assert stage.daemon.parts.starts.running(GATEWAY) == EAGER.at_once == 1
        request = ActionRequest(action="reconnect", gateway=GATEWAY, session_id=SESSIONS[0])
        row = stage.loop.finish(stage.daemon.parts.runner.submit(request, PERSON))
        stage.loop.forward(60)
        receipt = stage.daemon.parts.runner.receipt(row.id)
        assert receipt is not None and receipt.outcome == "verified", receipt
    finally:
        stage.close()
