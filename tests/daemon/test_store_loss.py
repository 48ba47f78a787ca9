"""A state directory without history, and one that lost it: what may be restored then (design §3, rules 5 and 7)."""

from __future__ import annotations

from tests.simulated import Simulated, simulated

from .conftest import NewDaemon
from .running import RunningDaemon
from .waiting import until


async def proven(daemon: RunningDaemon, sim: Simulated) -> list[str]:
    known = sorted(await sim.truth())
    for session_id in known:
        await daemon.session_until(session_id, lambda view: view.proven_at is not None)
    return known


def lose(daemon: RunningDaemon) -> None:
    """Remove everything but the sign that there once was a database."""
    gone = [path for path in daemon.state_dir.glob("wa_tui.*") if not path.name.endswith(".born")]
    assert any(path.name == "wa_tui.db" for path in gone), list(daemon.state_dir.iterdir())
    for path in gone:
        path.unlink()


async def test_a_first_start_answers_at_once_although_the_gateway_is_down(daemon: RunningDaemon) -> None:
    answer = await daemon.active_sessions()
    assert answer.status_code == 200 and answer.json()["data"]["count"] == 0
    assert answer.elapsed.total_seconds() < 1
    assert (await daemon.client.status()).daemon.notices == []


async def test_a_first_start_adopts_what_runs_before_it_answers(new_daemon: NewDaemon) -> None:
    daemon = new_daemon()
    async with simulated(control_plane=daemon.url, sessions=3) as sim:
        await daemon.start(sim, WA_TUI_LIST_SYNC_INTERVAL="600")
        rows = (await daemon.active_sessions(key=sim.api_key)).json()["data"]["sessions"]
        assert sorted(row["session_id"] for row in rows) == sorted(await sim.truth())


async def test_a_lost_store_answers_503_until_the_list_was_adopted(new_daemon: NewDaemon) -> None:
    daemon = new_daemon()
    async with simulated(control_plane=daemon.url, sessions=3) as sim:
        await daemon.start(sim)
        known = await proven(daemon, sim)
        await daemon.kill()
        lose(daemon)
        await sim.fault("unreachable")
        daemon.launch()
        await daemon.answering()
        answer = await daemon.active_sessions()
        assert answer.status_code == 503 and int(answer.headers["retry-after"]) > 0
        assert answer.json()["success"] is False and "default" in answer.json()["message"]
        assert any("lost" in notice for notice in (await daemon.client.status()).daemon.notices)
        # Webhooks are taken in meanwhile.
        await daemon.connected(known[0])
        await sim.fault("reachable")

        async def answered() -> bool:
            return (await daemon.active_sessions()).status_code == 200

        await until(answered)
        rows = (await daemon.active_sessions()).json()["data"]["sessions"]
        assert sorted(row["session_id"] for row in rows) == known


async def test_a_damaged_store_is_rebuilt_from_its_side_file(new_daemon: NewDaemon) -> None:
    daemon = await new_daemon().start()
    await daemon.connected("a", "b")
    assert await daemon.sigterm() == 0
    database = daemon.state_dir / "wa_tui.db"
    database.write_bytes(b"not a database" + database.read_bytes()[14:])
    daemon.launch()
    await daemon.answering()
    assert {view.session_id for view in await daemon.client.sessions()} == {"a", "b"}
    answer = await daemon.active_sessions()
    assert answer.status_code == 200 and answer.json()["data"]["count"] == 2
    assert any("rebuilt" in notice for notice in (await daemon.client.status()).daemon.notices)
