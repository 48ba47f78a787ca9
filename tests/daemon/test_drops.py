"""How often a session dropped in 24 h: one number, in the API, on the command line and in the monitor."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from wa_tui.daemon.recording.history import drops
from wa_tui.wire import ActionRequest, SessionView, utc_now

from .running import RunningDaemon

CODES = {
    "": 0,
    "c": 0,
    "d": 0,
    "cd": 1,
    "cdsc": 1,
    "cdcdcd": 3,
    "cqc": 1,
    "csc": 1,
    "cocdo": 1,
    "cuc": 0,
    "dsqc": 0,
}


@pytest.mark.parametrize(("codes", "number"), CODES.items())
def test_what_is_a_drop(codes: str, number: int) -> None:
    assert drops([*enumerate(codes)]) == number


async def test_the_same_number_in_the_api_and_on_the_command_line(daemon: RunningDaemon) -> None:
    begin = utc_now() - timedelta(minutes=30)
    for minute, status in enumerate(("connected", "disconnected", "connected", "disconnected", "connected")):
        answer = await daemon.post_webhook(
            "a", status, at=begin + timedelta(minutes=minute), reason="NAVIGATION", userId=1
        )
        assert answer.status_code == 200

    def twice(view: SessionView) -> bool:
        return view.drops == 2 and len(view.history) >= 5

    await daemon.session_until("a", twice)
    [bare] = await daemon.client.sessions(history=False)
    assert (bare.drops, bare.history) == (2, [])
    [printed] = json.loads((await daemon.wa_tui("sessions", "--json")).stdout)
    assert printed["drops"] == 2
    await daemon.restart()
    await daemon.session_until("a", twice)
    await daemon.client.act(ActionRequest(action="disconnect", session_id="a"))
    off = await daemon.session_until("a", lambda view: view.desired == "offline")
    assert off.drops == 2
