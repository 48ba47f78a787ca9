"""The service's own tests (`node --test`, a stubbed client), beside its installed dependencies."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.effort import LONG

DATA = Path(__file__).parents[1] / "data"
SOURCE = Path(__file__).parents[2] / "wa_tui" / "node_service"


@pytest.mark.timeout(300)
def test_the_services_own_tests_pass(installed: Path, tmp_path: Path) -> None:
    copy = tmp_path / "node_service"
    shutil.copytree(SOURCE, copy, ignore=shutil.ignore_patterns("node_modules"))
    (copy / "node_modules").symlink_to(installed / "node_modules")
    environment = {name: value for name, value in os.environ.items() if name != "WA_TUI_PARENT_PIPE"}
    environment["TEST_DATA"] = str(DATA)
    if LONG:
        environment["WA_TUI_LONG"] = "1"
    done = subprocess.run(
        ["npm", "test", "--silent"],
        cwd=copy,
        env=environment,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    failed = re.findall(r"^ *(?:not ok|✖)[^\n]*(?:\n[^\n]*){0,30}", done.stdout, re.MULTILINE)
    assert done.returncode == 0, "\n".join(failed)[:6000] + done.stdout[-2000:] + done.stderr[-2000:]
    assert re.search(r"^(#|ℹ) skipped 0$", done.stdout, re.MULTILINE), done.stdout[-2000:]
    assert re.search(r"^(#|ℹ) pass [1-9]", done.stdout, re.MULTILINE), done.stdout[-2000:]
