"""Daemons for tests: `new_daemon()` makes one that does not run yet, `daemon` runs with a silent gateway."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from .running import RunningDaemon

NewDaemon = Callable[..., RunningDaemon]


@pytest.fixture
async def new_daemon() -> AsyncIterator[NewDaemon]:
    """Return a function that makes a daemon in a directory of its own; all are ended afterwards.

    The directory is short: a Unix socket's path has at most 107 bytes.
    """
    directories: list[Path] = []
    daemons: list[RunningDaemon] = []

    def make(state_dir: Path | None = None, **environ: str) -> RunningDaemon:
        if state_dir is None:
            state_dir = Path(tempfile.mkdtemp(prefix="wa-"))
            directories.append(state_dir)
        daemons.append(RunningDaemon(state_dir, environ))
        return daemons[-1]

    try:
        yield make
    finally:
        try:
            for daemon in daemons:
                await daemon.close()
        finally:
            for directory in directories:
                shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
async def daemon(new_daemon: NewDaemon) -> RunningDaemon:
    """Return a running daemon whose one gateway, ``default``, refuses connections."""
    return await new_daemon().start()
