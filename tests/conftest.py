"""What holds for all tests."""

from __future__ import annotations

import gc
import os
import signal
import time
from collections.abc import Iterator
from types import FrameType
from zlib import crc32

import pytest
from hypothesis import settings

from tests.effort import EXAMPLES, FAST, LONG

_ENDING = (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)

_STARTING = (
    "tests/daemon/",
    "tests/tui/",
    *(f"tests/unit/{each}/" for each in ("cli", "client", "node", "simulator")),
)
"""Where most tests start a monitor, a daemon or another program."""

_LONGEST = (
    "tests/node_service/test_own_tests.py",
    "tests/e2e/faults/test_faults.py",
    "tests/daemon/stateful/test_reconciler.py",
)
"""Files that take from half a minute on."""

_LONGEST_NAME = 500
"""Characters of a value that a test is named after."""

_SOAKING = 7200
"""Seconds that a soak of `make test-long` may take."""


def _go_on(number: int, frame: FrameType | None) -> None:
    """Take a signal that was ignored: go on."""


def pytest_configure() -> None:
    """Give the programs that tests start the usual signals, and a terminal of their own.

    What is ignored here stays ignored in them, and a suite started in the background, or under ``nohup``, ignores what
    they are to end by. A handler does the same here, and they begin without it.
    """
    gc.disable()
    # A busy machine makes one example late; no test is about how long one takes.
    settings.register_profile("sample", deadline=None, derandomize=True, max_examples=EXAMPLES)
    settings.register_profile("long", deadline=None, max_examples=EXAMPLES)
    settings.load_profile("long" if LONG else "sample")
    # A terminal has its own size, whatever the one that the suite runs in has.
    for name in ("COLUMNS", "LINES"):
        os.environ.pop(name, None)
    for number in _ENDING:
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, _go_on)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return how many workers ``-n auto`` takes: three for each core, since tests wait more than they work."""
    return 3 * len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 3 * (os.cpu_count() or 1)


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name a test by the beginning of a long value, and the length of it.

    Each worker sends all names to one process, which compares them: one of 5 MB costs more than its test.
    """
    if isinstance(val, str | bytes) and len(val) > _LONGEST_NAME:
        text = val if isinstance(val, str) else val.decode("latin-1")
        return f"{text[:40]}… {len(val)}"
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave what only the long run does out of the others, and give a soak that takes everything its hours."""
    if not LONG:
        items[:] = [item for item in items if not item.get_closest_marker("long")]
    if FAST:
        items[:] = _some(items)
    items[:] = _mixed(items)
    for item in items if LONG else ():
        if item.get_closest_marker("soak"):
            item.add_marker(pytest.mark.timeout(_SOAKING), append=False)


def _some(items: list[pytest.Item]) -> Iterator[pytest.Item]:
    """Yield one case of each test, and of those that start a program a sixth, always the same."""
    seen = set()
    for item in items:
        test = item.nodeid.partition("[")[0]
        if test not in seen and (not test.startswith(_STARTING) or crc32(test.encode()) % 6 == 0):
            seen.add(test)
            yield item


def _mixed(items: list[pytest.Item]) -> list[pytest.Item]:
    """Return the tests with the files of each directory spread over all: some wait and some compute, most of the time.

    Those that take longest come first: nobody waits for one of them at the end.
    """
    files: dict[str, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.nodeid.partition("::")[0], []).append(item)
    groups: dict[str, list[str]] = {}
    for name in files:
        groups.setdefault(name.split("/")[1], []).append(name)
    # Each at its share of the way; the sort is stable.
    places = {name: index / len(group) for group in groups.values() for index, name in enumerate(group)}
    places |= {name: -1.0 for name in _LONGEST if name in places}
    return [item for name in sorted(places, key=places.__getitem__) for item in files[name]]


def pytest_collection_finish() -> None:
    """Keep what is for the suite from what it tests.

    Modules and items stay to the end: they are out of every later collection of garbage. What says how hard to try was
    read by now, and is no setting of a daemon.
    """
    for name in [name for name in os.environ if name.startswith("WA_TUI_")]:
        del os.environ[name]
    gc.freeze()
    gc.enable()


@pytest.fixture(autouse=True)
def _zone() -> Iterator[None]:
    """Take the time zone that the environment names again, once a test has given that back."""
    yield
    time.tzset()
