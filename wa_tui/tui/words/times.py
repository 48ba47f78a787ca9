"""Instants in words: local time with its zone, or ISO 8601 once somebody asks for it."""

from __future__ import annotations

from datetime import datetime

ISO_WIDTH = 25
"""Cells of `iso`."""


def is_iso(app: object) -> bool:
    """Tell whether somebody asked an app for times in ISO 8601."""
    return bool(getattr(app, "iso_times", False))


def zone(at: datetime) -> str:
    """Return the name of the local zone at an instant: ``CET``, or its offset where it has none."""
    return at.astimezone().strftime("%Z")


def clock(at: datetime) -> str:
    """Return a local time and its zone: ``12:40 CET``."""
    return at.astimezone().strftime("%H:%M %Z")


def at(moment: datetime, now: datetime) -> str:
    """Return a local time, before today with its weekday, before the last week with its date."""
    local, today = moment.astimezone(), now.astimezone().date()
    days = (today - local.date()).days
    return local.strftime("%H:%M" if days == 0 else "%a %H:%M" if 0 < days < 7 else "%Y-%m-%d %H:%M")


def iso(at: datetime) -> str:
    """Return an instant in ISO 8601, local, with its offset: ``2026-11-23T13:40:58+01:00``."""
    return at.astimezone().isoformat(timespec="seconds")
