"""A program of the operator's, whatever it does: it is given what it is to know, and costs the daemon nothing more."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
from pathlib import Path

import pytest

from tests.daemon.inside import on_uvloop
from tests.daemon.waiting import until
from wa_tui.daemon.needs.program import KEPT, Run, refusal, run


def script(directory: Path, text: str) -> str:
    """Return the path of a program of the shell's."""
    path = directory / "page"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o700)
    return str(path)


def going(tmp_path: Path, text: str, given: bytes = b"{}", deadline: float = 20.0) -> Run:
    ended: list[Run] = []

    @on_uvloop
    async def go() -> None:
        ended.append(await run((script(tmp_path, text), "an arg; $x"), given, tmp_path, deadline))

    go()
    return ended[0]


def test_it_reads_what_it_is_given_and_is_run_by_no_shell(tmp_path: Path) -> None:
    given = b"x" * 1_000_000
    assert going(tmp_path, f'cat >{tmp_path}/got; echo "$1"; echo "at $PWD" >&2', given) == Run(
        None, f"an arg; $x at {tmp_path}"
    )
    assert (tmp_path / "got").read_bytes() == given


@pytest.mark.parametrize("text", ["exit 0", "exec <&-; sleep 0.1", "head -c 1 >/dev/null"])
def test_it_need_not_read(tmp_path: Path, text: str) -> None:
    assert going(tmp_path, text, b"x" * 1_000_000).trouble is None


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        ("echo no route >&2; exit 3", "it ended with exit code 3"),
        ("kill -SEGV $$", "it was ended by SIGSEGV"),
    ],
)
def test_how_it_failed(tmp_path: Path, text: str, trouble: str) -> None:
    assert going(tmp_path, text).trouble == trouble


def test_one_that_hangs_is_killed_with_all_that_it_started(tmp_path: Path) -> None:
    ended = going(tmp_path, f"sleep 1000 & echo $! >{tmp_path}/child; echo begun; wait", deadline=0.5)
    assert ended == Run("it did not end within 0.5 s, and was killed", "begun", cut=True)
    child = int((tmp_path / "child").read_text())

    async def gone() -> bool:
        return _state(child) in ("", "Z")

    asyncio.run(until(gone))


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return ""


def test_a_flood_of_output_is_kept_to_its_first_bytes(tmp_path: Path) -> None:
    assert len(going(tmp_path, "exec head -c 300000 /dev/zero | tr '\\0' a").said) == KEPT
    ended = going(tmp_path, "exec yes", deadline=0.5)
    assert ended.trouble == "it did not end within 0.5 s, and was killed"
    assert len(ended.said) <= KEPT


def test_what_it_leaves_behind_is_left_alone_and_holds_nothing_of_ours(tmp_path: Path) -> None:
    @on_uvloop
    async def go() -> None:
        assert (await run(("true",), b"{}", tmp_path)).trouble is None
        before = _descriptors()
        command = (script(tmp_path, f"sleep 30 & echo $! >>{tmp_path}/children"),)
        for _ in range(3):
            assert (await run(command, b"{}", tmp_path)).trouble is None
        assert _descriptors() <= before

    go()
    for child in map(int, (tmp_path / "children").read_text().split()):
        assert _state(child) == "S"
        os.kill(child, signal.SIGKILL)


def _descriptors() -> int:
    return len([*Path("/proc/self/fd").iterdir()])


def test_the_daemons_keys_are_not_its(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WA_TUI_API_KEY", "secret-1")
    monkeypatch.setenv("NODE_SERVICE_API_KEY", "secret-2")
    monkeypatch.setenv("PAGER_TOKEN", "its-own")
    said = going(tmp_path, "env | grep -E 'secret|its-own'").said
    assert said == "PAGER_TOKEN=its-own"


def test_why_one_cannot_be_run(tmp_path: Path) -> None:
    page = script(tmp_path, "exit 0")
    assert refusal((page,)) is None
    assert refusal(("sh",)) is None
    Path(page).chmod(stat.S_IRUSR)
    assert refusal((page,)) == f"{page} is not executable: chmod +x it"
    assert refusal((str(tmp_path),)) == f"{tmp_path} is a directory, not a program"
    assert refusal(("no-such-pager",)) == "there is no program no-such-pager in PATH"
    Path(page).unlink()
    assert refusal((page,)) == f"there is no program {page}"
