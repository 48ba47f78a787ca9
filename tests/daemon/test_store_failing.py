"""A disk that fails under a running daemon: webhooks are refused and it is said, until it goes on by itself."""

from __future__ import annotations

import resource

from .running import RunningDaemon
from .waiting import until

ENOUGH = 64 * 1024
"""Bytes that the log beside the database has from the start, and the daemon's own log has not."""


async def test_a_write_that_fails_is_refused_and_said_until_it_is_over(daemon: RunningDaemon) -> None:
    """A limit of the files' size has writes fail as a broken disk does (EFBIG is an I/O error for SQLite)."""
    await daemon.connected("a", "b")
    assert (daemon.state_dir / "wa_tui.db-wal").stat().st_size > ENOUGH
    limits = resource.prlimit(daemon.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(daemon.pid, resource.RLIMIT_FSIZE, (ENOUGH, limits[1]))

    async def refused() -> bool:
        answer = await daemon.post_webhook("b", "disconnected")
        assert answer.status_code in (200, 503)
        return answer.status_code == 503 and int(answer.headers["retry-after"]) > 0

    await until(refused)
    (said,) = (await daemon.client.status()).daemon.attention
    assert said.code == "store_failed" and "disk I/O error" in said.text
    assert {view.session_id for view in await daemon.client.sessions()} == {"a", "b"}
    resource.prlimit(daemon.pid, resource.RLIMIT_FSIZE, limits)
    await daemon.connected("c")
    assert (await daemon.client.status()).daemon.attention == []
    await daemon.kill()
    daemon.launch()
    await daemon.answering()
    assert {view.session_id for view in await daemon.client.sessions()} == {"a", "b", "c"}
