"""A daemon that speaks another version of the API is not asked to do anything, and named as what is to be updated."""

from __future__ import annotations

import contextlib
import os

import pytest

from tests.fake_daemon import FakeDaemon
from wa_tui import wire
from wa_tui.client import Client, Disconnected, Incompatible, Tcp

HERE = wire.API_VERSION
OLDER = rf"^the daemon is older \(API 1, here {HERE}\): update and restart it \(process {os.getpid()}\) · /"
"""The daemon of these tests is this process."""
ELSEWHERE = rf"^the daemon is older \(API 1, here {HERE}\): update wa-tui where it runs, restart it · http"
NEWER = rf"^this wa-tui is older \(API {HERE}, the daemon {HERE + 1}\): update wa-tui here · /"


@pytest.mark.parametrize(("version", "text"), [(1, OLDER), (HERE + 1, NEWER)], ids=["older", "newer"])
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


async def test_an_older_daemon_elsewhere_has_no_process_here(daemon: FakeDaemon) -> None:
    daemon.api_version = 1
    client = Client(Tcp(daemon.url, "key"))
    with pytest.raises(Incompatible, match=ELSEWHERE):
        await client.status()
    await client.close()
