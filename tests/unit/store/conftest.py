from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from wa_tui.store import Store, open_store

from .samples import NOW


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "wa_tui.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[Store]:
    opened = await open_store(path, now=NOW)
    yield opened
    await opened.close()
