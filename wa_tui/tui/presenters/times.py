"""Instants in words: local time with its zone, or ISO 8601 once somebody asks for it."""

from __future__ import annotations

from datetime import datetime


def zone(at: datetime) -> str:
    """Return the name of the local zone at an instant: ``CET``, or its offset where it has none."""
    return at.astimezone().strftime("%Z")


def clock(at: datetime) -> str:
    """Return a local time and its zone: ``12:40 CET``."""
    return at.astimezone().strftime("%H:%M %Z")


def at(moment: datetime, now: datetime) -> str:
    """Return a local time: with its weekday within a week of today, else with its date, and its year if another."""
    local, today = moment.astimezone(), now.astimezone()
    days = (today.date() - local.date()).days
    if days == 0:
        return local.strftime("%H:%M")
    if abs(days) < 7:
        return local.strftime("%a %H:%M")
    return local.strftime("%d %b %H:%M" if local.year == today.year else "%d %b %Y %H:%M")


SECONDS, WEEKDAY, DATE = 8, 9, 12
"""Cells that `when` takes for an instant of today, of the last week, and before that."""


def when(moment: datetime, now: datetime, room: int = DATE) -> str:
    """Return a local time in at most ``room`` cells: ``12:40:58`` is today's, any other has its weekday or its date.

    An instant of another year has its year in place of the time of day.
    """
    local, today = moment.astimezone(), now.astimezone()
    days = (today.date() - local.date()).days
    if days == 0:
        return local.strftime("%H:%M:%S")
    if abs(days) < 7 and room >= WEEKDAY:
        return local.strftime("%a %H:%M")
    if local.year != today.year:
        return local.strftime("%d %b %Y" if room >= DATE else "%b %Y")
    return local.strftime("%d %b %H:%M" if room >= DATE else "%d %b")


def room(oldest: datetime, now: datetime) -> int:
    """Return the cells that `when` needs for an instant and all after it."""
    days = (now.astimezone().date() - oldest.astimezone().date()).days
    return SECONDS if days <= 0 else WEEKDAY if days < 7 else DATE


def dated(moment: datetime, now: datetime) -> str:
    """Return a local time with its date and zone, and with its year where that is another."""
    local = moment.astimezone()
    year = "" if local.year == now.astimezone().year else "%Y "
    return local.strftime(f"%d %b {year}%H:%M:%S %Z")


def span(begin: datetime, end: datetime | None, now: datetime) -> str:
    """Return from when to when: ``12:03–12:09``, ``Sun 23:50–Mon 00:10``; ``since 12:03`` where that is not over."""
    if end is None:
        return f"since {at(begin, now)}"
    same = begin.astimezone().date() == end.astimezone().date()
    return f"{at(begin, now)}–{f'{end.astimezone():%H:%M}' if same else at(end, now)}"


def iso(at: datetime) -> str:
    """Return an instant in ISO 8601, local, with its offset: ``2026-11-23T13:40:58+01:00``."""
    return at.astimezone().isoformat(timespec="seconds")
