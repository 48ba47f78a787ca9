"""Which sessions and events a command is to show: its filter words, and the options that name a time or a place."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from datetime import datetime

from wa_tui.client import Client
from wa_tui.filters import events as event_filters
from wa_tui.filters import sessions as session_filters
from wa_tui.filters.events import SOURCES, LogFilter
from wa_tui.filters.levels import Level
from wa_tui.filters.sessions import Filter
from wa_tui.text.moments import moment, past_moment
from wa_tui.text.nearest import or_nearest
from wa_tui.wire import EventRange, StatusView, utc_now

from . import exits
from .errors import CommandError
from .targets import require_gateway


def event_filter(terms: Iterable[str]) -> LogFilter:
    """Return the filter that words make, every event being of interest. Raises `CommandError`."""
    found = event_filters.parse(" ".join(terms), level=Level.ALL)
    _refuse(found.problem or found.unfinished)
    return found


def session_filter(terms: Iterable[str], gateways: Iterable[str]) -> Filter:
    """Return the filter that words make. Raises `CommandError`."""
    found = session_filters.parse(" ".join(terms), gateways)
    _refuse(found.problem or found.unfinished)
    return found


async def event_range(
    client: Client, arguments: argparse.Namespace, view: StatusView | None = None
) -> EventRange:
    """Return the range that ``--since --until --gateway --source`` name. Raises `CommandError`, `DaemonError`."""
    sources = sources_of(arguments.source or ())
    if (arguments.since, arguments.until, arguments.gateway) == (None, None, None):
        return EventRange(sources=sources)
    view = view or await client.status()
    since, until = time_range(arguments.since, arguments.until, view.now or utc_now())
    await require_known(client, arguments.gateway, view)
    return EventRange(gateway=arguments.gateway, since=since, until=until, sources=sources)


def time_range(
    since: str | None, until: str | None, now: datetime
) -> tuple[datetime | None, datetime | None]:
    """Return both ends of a time, as far as they are given. Raises `CommandError` for one that holds nothing."""
    try:
        first = None if since is None else past_moment(since, now)
        last = None if until is None else moment(until, now)
    except ValueError as error:
        raise CommandError(str(error), exits.USAGE) from error
    if first is not None and last is not None and last < first:
        said = f"--until {until} ({_shown(last)}) is before --since {since} ({_shown(first)})"
        raise CommandError(f"{said}: nothing happened between them", exits.USAGE)
    return first, last


def sources_of(values: Iterable[str]) -> tuple[str, ...]:
    """Return the sources that are named, several by commas. Raises `CommandError`."""
    names = [name for value in values for name in value.split(",") if name]
    for name in names:
        if name not in SOURCES:
            raise CommandError(f"{name} is no source; {or_nearest(name, SOURCES)}", exits.USAGE)
    return tuple(dict.fromkeys(names))


def of_range(wanted: EventRange) -> str:
    """Return what a range is narrowed to, in words: `` since … until …``; empty for all."""
    ends = (("since", wanted.since), ("until", wanted.until))
    said = "".join(f" {word} {_shown(at)}" for word, at in ends if at is not None)
    place = f" on {wanted.gateway}" if wanted.gateway else ""
    return f"{place}{f' from {_listed(wanted.sources)}' if wanted.sources else ''}{said}"


def _listed(names: Sequence[str]) -> str:
    return " or ".join(names)


def _shown(at: datetime) -> str:
    return f"{at.astimezone():%Y-%m-%d %H:%M:%S}"


def _refuse(problem: str | None) -> None:
    if problem is not None:
        raise CommandError(problem, exits.USAGE)


async def require_known(client: Client, name: str | None, view: StatusView) -> None:
    """Accept a gateway that is configured no more, as long as there are events of it. Raises `CommandError`."""
    if name is None:
        return
    try:
        require_gateway(name, view.gateways)
    except CommandError:
        if not await client.events(name, limit=1):
            raise
