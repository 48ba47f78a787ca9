"""A real Chromium that cannot start says why: to who asked, in the log, and on the way to the control plane."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.daemon.running import RunningDaemon

from .chromium import EXECUTABLE
from .conftest import Pair
from .service import RunningService

needs_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="what it says of its sandbox depends on the machine"
)


def without(flag: str, directory: Path) -> str:
    """Return a program that is Chromium without one of the flags it is started with."""
    program = directory / "browser"
    program.write_text(
        f'#!/bin/bash\nfor arg; do [[ $arg == {flag}* ]] || set -- "$@" "$arg"; shift; done\nexec {EXECUTABLE} "$@"\n'
    )
    program.chmod(0o755)
    return str(program)


@contextlib.contextmanager
def no_room(directory: Path) -> Iterator[None]:
    """Make a directory that takes no file."""
    directory.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "nr_inodes=1", "tmpfs", directory], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", directory], check=True)


@needs_root
@pytest.mark.long
async def test_without_a_sandbox(service: RunningService, tmp_path: Path) -> None:
    await service.start(PUPPETEER_EXECUTABLE_PATH=without("--no-sandbox", tmp_path))
    answer = await service.init("billing_1")
    assert answer["code"] == "browser_unable"
    assert answer["message"] == (
        "Browser cannot start: no sandbox for root; set CHROMIUM_ARGS=--no-sandbox, or run the service as another user"
    )
    assert "Running as root without --no-sandbox is not supported" in answer["output"][0]
    await service.logged("Session billing_1: the browser said: Running as root without --no-sandbox")
    assert service.browsers() == []


@pytest.mark.long
async def test_without_a_display(service: RunningService, tmp_path: Path) -> None:
    service.environ["DISPLAY"] = ""
    await service.start(PUPPETEER_EXECUTABLE_PATH=without("--headless", tmp_path))
    answer = await service.init("billing_1")
    assert (answer["code"], answer["cause"]) == ("browser_unable", "no display"), answer
    assert service.browsers() == []


@needs_root
@pytest.mark.skipif(sys.platform != "linux", reason="mounts a tmpfs")
async def test_on_a_full_disk(service: RunningService) -> None:
    """Chromium and the library tell it as if the profile were in use."""
    with no_room(service.profile("billing_1")):
        await service.start()
        answer = await service.init("billing_1")
        assert (answer["code"], answer["cause"]) == ("browser_unable", "disk full"), answer
        assert service.browsers() == []


@pytest.mark.long
async def test_sessions_that_cannot_be_restored_for_want_of_a_browser_say_so_in_the_daemon(
    daemon: RunningDaemon, service: RunningService, pair: Pair, tmp_path: Path
) -> None:
    session_id = await pair("4915550001")
    await service.end()
    program = tmp_path / "browser"
    program.write_text(
        "#!/bin/sh\necho '/opt/chrome/chrome: error while loading shared libraries: libnss3.so: cannot open shared "
        "object file: No such file or directory' >&2\nexit 127\n"
    )
    program.chmod(0o755)
    await service.start(PUPPETEER_EXECUTABLE_PATH=str(program))
    view = await daemon.session_until(session_id, lambda view: view.reason == "browser_unable")
    assert view.detail is not None and "libnss3.so is missing" in view.detail
    assert "apt-get install -y libnss3" in view.detail
    assert EXECUTABLE is not None
    await service.end()
    await service.start(PUPPETEER_EXECUTABLE_PATH=EXECUTABLE)
    await daemon.session_until(session_id, lambda view: view.status == "connected", 60)
