"""Outages and needs as a person tells them: what hit many at once is one line, and what hit one again and again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from .report import Need, OpenNow, Outage

Told = TypeVar("Told", Outage, Need, OpenNow)

FEW = 5
"""So many of one kind are still told one by one."""

NEAR = timedelta(minutes=10)
"""What begins so long after another of its kind at most, began with it."""

_BEFORE = datetime.fromtimestamp(0, UTC)


def together(items: Iterable[Told]) -> list[list[Told]]:
    """Return items, in order of their beginnings, in groups; alone where there are few of a kind."""
    return _again_and_again(_at_once(items))


def _at_once(items: Iterable[Told]) -> list[list[Told]]:
    """Return those in groups that hit one gateway at once, for one cause."""
    found: list[list[Told]] = []
    growing: dict[Hashable, list[Told]] = {}
    for item in items:
        group = growing.get(_kind(item))
        if group is None or _begin(item) - _begin(group[-1]) > NEAR:
            group = growing[_kind(item)] = []
            found.append(group)
        group.append(item)
    return [part for group in found for part in ([group] if len(group) > FEW else [[each] for each in group])]


def _again_and_again(groups: Sequence[list[Told]]) -> list[list[Told]]:
    """Return those in a group that hit one session often, where its first is."""
    times = Counter(_session(group[0]) for group in groups if len(group) == 1)
    found: list[list[Told]] = []
    often: dict[Hashable, list[Told]] = {}
    for group in groups:
        session = _session(group[0])
        if len(group) > 1 or times[session] <= FEW:
            found.append(group)
        elif session in often:
            often[session] += group
        else:
            often[session] = list(group)
            found.append(often[session])
    return found


def _kind(each: Outage | Need | OpenNow) -> Hashable:
    if each.session_id is None:
        return id(each)
    match each:
        case Outage():
            return (each.gateway, each.cause, each.detail, each.ended)
        case Need():
            return (each.gateway, each.code, each.end is None, each.taken_by)
        case OpenNow():
            return (each.gateway, each.code, each.text, each.quiet)


def _session(each: Outage | Need | OpenNow) -> Hashable:
    """What is told once for all times it happened; what is open stands alone."""
    is_open = isinstance(each, OpenNow) or each.end is None
    if is_open or each.session_id is None:
        return id(each)
    return (each.gateway, each.session_id, each.code if isinstance(each, Need) else None)


def _begin(each: Outage | Need | OpenNow) -> datetime:
    """What is open is told together, since whenever it is."""
    return (None if isinstance(each, OpenNow) else each.begin) or _BEFORE
