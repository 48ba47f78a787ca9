"""A report as Markdown, for a chat or a ticket; times are local."""

from __future__ import annotations

from collections.abc import Sequence

from wa_tui.report.wording import NOTHING, heading, name, prose, row
from wa_tui.text.attention import need_word
from wa_tui.text.counts import many
from wa_tui.text.durations import MINUTE, spoken

from .groups import together
from .report import Report, Said
from .wording import Times, causes, length, outcome, where

MOST_ROWS = 100
"""Rows of a table: who reads a chat reads no more."""


def markdown(report: Report) -> str:
    """Return a report as Markdown, ending in a line end."""
    times = Times(report)
    parts = (
        _head(report),
        _daemon(report, times),
        _open(report, times),
        _needs(report, times),
        _outages(report, times),
        _actions(report, times),
        _sayings("Connected and silent", report.doubts, report.left_out.get("doubts", 0), times),
        _sayings("Healing said", report.healing, report.left_out.get("healing", 0), times),
        _traffic(report, times),
        _by_gateway(report),
        _by_user(report),
    )
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _head(report: Report) -> list[str]:
    since, until = report.since.astimezone(), report.until.astimezone()
    end = f"{until:%H:%M}" if since.date() == until.date() else f"{until:%Y-%m-%d %H:%M}"
    title = f"On {name(report.title)}: " if report.title else ""
    place = f", gateway {name(report.gateway)}" if report.gateway else ""
    span = spoken((until - since).total_seconds())
    sessions = many(report.sessions, "session")
    return [
        f"# Handover {since:%Y-%m-%d %H:%M} – {end} {until:%Z}",
        "",
        f"{title}{span}{place}, {sessions}; made {report.made_at.astimezone():%Y-%m-%d %H:%M:%S %Z}.",
    ]


def _daemon(report: Report, times: Times) -> list[str]:
    lines = [_said(each, times) for each in report.daemon[-MOST_ROWS:]]
    if more := len(report.daemon) + report.left_out.get("daemon", 0) - len(lines):
        lines.insert(
            0, f"- {many(more, 'earlier start or gap', 'earlier starts and gaps')}: --format json has more."
        )
    if any(each.until is not None for each in report.daemon):
        lines.append("- What began or ended while nothing was watched is dated when it was seen.")
    return lines


def _said(said: Said, times: Times) -> str:
    text = f": {prose(said.text)}" if said.text else ""
    if said.until is None:
        return f"- {times.at(said.at)}{text}"
    span = spoken((said.until - said.at).total_seconds())
    return f"- **Not watched {times.at(said.at)} – {times.at(said.until)}** ({span}){text}"


def _open(report: Report, times: Times) -> list[str]:
    total = len(report.open) + report.left_out.get("open", 0)
    quiet = sum(bool(each.quiet) for each in report.open)
    said = many(total, "needs a person", "need a person") if total else "nobody is needed"
    lines = [f"## Open now: {said}{f', {quiet} of them taken care of or put off' if quiet else ''}"]
    rows = []
    for group in together(report.open):
        first = group[0]
        since = min((each.since for each in group if each.since is not None), default=None)
        what = f"{prose(first.text)}{f'; {prose(first.action)}' if first.action else ''}"
        rows.append(row(where(group), need_word(first.code), times.at(since), what, prose(first.quiet)))
    table = heading("Where", "Needs", "Since", "What", "Taken care of")
    return [*lines, *_table(table, rows, report.left_out.get("open", 0))]


def _needs(report: Report, times: Times) -> list[str]:
    left_out, undated = report.left_out.get("needs", 0), _undated(report)
    if not report.needs and not undated:
        return []
    rows = []
    for group in together(report.needs):
        first = group[0]
        taken = NOTHING if first.taken_by is None else f"{name(first.taken_by)} {times.at(first.taken_at)}"
        span = length([each.needed_s for each in group])
        rows.append(
            row(need_word(first.code), where(group), times.begin(group), times.end(group), span, taken)
        )
    table = heading("What", "Where", "From", "To", "For", "Taken care of by")
    lines = [f"## Needed a person: {len(report.needs) + left_out or 'nothing dated'}"]
    lines += _table(table, rows, left_out)
    if undated:
        lines += ["", f"{undated} more of what is open now: since when it needs a person is not stored."]
    return lines


def _undated(report: Report) -> int:
    """Return how much of what is open is in no need that is: so that who adds up finds the same number."""
    if report.until != report.made_at or report.left_out.keys() & {"needs", "open"}:
        return 0
    dated = {(each.gateway, each.session_id, each.code) for each in report.needs if each.end is None}
    return sum((each.gateway, each.session_id, each.code) not in dated for each in report.open)


def _outages(report: Report, times: Times) -> list[str]:
    left_out = report.left_out.get("outages", 0)
    rows = []
    for group in together(report.outages):
        unwatched = max(outage.unwatched_s for outage in group)
        why = causes(group) + (f" ({spoken(unwatched)} of it not watched)" if unwatched >= MINUTE else "")
        span = length([outage.down_s for outage in group])
        rows.append(row(where(group), times.begin(group), times.end(group), span, why))
    lines = [f"## Outages: {len(report.outages) + left_out or 'none'}"]
    lines += _table(heading("Where", "From", "To", "For", "Cause"), rows, left_out)
    if unknown := report.not_looked_up:
        were = many(unknown, "session was", "sessions were")
        lines += ["", f"{were} not connected before; since when and why was not looked up."]
    return lines


def _actions(report: Report, times: Times) -> list[str]:
    if not report.actions and not report.counts:
        return []
    rows = [
        row(
            times.at(deed.at),
            name(deed.who),
            prose(deed.action.replace("_", " ")),
            where([deed]),
            f"{outcome(deed.outcome)}{f': {prose(deed.text)}' if deed.text else ''}",
        )
        for deed in report.actions
    ]
    table = heading("When", "Who", "What", "Where", "Outcome")
    counts = [
        f"- {name(each.who)} {prose(each.action.replace('_', ' '))}: {each.number} {outcome(each.outcome)}"
        for each in report.counts
    ]
    left_out = report.left_out.get("actions", 0)
    return ["## Done", *_table(table, rows, left_out, newest=True), *([""] if counts else []), *counts]


def _sayings(title: str, said: Sequence[Said], left_out: int, times: Times) -> list[str]:
    rows = [row(times.at(each.at), where_said(each), prose(each.text)) for each in said]
    if not rows:
        return []
    table = heading("When", "Where", "What")
    return [f"## {title}", *_table(table, rows, left_out, newest=True)]


def where_said(said: Said) -> str:
    """Return whom something was said of."""
    return " ".join(name(part) for part in (said.gateway, said.session_id) if part) or NOTHING


def _traffic(report: Report, times: Times) -> list[str]:
    rows = [
        row(name(each.gateway), str(each.messages), str(each.sessions), times.at(each.since))
        for each in report.traffic
    ]
    table = heading("Gateway", "In and out", "Sessions that tell it", "From")
    return ["## Messages", *_table(table, rows, 0)] if rows else []


def _by_gateway(report: Report) -> list[str]:
    rows = [
        row(
            name(each.gateway),
            prose(each.state or "not configured"),
            f"{each.outages}{f' ({spoken(each.down_s)})' if each.outages else ''}",
            f"{each.sessions_hit} of {each.sessions}",
            str(each.session_outages),
            spoken(each.session_down_s),
        )
        for each in report.by_gateway
    ]
    table = heading("Gateway", "Now", "Own outages", "Sessions hit", "Their outages", "Down in all")
    return ["## By gateway", *_table(table, rows, 0)] if rows else []


def _by_user(report: Report) -> list[str]:
    rows = [
        row(
            name(each.user_id) if each.user_id is not None else "without a user",
            str(each.sessions_hit),
            str(each.outages),
            spoken(each.down_s),
            str(each.needs),
        )
        for each in report.by_user
    ]
    table = heading("User", "Sessions hit", "Outages", "Down in all", "Needed a person")
    return ["## By user", *_table(table, rows, 0)] if rows else []


def _table(head: Sequence[str], rows: Sequence[str], left_out: int, *, newest: bool = False) -> list[str]:
    """Return a table of as many rows as somebody reads, and how many there are more."""
    if not rows:
        return []
    more = max(0, len(rows) - MOST_ROWS)
    shown = rows[more:] if newest else rows[:MOST_ROWS]
    notes = []
    if more:
        notes.append(f"{many(more, 'more row')}: --format json has them.")
    if left_out:
        notes.append(f"{left_out} more are counted in the sums alone.")
    return ["", *head, *shown, *([""] if notes else []), *notes]
