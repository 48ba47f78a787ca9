"""How a report tells when, where and why, in Markdown that shows foreign text and does nothing else."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from wa_tui.text.cleaning import clean
from wa_tui.text.durations import spoken
from wa_tui.wire import Cause
from wa_tui.wire.reasons import REASON_WORDS

from .report import Action, Need, OpenNow, Outage, Report

_ACTING = re.compile(r"([\\`*_~\[\]<>|#&])")
_TICKS = re.compile(r"`+")
NOTHING = "–"
Whose = Outage | Need | OpenNow | Action
_GATEWAY_CAUSES: dict[str, str] = {
    Cause.GATEWAY_DOWN: "gateway down",
    Cause.GATEWAY_RESTARTING: "gateway restarting",
    Cause.GATEWAY_RETURNED: "gateway back",
    Cause.KEY_REFUSED: "gateway refuses our key",
}
_OUTCOMES = {"accepted": "under way"}
_CAUSES = 3
_SHORT = timedelta(minutes=30)
"""Of so short a time seconds are told."""
_ENDED = {"stopped": ", taken offline", "removed": ", removed"}


def prose(text: str) -> str:
    """Return a sentence on one line; what Markdown would act on is escaped."""
    return _ACTING.sub(r"\\\1", clean(text).strip()) or NOTHING


def name(text: str | None) -> str:
    """Return a name as code, for a cell of a table: nobody is called by it, nothing is linked."""
    shown = clean(text or "").strip()
    if not shown:
        return NOTHING
    if "\\|" in shown:
        # Its bar could not be escaped: in code a backslash is one.
        return prose(shown)
    fence = "`" * (max((len(found) for found in _TICKS.findall(shown)), default=0) + 1)
    space = " " if shown.startswith("`") or shown.endswith("`") else ""
    # In a table a bar ends a cell, in code too, unless it is escaped; elsewhere it would be shown with its escape.
    return f"{fence}{space}{shown}{space}{fence}".replace("|", "\\|")


def row(*cells: str) -> str:
    """Return a row of a table."""
    return f"| {' | '.join(cells)} |"


def heading(*cells: str) -> list[str]:
    """Return the first two rows of a table."""
    return [row(*cells), row(*("---" for _ in cells))]


class Times:
    """Tells instants of a report in local time: with their day where it has several."""

    def __init__(self, report: Report) -> None:
        self._since = report.since
        days = {at.astimezone().date() for at in (report.since, report.until, report.made_at)}
        clock = "%H:%M:%S" if report.until - report.since <= _SHORT else "%H:%M"
        self._clock, self._day = clock, f"%m-%d {clock}"
        self._several = len(days) > 1

    def at(self, at: datetime | None) -> str:
        """Return an instant, or that there is none."""
        if at is None:
            return NOTHING
        local = at.astimezone()
        another = self._several or local.date() != self._since.astimezone().date()
        return local.strftime(self._day if another else self._clock)

    def begin(self, group: Sequence[Outage | Need]) -> str:
        """Say when the first began; what did before the report begins says so."""
        begins = [each.begin for each in group if each.begin is not None]
        if len(begins) < len(group):
            return f"before {self.at(self._since)}"
        first = min(begins)
        return f"{self.at(first)} (before this report)" if first < self._since else self.at(first)

    def end(self, group: Sequence[Outage | Need]) -> str:
        """Say when the last ended; of what is open, or ended unseen, that."""
        ends = [each.end for each in group if each.end is not None]
        how = {each.ended for each in group if isinstance(each, Outage)}
        if ends:
            return self.at(max(ends)) + (_ENDED.get(how.pop(), "") if len(how) == 1 else "")
        return "not known: it is gone" if how == {"removed"} else "**open**"


def length(seconds: Sequence[int]) -> str:
    """Return how long it was; of several from the shortest to the longest."""
    least, most = spoken(min(seconds)), spoken(max(seconds))
    return most if least == most else f"{least} – {most} each"


def where(group: Sequence[Whose]) -> str:
    """Return whose it is: one's, with its user, or how many there are at a gateway."""
    first = group[0]
    if first.gateway is None:
        return "this daemon" if isinstance(first, OpenNow) else NOTHING
    sessions = len({each.session_id for each in group})
    if sessions > 1:
        times = f", {len(group)} times" if len(group) > sessions else ""
        return f"{name(first.gateway)}: {sessions} sessions{times}"
    if first.session_id is None:
        return f"{name(first.gateway)} itself" if not isinstance(first, Action) else name(first.gateway)
    user = None if isinstance(first, Action) else first.user_id
    whose = f" of user {name(user)}" if user is not None else ""
    times = f", {len(group)} times" if len(group) > 1 else ""
    return f"{name(first.gateway)} {name(first.instance_name or first.session_id)}{whose}{times}"


def causes(outages: Sequence[Outage]) -> str:
    """Return why outages began, the most frequent causes first."""
    found = [each for each, _ in Counter(map(_cause, outages)).most_common()]
    more = f", {len(found) - _CAUSES} more" if len(found) > _CAUSES else ""
    return ", ".join(found[:_CAUSES]) + more


def _cause(outage: Outage) -> str:
    detail = outage.detail
    if (of_gateway := _GATEWAY_CAUSES.get(outage.cause or "")) is not None:
        return prose(f"{of_gateway}: {detail}" if detail else of_gateway)
    known = REASON_WORDS.get(outage.cause or "", (outage.cause or "").replace("_", " "))
    return prose(detail or known) if detail or known else "not known"


def outcome(word: str) -> str:
    """Return what came of something."""
    return prose(_OUTCOMES.get(word, word.replace("_", " ")))
