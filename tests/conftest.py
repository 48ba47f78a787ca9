"""What holds for all tests."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from types import FrameType

import pytest
from hypothesis import settings

_ENDING = (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)


def _go_on(number: int, frame: FrameType | None) -> None:
    """Take a signal that was ignored: go on."""


def pytest_configure() -> None:
    """Give the programs that tests start the usual signals, and a terminal of their own.

    What is ignored here stays ignored in them, and a suite started in the background, or under ``nohup``, ignores what
    they are to end by. A handler does the same here, and they begin without it.
    """
    # A busy machine makes one example late; no test is about how long one takes.
    settings.register_profile("suite", deadline=None)
    settings.load_profile("suite")
    # A terminal has its own size, whatever the one that the suite runs in has.
    for name in ("COLUMNS", "LINES"):
        os.environ.pop(name, None)
    for number in _ENDING:
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, _go_on)


@pytest.fixture(autouse=True)
def _zone() -> Iterator[None]:
    """Take the time zone that the environment names again, once a test has given that back."""
    yield
    time.tzset()
