"""A machine of its own, cleared away afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from wa_tui.node.leftovers import clear
from wa_tui.node.supervising import mark_of

from .machine import Machine


@pytest.fixture
async def machine() -> AsyncIterator[Machine]:
    # A socket's path must be short: not below pytest's own directory.
    with TemporaryDirectory(prefix="wa", dir="/tmp") as directory:
        machine = Machine(Path(directory))
        try:
            yield machine
        finally:
            machine.write("mode", "serve")
            await machine.daemon.close()
            await clear(mark_of(machine.daemon.state_dir), 0)
