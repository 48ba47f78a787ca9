"""What the Node service needs on this machine: Node, npm and a browser, and the commands that install them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .errors import NodeError

OLDEST_NODE = 20
"""The oldest major version of Node that the service runs on."""

BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_MAC_BROWSERS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
_ANSWER_S = 20.0

_APT = {
    "node": "{sudo}apt-get install -y nodejs npm",
    "npm": "{sudo}apt-get install -y npm",
    "newer node": "curl -fsSL https://deb.nodesource.com/setup_22.x | {sudo}bash - && {sudo}apt-get install -y nodejs",
    "browser": "{sudo}apt-get install -y chromium",
}
_BREW = {
    "node": "brew install node",
    "npm": "brew install node",
    "newer node": "brew install node",
    "browser": "brew install --cask google-chrome",
}
_BY_HAND = {
    "node": "https://nodejs.org/en/download has Node with npm",
    "npm": "https://nodejs.org/en/download has Node with npm",
    "newer node": "https://nodejs.org/en/download has a newer one",
    "browser": "install Chromium or Google Chrome, or set PUPPETEER_EXECUTABLE_PATH",
}


@dataclass(frozen=True, slots=True)
class Tools:
    """What was found: ``node`` with its ``version``, ``npm`` where it was asked for, and the ``browser``."""

    node: Path
    version: str
    npm: Path | None
    browser: Path

    def __str__(self) -> str:
        return ", ".join([f"Node {self.version}", *(["npm"] if self.npm else []), str(self.browser)])


def find_tools(environ: Mapping[str, str], *, npm: bool) -> Tools:
    """Return Node, a browser and (``npm``) npm, from ``PATH`` and ``PUPPETEER_EXECUTABLE_PATH``.

    Raises `NodeError` that names everything missing or too old, each with the command that installs it.
    """
    path = environ.get("PATH", os.defpath)
    missing: list[tuple[str, str]] = []
    node, version = _node(environ, path, missing)
    npm_found = shutil.which("npm", path=path) if npm else None
    if npm and npm_found is None and ("node", _NO_NODE) not in missing:
        missing.append(("npm", "npm is missing: there is none on PATH"))
    browser = _browser(environ, path, missing)
    if missing or node is None or browser is None:
        raise NodeError(_summary(missing, path))
    return Tools(node, version, Path(npm_found) if npm_found else None, browser)


_NO_NODE = f"Node is missing: there is none on PATH, {OLDEST_NODE} or newer is needed"


def _node(environ: Mapping[str, str], path: str, missing: list[tuple[str, str]]) -> tuple[Path | None, str]:
    found = shutil.which("node", path=path)
    if found is None:
        missing.append(("node", _NO_NODE))
        return None, ""
    try:
        answer = subprocess.run(
            [found, "--version"],
            env=environ,
            capture_output=True,
            text=True,
            timeout=_ANSWER_S,
            check=True,
        )
        version = re.fullmatch(r"v((\d+)\.\S+)", answer.stdout.strip())
    except (OSError, ValueError, subprocess.SubprocessError):
        version = None
    if version is None:
        missing.append(("newer node", f"{found} does not tell its version: it is no Node that works"))
        return None, ""
    if int(version[2]) < OLDEST_NODE:
        words = f"Node {version[1]} ({found}) is too old: {OLDEST_NODE} or newer is needed"
        missing.append(("newer node", words))
    return Path(found), version[1]


def _browser(environ: Mapping[str, str], path: str, missing: list[tuple[str, str]]) -> Path | None:
    named = environ.get("PUPPETEER_EXECUTABLE_PATH")
    if named:
        found = shutil.which(named, path=path)
        if found is None:
            missing.append(("browser", f"PUPPETEER_EXECUTABLE_PATH={named} is not a program"))
        return Path(found).absolute() if found else None
    candidates = BROWSERS + (_MAC_BROWSERS if sys.platform == "darwin" else ())
    found = next(filter(None, (shutil.which(each, path=path) for each in candidates)), None)
    if found is None:
        missing.append(
            ("browser", "Chromium is missing: there is neither chromium nor google-chrome on PATH")
        )
    return Path(found) if found else None


def _summary(missing: list[tuple[str, str]], path: str) -> str:
    """Return a line for each thing that is missing, and below it the command that installs it."""
    commands = _BY_HAND
    if shutil.which("apt-get", path=path):
        commands = _APT
    elif sys.platform == "darwin" or shutil.which("brew", path=path):
        commands = _BREW
    sudo = "" if os.geteuid() == 0 else "sudo "
    lines = [f"{words}:\n    {commands[what].format(sudo=sudo)}" for what, words in missing]
    return "\n".join(["the Node service cannot run here yet", *lines])
