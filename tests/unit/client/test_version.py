"""A daemon that speaks another version of the API is not asked to do anything, and named as what is to be updated."""

from __future__ import annotations

import contextlib

import pytest

from tests.fake_daemon import FakeDaemon
from wa_tui import wire
from wa_tui.client import Client, Disconnected, Incompatible

OLDER = "is older than this wa-tui: it speaks version 1 of the API, this wa-tui version 2; update"
NEWER = (
    "this wa-tui is older than the daemon at .*: it speaks version 2 of the API, the daemon version 3; update"
)


@pytest.mark.parametrize(("version", "text"), [(1, OLDER), (3, NEWER)])
async def test_another_version_is_said_and_nothing_is_done(
    daemon: FakeDaemon, client: Client, version: int, text: str
) -> None:
    daemon.api_version = version
    with pytest.raises(Incompatible, match=text):
        await client.act(wire.ActionRequest(action="sync"))
    assert not daemon.requests
    with pytest.raises(Incompatible, match=text):
        await client.status()
    with pytest.raises(Incompatible, match=text):
        await anext(client.live())
    async with contextlib.aclosing(client.follow()) as feed:
        lost = await anext(feed)
        assert isinstance(lost, Disconnected) and isinstance(lost.error, Incompatible)
        daemon.api_version = wire.API_VERSION
        assert isinstance(await anext(feed), wire.Snapshot)
