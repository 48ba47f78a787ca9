"""Traffic in words: numbers of messages, and none where a gateway does not tell them."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from wa_tui.wire import TrafficView

from .ages import since
from .cells import NONE
from .columns import TrafficColumn

_SUMMED = (
    ("received", "in"),
    ("sent", "out"),
    ("acked", "acknowledged"),
    ("delivered", "delivered"),
    ("failed", "failed"),
)
"""Flows, and how a sentence calls them."""


def number_words(number: int | None) -> str:
    """Return a number of messages; a dash where it is not told, which is not 0."""
    return NONE if number is None else str(number)


def traffic_cell(column: TrafficColumn, traffic: TrafficView | None, now: datetime) -> str:
    """Return what a column has of a session's traffic; ``None``: its gateway tells nothing."""
    told = traffic if traffic is not None else TrafficView()
    match column:
        case TrafficColumn.LAST:
            return since(told.last_at, now)
        case TrafficColumn.DAY:
            return number_words(told.day)
        case TrafficColumn.RECEIVED:
            return number_words(told.received)
        case TrafficColumn.SENT:
            return number_words(told.sent)
        case TrafficColumn.ACKED:
            return number_words(told.acked)
        case TrafficColumn.DELIVERED:
            return number_words(told.delivered)
        case TrafficColumn.FAILED:
            return number_words(told.failed)
    assert_never(column)


def sum_words(traffic: TrafficView) -> str:
    """Return the numbers of the last hour in a sentence: ``1200 in, 830 out, 12 failed``; empty where none is told."""
    numbers = ((getattr(traffic, flow), called) for flow, called in _SUMMED)
    return ", ".join(f"{number} {called}" for number, called in numbers if number is not None)
