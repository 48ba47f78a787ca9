"""Needs of one cause as one row, until somebody opens it: 88 sessions that flap are one trouble, not 88."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache

from wa_tui.tui.fleet.assessment import SessionKey
from wa_tui.tui.fleet.urgency import Care, Need, NeedKey
from wa_tui.wire import AttentionCode

MANY = 5
"""From so many sessions on they are one row: fewer are read at a glance."""

_BY_TEXT = frozenset({AttentionCode.BROWSER_UNABLE, AttentionCode.OTHER})
"""Codes under which the text names the cause: what is missing, and on which machine."""

_BY_REASON = frozenset({AttentionCode.DOWN, AttentionCode.EXHAUSTED, AttentionCode.SCAN_QR})
"""Codes under which the reason does: a logout is no code that nobody scanned."""


@dataclass(frozen=True)
class Group:
    """Sessions that need somebody for one cause, the longest first."""

    key: NeedKey
    members: tuple[Need, ...]
    is_open: bool

    @property
    def code(self) -> AttentionCode:
        """What they need somebody for."""
        return self.members[0].code

    @property
    def care(self) -> Care:
        """Whether they call."""
        return self.members[0].care

    @property
    def weight(self) -> int:
        """How many it stands for: none where they have rows of their own."""
        return 0 if self.is_open else len(self.members)

    @property
    def sessions(self) -> tuple[SessionKey, ...]:
        """Their names."""
        return tuple(need.session.key for need in self.members if need.session is not None)

    @property
    def gateways(self) -> list[tuple[str, int]]:
        """Where they are, and how many, most first."""
        return Counter(gateway for gateway, _ in self.sessions).most_common()


Row = Need | Group


def grouped(needs: Mapping[NeedKey, Need], opened: Container[NeedKey]) -> dict[NeedKey, Row]:
    """Return the rows: what many sessions need is one in the place of the first, followed by all where it is open."""
    members: dict[NeedKey, list[Need]] = {}
    causes = [_cause(need) for need in needs.values()]
    for need, cause in zip(needs.values(), causes, strict=True):
        if cause is not None:
            members.setdefault(cause, []).append(need)
    rows: dict[NeedKey, Row] = {}
    for need, cause in zip(needs.values(), causes, strict=True):
        if cause is None or len(members[cause]) < MANY:
            rows[need.key] = need
        elif cause not in rows:
            rows[cause] = Group(cause, tuple(members[cause]), cause in opened)
            if cause in opened:
                rows.update(_by_key(members[cause]))
    return rows


def _by_key(needs: Iterable[Need]) -> dict[NeedKey, Row]:
    return {need.key: replace(need, within=True) for need in needs}


def _cause(need: Need) -> NeedKey | None:
    """Return what tells a session's cause from others; gateways and the daemon have one each."""
    session = need.session
    if session is None:
        return None
    more = ""
    if need.code in _BY_TEXT and session.attention is not None:
        more = session.attention.text
    elif need.code in _BY_REASON:
        more = session.reason or ""
    return ("group", _kind(need.care, need.code), more)


@cache
def _kind(care: Care, code: AttentionCode) -> str:
    return f"{care} {code}"
