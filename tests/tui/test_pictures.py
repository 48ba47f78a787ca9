"""The README's pictures can be drawn by anybody, and are the same every time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.tui.pictures import PICTURES

ROOT = Path(__file__).parents[2]


def drawn(tmp_path: Path, **environment: str) -> dict[str, bytes]:
    command = [sys.executable, "-m", "tests.tui.pictures", str(tmp_path)]
    subprocess.run(command, check=True, cwd=ROOT, env=os.environ | environment, timeout=60)
    return {path.stem: path.read_bytes() for path in tmp_path.iterdir()}


def test_they_are_the_same_every_time_and_small(tmp_path: Path) -> None:
    first = drawn(tmp_path / "a", TZ="Asia/Tokyo", NO_COLOR="1", TERM="dumb")
    assert first == drawn(tmp_path / "b", TZ="UTC")
    assert list(first) and set(first) == {picture.name for picture in PICTURES}
    assert sum(map(len, first.values())) < 400_000
