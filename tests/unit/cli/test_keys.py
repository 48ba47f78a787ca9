"""``wa-tui keys``, and what it refuses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from wa_tui.keys.table import KEYS


def run(tmp_path: Path, *arguments: str, keys: str = "") -> subprocess.CompletedProcess[str]:
    path = tmp_path / "wa_tui.toml"
    path.write_text(f"[keys]\n{keys}\n")
    return subprocess.run(
        [sys.executable, "-m", "wa_tui", *arguments, "--config", str(path)],
        capture_output=True,
        text=True,
        timeout=40,
        env={"HOME": str(tmp_path), "PATH": os.environ["PATH"]},
    )


def test_every_key_is_listed_and_what_was_remapped_is_marked(tmp_path: Path) -> None:
    told = run(tmp_path, "keys", keys='session.reconnect = "R"\norder.proven = "ctrl+r"')
    assert told.returncode == 0, told.stderr
    lines = told.stdout.splitlines()
    assert len(lines) == len(KEYS) + 1
    marked = [line.split()[1:3] for line in lines if line.startswith("*")]
    assert marked == [["R", "session.reconnect"], ["ctrl+r", "order.proven"]]


def test_json(tmp_path: Path) -> None:
    told = json.loads(run(tmp_path, "keys", "--json", keys='help = ["?", "f1"]').stdout)
    (help_key,) = [key for key in told if key["id"] == "help"]
    assert help_key["keys"] == ["question_mark", "f1"] and help_key["remapped"]
    assert [key["id"] for key in told] == [key.id for key in KEYS]


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (
            'sesion.reconnect = "R"',
            'there is no key sesion.reconnect; did you mean "session.reconnect"?',
        ),
        (
            'session.reconnect = "x"',
            "x is session.reconnect (Reconnect) and session.disconnect (Disconnect)",
        ),
        ('session.reconnect = "crtl+r"', 'session.reconnect: "crtl+r" is no key'),
        ('session.reconnect = "slush"', 'session.reconnect: "slush" is no key'),
    ],
)
def test_wrong_keys_are_refused_before_anything_starts(tmp_path: Path, keys: str, message: str) -> None:
    told = run(tmp_path, "keys", keys=keys)
    assert told.returncode == 2
    assert f"{tmp_path / 'wa_tui.toml'}: [keys]: {message}" in told.stderr
    assert told.stdout == ""


@pytest.mark.parametrize("key", ["f5", "ctrl+r", "space", "/", "?", "slash", "at", "pgup", "shift+left", "é"])
def test_keys_that_can_be_pressed_are_taken(tmp_path: Path, key: str) -> None:
    from wa_tui.keys.keymap import conflicts

    assert not [wrong for wrong in conflicts({"order.proven": key}) if "is no key" in wrong]


def test_the_monitors_looks_are_refused_where_there_is_none(tmp_path: Path) -> None:
    for arguments in (("--theme", "light", "status"), ("--ascii", "--daemon")):
        told = run(tmp_path, *arguments)
        assert told.returncode == 2
        assert f"{arguments[0]} belongs to the monitor" in told.stderr
    assert "invalid choice: 'drak'" in run(tmp_path, "--theme", "drak").stderr
