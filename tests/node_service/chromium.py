"""Debian's Chromium behind a fence: it reaches the stand-in and nothing else; and who of it is still there."""

from __future__ import annotations

import os
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path

EXECUTABLES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
MISSING = [name for name in ("node", "npm") if shutil.which(name) is None]
EXECUTABLE = next((found for name in EXECUTABLES if (found := shutil.which(name))), None)
if EXECUTABLE is None:
    MISSING.append("chromium")


def flags(port: int) -> list[str]:
    """Return Chromium's flags for a stand-in on ``port``: no other host has an address."""
    return [
        f"--host-resolver-rules=MAP web.whatsapp.com 127.0.0.1:{port}, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        "--no-sandbox",
        "--ignore-certificate-errors",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]


@dataclass(frozen=True, slots=True)
class Process:
    """One process of a browser."""

    pid: int
    parent: int
    command: str

    @property
    def kind(self) -> str:
        """``browser`` for the main process, else what ``--type`` says (``renderer``, ``gpu-process`` …)."""
        if "crashpad" in self.command.partition(" ")[0]:
            return "crashpad"
        detail = self.command.replace("\0", " ").split(" ")
        return next((word[7:] for word in detail if word.startswith("--type=")), "browser")

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        os.kill(self.pid, number)


def processes(profile: Path) -> list[Process]:
    """Return every living browser process whose profile is in ``profile``, and their descendants."""
    everything = list(_all())
    found = {each.pid: each for each in everything if str(profile) in each.command and _is_browser(each)}
    while more := [each for each in everything if each.parent in found and each.pid not in found]:
        found |= {each.pid: each for each in more}
    return list(found.values())


def browsers(profile: Path) -> list[Process]:
    """Return the main processes of the browsers whose profile is in ``profile``."""
    return [each for each in processes(profile) if each.kind == "browser"]


def renderers(profile: Path) -> list[Process]:
    """Return the processes that run the pages of ``profile``."""
    return [each for each in processes(profile) if each.kind == "renderer"]


def _is_browser(process: Process) -> bool:
    return "chrom" in process.command.partition(" ")[0].rpartition("/")[2]


def _all() -> list[Process]:
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [process for pid in pids if (process := _read(pid)) is not None]


def _read(pid: int) -> Process | None:
    try:
        state, parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
        command = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").replace("\0", " ")
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if state == "Z" else Process(pid, int(parent), command.strip())
