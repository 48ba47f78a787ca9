"""What a screen's picture and text depend on besides the fleet."""

from __future__ import annotations

import time

import pytest


def same_terminal(monkeypatch: pytest.MonkeyPatch, zone: str) -> None:
    """The same colours and time zone wherever the tests run."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TZ", zone)
    time.tzset()
