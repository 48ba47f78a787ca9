"""What goes on beside all else does not end unseen."""

from __future__ import annotations

import asyncio

import pytest

from wa_tui.daemon import background
from wa_tui.daemon.background import Background


async def test_work_that_fails_is_said_and_begins_anew(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(background, "PAUSE", 0.0)
    begun = 0
    third = asyncio.Event()

    async def work() -> None:
        nonlocal begun
        begun += 1
        if begun < 3:
            raise RuntimeError("nobody thought of this")
        third.set()
        await asyncio.Event().wait()

    running = Background("counting", work)
    assert not running.has_begun
    await running.stop()
    running.start()
    await asyncio.wait_for(third.wait(), 5)
    await running.stop()
    assert begun == 3
    said = [record for record in caplog.records if "(counting)" in record.message]
    assert len(said) == 2 and all(record.exc_info for record in said)
