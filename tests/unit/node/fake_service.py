"""Stands in for `node`: tells its version, or behaves as the file `mode` in $FAKE_DIR says."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path


def main() -> None:
    place = Path(os.environ["FAKE_DIR"])
    if sys.argv[1:] == ["--version"]:
        say((_read(place / "version") or "v22.1.0") + "\n")
        return
    mode = _read(place / "mode")
    note(place / "starts", json.dumps({"pid": os.getpid(), "argv": sys.argv, "env": dict(os.environ)}))
    if mode == "die":
        say("port 3000 is taken\n")
        sys.exit(3)
    if "stubborn" in mode:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    else:
        signal.signal(signal.SIGTERM, lambda *_: leave(place, "SIGTERM"))
        if os.environ.get("WA_TUI_PARENT_PIPE"):
            threading.Thread(target=watch_parent, args=(place,), daemon=True).start()
    if "browser" in mode:
        browser = subprocess.Popen(["sleep", "600"], start_new_session=True)
        note(place / "browsers", str(browser.pid))
    say("Listening\n")
    if "chatty" in mode:
        say("".join(f"line {number}\n" for number in range(500)))
    while "flood" in mode:
        say("y\n" * 10_000)
    while True:
        time.sleep(60)


def say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def note(path: Path, line: str) -> None:
    with path.open("a") as file:
        file.write(line + "\n")


def watch_parent(place: Path) -> None:
    sys.stdin.read()
    leave(place, "parent")


def leave(place: Path, why: str) -> None:
    note(place / "left", why)
    os._exit(0)


def _read(path: Path) -> str:
    return path.read_text().strip() if path.exists() else ""


if __name__ == "__main__":
    main()
