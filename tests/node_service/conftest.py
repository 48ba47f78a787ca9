"""A stand-in, a fence, and profiles in a directory of their own: no test leaves a browser behind."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.daemon.running import RunningDaemon
from tests.daemon.waiting import until
from wa_tui.wire import ActionRequest

from .bare import BareClient, bare_client
from .chromium import MISSING, processes
from .following import proven
from .installed import install
from .phone import Phone, standin
from .service import RunningService

NewBare = Callable[[str], Awaitable[BareClient]]
NewDaemon = Callable[[], RunningDaemon]
Pair = Callable[..., Awaitable[str]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    reason = f"no {', '.join(MISSING)} on PATH: apt-get install -y chromium nodejs npm"
    for item in items:
        if item.nodeid.startswith("tests/node_service/"):
            item.add_marker(pytest.mark.browser)
            if MISSING:
                item.add_marker(pytest.mark.skip(reason))


@pytest.fixture(scope="session")
def installed(request: pytest.FixtureRequest) -> Path:
    """Return the directory of the installed service; pytest's cache keeps it."""
    assert request.config.cache is not None
    return install(request.config.cache.mkdir("wa_tui_data"))


@pytest.fixture
async def phone() -> AsyncIterator[Phone]:
    """Return the phone of a stand-in that has just begun."""
    with standin() as phone:
        yield phone
        await phone.web.aclose()


@pytest.fixture
async def profiles() -> AsyncIterator[Path]:
    """Return a directory for profiles; fails the test when a browser of it outlives everything else."""
    directory = Path(tempfile.mkdtemp(prefix="wa-profiles-"))

    async def gone() -> bool:
        return not processes(directory)

    yield directory
    try:
        await until(gone, 15, otherwise=lambda: f"browsers outlived the test: {processes(directory)}")
    finally:
        for process in processes(directory):
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
async def new_bare(phone: Phone, profiles: Path, installed: Path) -> AsyncIterator[NewBare]:
    """Return a function that starts a bare client for a session id; all are ended afterwards."""
    async with contextlib.AsyncExitStack() as stack:

        async def make(session_id: str) -> BareClient:
            return await stack.enter_async_context(bare_client(installed, profiles, session_id, phone.port))

        yield make


@pytest.fixture
async def service(phone: Phone, profiles: Path, installed: Path) -> AsyncIterator[RunningService]:
    """Return a service that does not run yet; it is ended afterwards, and all its browsers with it."""
    service = RunningService(installed, profiles, phone.port)
    yield service
    await service.close()


@pytest.fixture
async def new_daemon() -> AsyncIterator[NewDaemon]:
    """Return a function that makes a daemon that does not run yet; all are ended afterwards."""
    daemons: list[RunningDaemon] = []

    def make() -> RunningDaemon:
        daemons.append(RunningDaemon(Path(tempfile.mkdtemp(prefix="wa-"))))
        return daemons[-1]

    yield make
    for daemon in daemons:
        try:
            await daemon.close()
        finally:
            shutil.rmtree(daemon.state_dir, ignore_errors=True)


@pytest.fixture
async def daemon(service: RunningService, new_daemon: NewDaemon) -> RunningDaemon:
    """Return a daemon that runs, and whose one gateway is a service that runs."""
    daemon = new_daemon()
    await service.start(daemon.url)
    return await daemon.start(service)


@pytest.fixture
async def pair(daemon: RunningDaemon, phone: Phone) -> Pair:
    """Return a function that makes a new session and scans its code; returns its id."""

    async def pair(number: str, name: str = "billing") -> str:
        receipt = await daemon.client.act(
            ActionRequest(action="new", gateway="default", instance_name=name, user_id="1")
        )
        assert receipt.session_id is not None
        await phone.scan_when_shown(number)
        await daemon.session_until(receipt.session_id, proven)
        return receipt.session_id

    return pair
