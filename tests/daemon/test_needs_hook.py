"""The program of `[hooks] needs`: told once of what calls a person, whatever becomes of it or of the daemon."""

from __future__ import annotations

import contextlib
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import pytest

from tests.simulated import Simulated
from wa_tui.config import Hooks
from wa_tui.daemon import needs
from wa_tui.daemon.needs.hook import MOST
from wa_tui.model.registers import GatewayState
from wa_tui.wire import AttentionCode, utc_now
from wa_tui.wire.needs import NeedsReport

from .conftest import NewDaemon
from .hasty_hook import HASTY
from .inside import QUIET, Inside, nth, world
from .running import RunningDaemon
from .waiting import until

BANNED = f"session:default/{nth(0)}:banned"
DOWN = "gateway:default:gateway_down"


@dataclass
class Pager:
    """A program that appends what it is given to a file; ``how`` is what it does then."""

    directory: Path

    def __post_init__(self) -> None:
        self.program = self.directory / "page"
        self.program.write_text(f'#!/bin/sh\ncat >>{self._told}\n. "{self.directory}/how"\n')
        self.program.chmod(0o700)
        self.then("exit 0")

    @property
    def _told(self) -> Path:
        return self.directory / "told"

    def then(self, text: str) -> None:
        """Have it do something after it was told; the next run does."""
        (self.directory / "how").write_text(text)

    @property
    def reports(self) -> list[NeedsReport]:
        """What it was told, run by run."""
        lines = self._told.read_text().splitlines() if self._told.exists() else []
        return [msgspec.json.decode(line, type=NeedsReport) for line in lines]

    @property
    def changes(self) -> list[str]:
        """All that it was told; jobs seem to have stopped when a test puts the clock forward."""
        return [
            f"{each.event} {each.need.key}" + (f" {each.ended}" if each.ended else "")
            for report in self.reports
            for each in report.changes
            if each.need.code is not AttentionCode.JOB_STOPPED
        ]

    async def told(self, *changes: str) -> None:
        """Wait until it was told these, in order, and nothing else."""

        async def all_told() -> bool:
            return len(self.changes) >= len(changes)

        await until(all_told, otherwise=lambda: f"it was told {self.changes}")
        assert self.changes == [*changes]


@pytest.fixture
def pager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pager:
    monkeypatch.setattr(needs, "PACE", HASTY)
    return Pager(tmp_path)


@contextlib.asynccontextmanager
async def paged(pager: Pager, sessions: int = 1) -> AsyncIterator[tuple[Simulated, Inside]]:
    """Run a gateway and a daemon that calls the pager; all is well yet."""
    settings = {"hooks": Hooks(needs=(str(pager.program),))}
    # Webhooks alone tell why a session dropped: a list that comes before them would say that it is down.
    async with world(sessions, settings=settings, intervals={"list_sync": QUIET}) as (sim, daemon):
        await daemon.proven(*(nth(number) for number in range(sessions)))
        # Nor is a check under way, which would say so too.
        await daemon.quiet()
        await until(dated_after_checks(daemon, sessions))
        yield sim, daemon


def dated_after_checks(daemon: Inside, sessions: int) -> Callable[[], Awaitable[bool]]:
    """Return whether a webhook of now is newer than every check: the gateway's clock is known to half the time that
    its first answer took, and a webhook from before a check says nothing of why a session is down after it.
    """

    async def are_over() -> bool:
        checks = [daemon.session(nth(number)).check for number in range(sessions)]
        now = daemon.gateway().corrected(daemon.clock.now())
        return all(check is not None and check.began < now for check in checks)

    return are_over


async def looked(daemon: Inside, times: int = 3) -> None:
    """Wait until what has changed by now was looked at, and would have been told."""
    hook = daemon.daemon._hook
    assert hook is not None
    source, seen = hook._source, 0
    look = source.look

    async def counted() -> None:
        nonlocal seen
        await look()
        seen += 1

    source.look = counted  # type: ignore[method-assign]

    async def enough() -> bool:
        return seen >= times

    await until(enough)
    source.look = look  # type: ignore[method-assign]


async def ban(sim: Simulated, daemon: Inside) -> None:
    await sim.fault("ban", nth(0))
    await daemon.view_until(nth(0), lambda view: view.attention is not None)


async def test_it_is_told_when_a_session_begins_to_need_a_person_and_when_that_ends(pager: Pager) -> None:
    async with paged(pager) as (sim, daemon):
        await ban(sim, daemon)
        await pager.told(f"begins {BANNED}")
        (report,) = pager.reports
        need = report.changes[0].need
        assert (need.code, need.urgency) == (AttentionCode.BANNED, AttentionCode.BANNED.urgency)
        assert (need.about, need.gateway, need.session_id) == ("session", "default", nth(0))
        view = await daemon.view(nth(0))
        assert (need.name, need.user_id, need.since) == (view.label, view.user_id, view.status_since)
        assert view.attention is not None and need.text == view.attention.text
        assert (report.version, report.calling, report.more) == (1, 1, 0)
        await sim.fault("recover", nth(0))
        await pager.told(f"begins {BANNED}", f"ends {BANNED} over")


async def test_a_gateway_that_goes_down_is_one_call_whatever_its_sessions_do(pager: Pager) -> None:
    async with paged(pager, 5) as (sim, daemon):
        await sim.fault("unreachable")
        await pager.told(f"begins {DOWN}")
        gateway = daemon.gateway()
        assert round(pager.reports[0].changes[0].need.since.timestamp() * 1000) == gateway.since
        await sim.fault("reachable")
        await pager.told(f"begins {DOWN}", f"ends {DOWN} over")


@pytest.mark.parametrize("action", ["snooze", "acknowledge"])
async def test_who_is_quieted_calls_no_more_and_again_when_that_ends(pager: Pager, action: str) -> None:
    word = {"snooze": "snoozed", "acknowledge": "acknowledged"}[action]
    async with paged(pager) as (sim, daemon):
        await ban(sim, daemon)
        await pager.told(f"begins {BANNED}")
        await daemon.done(action, nth(0), minutes=30)
        await pager.told(f"begins {BANNED}", f"ends {BANNED} {word}")
        if action == "snooze":
            daemon.clock.forward(31 * 60)
        else:
            await daemon.done(action, nth(0), force=True)
        await pager.told(f"begins {BANNED}", f"ends {BANNED} {word}", f"begins {BANNED}")


async def test_a_planned_maintenance_calls_nobody(pager: Pager) -> None:
    async with paged(pager) as (sim, daemon):
        await daemon.done("snooze", gateway="default", minutes=30)
        await sim.fault("unreachable")
        await daemon.gateway_until(lambda gateway: gateway.state is GatewayState.DOWN)
        daemon.clock.forward(60)
        await looked(daemon)
        assert pager.changes == []
        daemon.clock.forward(30 * 60)
        await pager.told(f"begins {DOWN}")


async def test_a_quieted_gateway_covers_what_is_its_own_trouble_and_nothing_else(pager: Pager) -> None:
    async with paged(pager, 2) as (sim, daemon):
        await sim.fault("drop", nth(1))
        down = f"session:default/{nth(1)}:down"
        await pager.told(f"begins {down}")
        await daemon.done("snooze", gateway="default", minutes=30)
        await sim.fault("unreachable")
        told = [f"begins {down}", f"ends {down} covered"]
        await pager.told(*told)
        await daemon.tell(nth(0), "disconnected", reason="TOS_BLOCK")
        told.append(f"begins {BANNED}")
        await pager.told(*told)
        await sim.fault("ban", nth(0))
        await sim.fault("reachable")
        await pager.told(*told, f"begins {down}")


async def test_one_that_is_down_for_something_else_calls_for_that(pager: Pager) -> None:
    async with paged(pager) as (sim, daemon):
        await ban(sim, daemon)
        await pager.told(f"begins {BANNED}")
        await sim.fault("logout", nth(0))
        scan = f"session:default/{nth(0)}:scan_qr"
        await pager.told(f"begins {BANNED}", f"begins {scan}", f"ends {BANNED} changed")


async def test_a_storm_is_few_runs_of_many_changes(pager: Pager, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wa_tui.daemon.needs.hook.MOST", 4)
    async with paged(pager, 9) as (sim, _):
        for number in range(9):
            await sim.fault("ban", nth(number))
        begun = {f"begins session:default/{nth(number)}:banned" for number in range(9)}

        async def all_told() -> bool:
            return len(pager.changes) >= 9

        await until(all_told, otherwise=lambda: f"it was told {pager.changes}")
        assert sorted(pager.changes) == sorted(begun)
        assert all(len(report.changes) <= 4 for report in pager.reports)
        assert MOST == 1_000


@pytest.mark.parametrize("how", ["exit 3", "kill -9 $$", "sleep 1000"], ids=["fails", "dies", "hangs"])
async def test_one_that_fails_needs_a_person_and_is_told_again_until_it_works(
    pager: Pager, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(needs, "PACE", replace(HASTY, deadline=0.3))
    async with paged(pager) as (sim, daemon):
        pager.then(f"echo no route to the pager; {how}")
        await ban(sim, daemon)
        (attention,) = await failing(daemon)
        assert attention.startswith("the program of [hooks] needs fails: it ")
        assert 'it said "no route to the pager"' in attention and str(pager.program) in attention
        pager.then("exit 0")
        await until(well(daemon))
        assert set(pager.changes) == {f"begins {BANNED}"}
        count = len(pager.changes)
        await looked(daemon, 10)
        assert len(pager.changes) == count, "told no more once it took it"


async def test_one_that_failed_is_asked_whether_it_works_again_though_nothing_is_left_to_tell(
    pager: Pager,
) -> None:
    async with paged(pager) as (sim, daemon):
        pager.then("exit 1")
        await ban(sim, daemon)
        await failing(daemon)
        await sim.fault("recover", nth(0))
        await daemon.view_until(nth(0), lambda view: view.attention is None)
        await looked(daemon)
        assert await failing(daemon), "nobody knows that it works"
        pager.then("exit 0")
        await until(well(daemon))
        assert pager.reports[-1].changes == [] and pager.reports[-1].calling == 0


async def failing(daemon: Inside) -> list[str]:
    """Return what the daemon says of its program, as soon as it does."""

    async def told() -> list[str]:
        attention = (await daemon.client.status()).daemon.attention
        return [each.sentence for each in attention if each.code is AttentionCode.HOOK_FAILED]

    return await until(told)


def well(daemon: Inside) -> Callable[[], Awaitable[bool]]:
    async def is_well() -> bool:
        return not (await daemon.client.status()).daemon.attention

    return is_well


async def test_one_that_is_gone_is_said_so_and_one_that_floods_is_taken_at_its_word(
    pager: Pager, caplog: pytest.LogCaptureFixture
) -> None:
    async with paged(pager) as (sim, daemon):
        pager.program.rename(pager.directory / "away")
        await ban(sim, daemon)
        (attention,) = await failing(daemon)
        assert f"it cannot be run: there is no program {pager.program}" in attention
        pager.then("head -c 200000 /dev/zero | tr '\\0' a")
        (pager.directory / "away").rename(pager.program)
        await pager.told(f"begins {BANNED}")
        await until(well(daemon))
        assert max(len(record.getMessage()) for record in caplog.records) < 1_000


async def test_what_it_was_told_is_damaged_it_is_told_again(pager: Pager) -> None:
    async with paged(pager) as (sim, daemon):
        await ban(sim, daemon)
        await pager.told(f"begins {BANNED}")
        for content in (b"", b"\xff", b'{"version": 1, "told": 7}', b'{"version": 9, "told": []}'):
            before = len(pager.changes)
            await daemon.stop()
            (daemon.config.state_dir / needs.TOLD).write_bytes(content)
            await daemon.start()
            await pager.told(*[f"begins {BANNED}"] * (before + 1))


async def kept(daemon: RunningDaemon, count: int) -> None:
    """Wait until that many needs are surely told: a daemon that ends before that tells the last ones again."""
    path = daemon.state_dir / needs.TOLD

    async def there() -> bool:
        content = path.read_bytes() if path.exists() else b""
        return content.count(b'"key":') == count and b'"unsure":[]' in content

    await until(there)


async def test_a_daemon_that_is_killed_tells_nothing_twice_and_misses_no_end(
    new_daemon: NewDaemon, pager: Pager
) -> None:
    """Headless: nobody watches, and nothing answers on the gateway's port."""
    daemon = new_daemon()
    daemon.module = "tests.daemon.hasty_hook"
    await daemon.start(WA_TUI_HOOKS_NEEDS=str(pager.program), WA_TUI_HEALING="0")
    await daemon.connected("a", "b")
    await pager.told(f"begins {DOWN}")
    await daemon.post_webhook("a", "disconnected", reason="LOGOUT", at=utc_now())
    await daemon.post_webhook("b", "disconnected", reason="TOS_BLOCK", at=utc_now())
    first = {"begins session:default/a:scan_qr", "begins session:default/b:banned"}

    async def both() -> bool:
        return first <= set(pager.changes)

    await until(both, otherwise=lambda: f"{pager.changes} {daemon.log()}")

    await kept(daemon, 3)
    told = pager.changes
    assert len(told) == 3, "each once"
    await daemon.restart(signal.SIGKILL)
    await daemon.connected("a")
    end = "ends session:default/a:scan_qr over"
    await pager.told(*told, end)
    await kept(daemon, 2)
    await daemon.restart(signal.SIGKILL)
    await daemon.post_webhook("b", "disconnected", reason="LOGOUT", at=utc_now())

    async def two_more() -> bool:
        return len(pager.changes) == 6

    await until(two_more, otherwise=lambda: f"{pager.changes}")
    # What it was banned for may have been over before it began to need a scan: in either order.
    assert {change.rpartition(":")[0] for change in pager.changes[4:]} == {
        "begins session:default/b",
        "ends session:default/b",
    }


async def test_a_daemon_that_waits_for_its_port_calls_for_that_and_takes_nothing_else_for_over(
    new_daemon: NewDaemon, pager: Pager
) -> None:
    daemon = new_daemon()
    daemon.module = "tests.daemon.hasty_hook"
    await daemon.start(WA_TUI_HOOKS_NEEDS=str(pager.program))
    await pager.told(f"begins {DOWN}")
    await kept(daemon, 1)
    assert await daemon.sigterm() == 0
    with contextlib.closing(socket.create_server(("127.0.0.1", daemon.port))):
        daemon.launch()
        await daemon.answering()
        await pager.told(f"begins {DOWN}", "begins daemon:not_listening")
    await pager.told(f"begins {DOWN}", "begins daemon:not_listening", "ends daemon:not_listening over")


async def test_a_program_that_is_not_there_at_the_start_needs_a_person_until_it_is(pager: Pager) -> None:
    pager.program.rename(pager.directory / "away")
    async with paged(pager) as (_, daemon):
        (attention,) = await failing(daemon)
        assert f"it cannot be run: there is no program {pager.program}" in attention
        (pager.directory / "away").rename(pager.program)
        await until(well(daemon))


async def test_what_ends_after_a_daemon_was_killed_in_its_begin_is_told_to_end(
    new_daemon: NewDaemon, pager: Pager
) -> None:
    daemon = new_daemon()
    daemon.module = "tests.daemon.hasty_hook"
    go = pager.directory / "go"
    pager.then(f'until [ -e "{go}" ]; do sleep 0.02; done')
    await daemon.start(WA_TUI_HOOKS_NEEDS=str(pager.program))
    await daemon.sigterm()
    before = len(pager.changes)
    with contextlib.closing(socket.create_server(("127.0.0.1", daemon.port))):
        daemon.launch()
        await daemon.answering()

        async def told() -> bool:
            return pager.changes[before:] == ["begins daemon:not_listening"]

        await until(told)
        await daemon.kill()
    # The program lives on, and does its work.
    go.touch()
    daemon.launch()
    await daemon.answering()

    async def ended() -> bool:
        return "ends daemon:not_listening over" in pager.changes

    await until(ended, otherwise=lambda: f"it was told {pager.changes}")


async def test_what_a_full_disk_did_not_keep_is_kept_once_it_can(
    pager: Pager, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(path: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    async with paged(pager) as (sim, daemon):
        kept = daemon.config.state_dir / needs.TOLD
        with monkeypatch.context() as patch:
            patch.setattr("wa_tui.daemon.needs.memory.write_whole", full)
            await ban(sim, daemon)
            await pager.told(f"begins {BANNED}")
            await looked(daemon, 10)
            assert not kept.exists()
        said = [each for each in caplog.messages if "is not kept (No space left on device)" in each]
        assert len(said) == 1, "once, however often it is tried"

        async def there() -> bool:
            return kept.exists()

        await until(there)
        await daemon.stop()
        await daemon.start()
        await looked(daemon, 10)
        assert pager.changes == [f"begins {BANNED}"]
