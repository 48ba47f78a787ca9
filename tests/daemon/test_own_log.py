"""A daemon's log is bounded where it is a file of ours, and left alone where it is somebody else's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SAYING = """
import logging, os, sys
from pathlib import Path
from wa_tui.daemon.process import own_log
own_log.FULL = 10_000
logging.basicConfig(handlers=[own_log.OwnLog(Path(sys.argv[1]))])
for number in range(1000):
    logging.warning("line %d of a thousand, which says nothing", number)
    if number % 100 == 0:
        os.write(1, b"something else said this\\n")
"""


def say(log: Path, output: Path) -> None:
    with output.open("ab") as file:
        subprocess.run(
            [sys.executable, "-c", SAYING, str(log)], stdout=file, stderr=file, check=True, timeout=30
        )


def test_a_full_log_is_put_aside_once(tmp_path: Path) -> None:
    log = tmp_path / "daemon.log"
    say(log, log)
    aside = tmp_path / "daemon.log.1"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["daemon.log", "daemon.log.1"]
    assert log.stat().st_size < 11_000 and 10_000 <= aside.stat().st_size < 11_000
    assert log.stat().st_mode & 0o777 == 0o600
    lines = (aside.read_text() + log.read_text()).splitlines()
    assert lines[-1].endswith("line 999 of a thousand, which says nothing")
    numbers = [int(line.split()[1]) for line in lines if "thousand" in line]
    assert numbers == list(range(numbers[0], 1000)), "no line is lost, or cut"
    assert "something else said this" in lines, "what is written past the log goes with it"


def test_anothers_file_is_left_alone(tmp_path: Path) -> None:
    output = tmp_path / "journal"
    say(tmp_path / "daemon.log", output)
    assert [path.name for path in tmp_path.iterdir()] == ["journal"]
    assert len(output.read_text().splitlines()) == 1010
