"""The bundled service as a user has it: installed once with `wa-tui node install`, kept between test runs."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path


def install(data_home: Path) -> Path:
    """Install the service below ``data_home`` and return its directory; nothing is done when it is there."""
    command = [sys.executable, "-m", "wa_tui", "node", "install"]
    with (data_home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # other workers of the suite want the same
        done = subprocess.run(
            command,
            env=os.environ | {"XDG_DATA_HOME": str(data_home)},
            capture_output=True,
            text=True,
            timeout=110,
            check=False,
        )
    assert done.returncode == 0, (
        f"wa-tui node install ended with {done.returncode}:\n{done.stdout}{done.stderr}"
    )
    return (data_home / "wa_tui" / "node_service").resolve()
