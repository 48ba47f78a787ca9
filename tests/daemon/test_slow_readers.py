"""Who reads slowly is told more while it reads: what waits for it may grow, and it reads all the same."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest

from wa_tui.daemon.http import bounds
from wa_tui.daemon.http.outgoing import Outgoing


class Link:
    """A transport whose peer takes ``pace`` bytes between two looks at it, while twice as many are sent."""

    def __init__(self, pace: int, looks: int) -> None:
        self.outgoing: Outgoing | None = None
        self.waiting = 0
        self.cut_off = False
        self.over = asyncio.Event()
        self._pace = pace
        self._looks = looks

    def get_write_buffer_size(self) -> int:
        self._looks -= 1
        if not self._looks:
            self.over.set()
        self.waiting -= min(self._pace, self.waiting)
        found = self.waiting
        assert self.outgoing is not None
        asyncio.get_running_loop().call_soon(self.outgoing.write, b"x" * 2 * self._pace)
        return found

    def get_extra_info(self, name: str) -> None:
        return None

    def is_closing(self) -> bool:
        return False

    def write(self, data: bytes) -> None:
        self.waiting += len(data)

    def abort(self) -> None:
        self.cut_off = True
        self.over.set()


async def watched(link: Link) -> bool:
    """Whether its peer is cut off within so many looks."""
    link.outgoing = outgoing = Outgoing(cast(asyncio.Transport, link), lambda: None)
    outgoing.write(b"x" * 1_000)
    outgoing.watch()
    await link.over.wait()
    outgoing.release()
    return link.cut_off


@pytest.mark.parametrize(("pace", "cut_off"), [(100, False), (0, True)])
def test_a_peer_is_judged_by_what_it_takes(monkeypatch: pytest.MonkeyPatch, pace: int, cut_off: bool) -> None:
    monkeypatch.setattr(bounds, "STALLED_S", 0.01)

    async def run() -> bool:
        return await watched(Link(pace, looks=20))

    assert asyncio.run(run()) is cut_off
